/* The speed of the machine, independent of the job. */
#include "bench/machine.h"

#include "base/clock.h"
#include "base/memory.h"
#include "comm/reduce.h"
#include "comm/ring.h"
#include "lockstep/error.h"
#include "nn/products/kernels.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- Multiply-adds in registers, the most that a core can do --------------------------------- */

enum { ROUNDS = 1 << 15 };

static void run_multiply_adds(void *context) {
  ls_bench *b = context;
  b->multiply_add_flops = ls_kernels_default()->multiply_adds(ROUNDS);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static void triad(size_t n, ls_real s, const ls_real *restrict b, const ls_real *restrict c,
                  ls_real *restrict a) {
  for (size_t i = 0; i < n; i++) a[i] = b[i] + s * c[i];
}

/* a and c alternate, so that the compiler cannot drop any iteration. */
static int run_triad(void *context, size_t times, double *seconds) {
  machine *m = context;
  ls_real *one = m->arrays, *other = one + 2 * m->length;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times; k++) {
    ls_real *to = k % 2 ? other : one, *from = k % 2 ? one : other;
    triad(m->length, (ls_real)0.5, one + m->length, from, to);
  }
  *seconds = ls_clock_seconds() - start;
  return LS_OK;
}

/* Over all ranks of the node each array is as large as the last-level cache, so that none of the
 * three is still cached when it is used again; but all take a quarter of the free memory at most.
 */
static int create_triad(machine *m, ls_bench *b, timing *t) {
  double ranks = (double)b->layout.ranks;
  long cache = sysconf(_SC_LEVEL3_CACHE_SIZE), pages = sysconf(_SC_AVPHYS_PAGES);
  double bytes = (cache > 0 ? (double)cache : 64e6) / ranks;
  double most = (double)pages * (double)sysconf(_SC_PAGESIZE) / 4 / ranks;
  if (pages > 0 && 3 * bytes > most) bytes = most / 3;
  m->length = (size_t)(bytes / sizeof(ls_real));
  m->arrays = ls_new(3 * m->length, sizeof *m->arrays);
  if (!m->arrays) return LS_FAILED;
  for (size_t i = 0; i < 3 * m->length; i++) m->arrays[i] = 1;
  b->triad_bytes = 3 * m->length * sizeof *m->arrays;
  timing_add(t, run_triad, m, 1, &b->triad);
  return LS_OK;
}

/* ---- Messages -------------------------------------------------------------------------------- */

/* Long messages are as long as those of the gradients. */
enum {
  LONG_MESSAGE = LS_BUCKET_BLOCKS * LS_BLOCK * sizeof(float),
  MANY = LS_RING_MOST,
  MANY_LONG = 16
};

/* Collective: messages around the ring, `count` at a time, as in a reduction. *seconds is what rank
 * 0 has measured. */
static int send_around(machine *m, int bytes, int count, size_t times, double *seconds) {
  int status = LS_OK;
  double start = ls_clock_seconds();
  for (size_t k = 0; m->ring.size > 0 && k < times && status == LS_OK; k++) {
    status = ls_ring_exchange(&m->ring, m->message + LONG_MESSAGE, m->message, bytes, count);
  }
  *seconds = ls_clock_seconds() - start;
  status = ls_group_agree(m->group, status);
  return status == LS_OK ? ls_group_broadcast(m->group, seconds, sizeof *seconds, 0) : status;
}

static int run_short(void *context, size_t times, double *seconds) {
  return send_around(context, 4, 1, times, seconds);
}

static int run_many(void *context, size_t times, double *seconds) {
  return send_around(context, 4, MANY, times, seconds);
}

static int run_long(void *context, size_t times, double *seconds) {
  return send_around(context, LONG_MESSAGE, MANY_LONG, times, seconds);
}

static int create_messages(machine *m, ls_bench *b, timing *t) {
  if (m->group->size == 1) return LS_OK;
  m->message = ls_new(2, LONG_MESSAGE);
  if (!m->message) return LS_FAILED;
  b->message_bytes = LONG_MESSAGE;
  timing_add(t, run_short, m, 1, &b->message);
  timing_add(t, run_many, m, MANY, &b->message_gap);
  timing_add(t, run_long, m, MANY_LONG, &b->message_long);
  return LS_OK;
}

/* ---- All ------------------------------------------------------------------------------------- */

/* Collective: finds which ranks share a node. Messages go between the first ranks of nodes or, on a
 * single node, between all ranks. */
static int find_nodes(machine *m, ls_bench *b) {
  const ls_group *group = m->group;
  ls_group node = {0};
  int status = ls_group_agree(group, ls_group_create_node(&node, group->comm));
  if (status != LS_OK) return status;
  bool first = node.rank == 0;
  int sizes[] = {node.size, -node.size};
  double nodes = first;
  ls_group_free(&node);
  status = ls_group_sum(group, &nodes, 1);
  if (status == LS_OK) status = ls_group_max_int(group, sizes, 2);
  if (status != LS_OK) return status;
  b->layout.nodes = (size_t)nodes;
  b->layout.ranks = (size_t)sizes[0];
  b->predictable = sizes[0] == -sizes[1];
  return ls_group_create(&m->ring, group->comm, first || nodes == 1 ? 0 : -1);
}

int machine_create(machine *m, ls_bench *b, const ls_group *group, timing *t) {
  *m = (machine){.group = group, .ring.comm = MPI_COMM_NULL};
  int status = ls_group_agree(group, find_nodes(m, b));
  if (status != LS_OK) return status;
  timing_add_once(t, run_multiply_adds, b, 1, &b->multiply_adds);
  status = create_triad(m, b, t);
  if (status == LS_OK) status = create_messages(m, b, t);
  return ls_group_agree(group, status);
}

void machine_destroy(machine *m) {
  if (m->group) ls_group_free(&m->ring);
  free(m->message);
  free(m->arrays);
}
