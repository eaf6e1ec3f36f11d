/* What the machine can do. */
#include "capacity.h"

#include "lockstep/clock.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"

#include <stdlib.h>
#include <unistd.h>

static const size_t square_sizes[CAPACITY_SIZES] = {512, 1024};

/* ---- Products ----------------------------------------------------------------------------------
 */

static int run_product(void *context, size_t times, double *seconds) {
  const capacity_product *p = context;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times; k++) ls_product_compute(&p->product, p->memory);
  *seconds = ls_clock_seconds() - start;
  return LS_OK;
}

static int create_products(capacity *c, timing *t) {
  ls_bench *b = c->bench;
  size_t count = b->products.count, most = 0;
  c->products = ls_new(count + CAPACITY_SIZES, sizeof *c->products);
  b->product_seconds = ls_new(count, sizeof *b->product_seconds);
  if (!c->products || !b->product_seconds) return LS_FAILED;
  for (size_t i = 0; i < count + CAPACITY_SIZES; i++) {
    ls_product *p = &c->products[i].product;
    size_t size = i < count ? 0 : square_sizes[i - count];
    *p = i < count ? b->products.items[i] : (ls_product){.m = size, .n = size, .k = size};
    if (ls_product_size(p) > most) most = ls_product_size(p);
    timing_add(t, run_product, &c->products[i],
               i < count ? &b->product_seconds[i] : &c->square_seconds[i - count]);
  }
  c->operands = ls_new(most, sizeof *c->operands);
  if (!c->operands) return LS_FAILED;
  for (size_t i = 0; i < most; i++) c->operands[i] = (ls_real)(i % 101) / 1000;
  for (size_t i = 0; i < count + CAPACITY_SIZES; i++) c->products[i].memory = c->operands;
  return LS_OK;
}

/* ---- Memory ------------------------------------------------------------------------------------
 */

/* a = b + s c, and then with a and c in turned roles, so that nothing is left out. */
static void triad(size_t n, ls_real s, const ls_real *restrict b, const ls_real *restrict c,
                  ls_real *restrict a) {
  for (size_t i = 0; i < n; i++) a[i] = b[i] + s * c[i];
}

static int run_triad(void *context, size_t times, double *seconds) {
  capacity *c = context;
  ls_real *one = c->arrays, *other = one + 2 * c->length;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times; k++) {
    ls_real *to = k % 2 ? other : one, *from = k % 2 ? one : other;
    triad(c->length, (ls_real)0.5, one + c->length, from, to);
  }
  *seconds = ls_clock_seconds() - start;
  return LS_OK;
}

/* Each array is as large as the last-level cache, over all ranks of the node, so that of the three
 * none is there when its turn comes; but they take at most a quarter of the memory that is free. */
static int create_triad(capacity *c, int ranks_of_node, timing *t) {
  long cache = sysconf(_SC_LEVEL3_CACHE_SIZE), pages = sysconf(_SC_AVPHYS_PAGES);
  double bytes = (cache > 0 ? (double)cache : 64e6) / ranks_of_node;
  double most = (double)pages * (double)sysconf(_SC_PAGESIZE) / 4 / ranks_of_node;
  if (pages > 0 && 3 * bytes > most) bytes = most / 3;
  c->length = (size_t)(bytes / sizeof(ls_real));
  c->arrays = ls_new(3 * c->length, sizeof *c->arrays);
  if (!c->arrays) return LS_FAILED;
  for (size_t i = 0; i < 3 * c->length; i++) c->arrays[i] = 1;
  c->bench->memory_bytes = 3 * c->length * sizeof *c->arrays;
  timing_add(t, run_triad, c, &c->triad_seconds);
  return LS_OK;
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

enum { LONG_MESSAGE = 4 << 20, IN_A_ROW = 64 };

/* One rank of each node sends to the next node and receives from the one before, `count` messages
 * at a time, as all do in a reduction; *seconds is that of one of them. Afterwards every rank knows
 * what rank 0 has measured. */
static int exchange(capacity *c, int bytes, int count, size_t times, double *seconds) {
  int code = MPI_SUCCESS, size = c->nodes.size, rank = c->nodes.rank;
  MPI_Request requests[2 * IN_A_ROW];
  double start = ls_clock_seconds();
  for (size_t k = 0; size > 0 && k < times && code == MPI_SUCCESS; k++) {
    int begun = 0;
    for (int i = 0; i < count && code == MPI_SUCCESS; i++) {
      code = MPI_Irecv(c->message, bytes, MPI_BYTE, (rank + size - 1) % size, 0, c->nodes.comm,
                       &requests[begun]);
      if (code != MPI_SUCCESS) break;
      begun++;
      code = MPI_Isend(c->message + LONG_MESSAGE, bytes, MPI_BYTE, (rank + 1) % size, 0,
                       c->nodes.comm, &requests[begun]);
      begun += code == MPI_SUCCESS;
    }
    if (code == MPI_SUCCESS) code = MPI_Waitall(begun, requests, MPI_STATUSES_IGNORE);
  }
  *seconds = (ls_clock_seconds() - start) / count;
  if (code == MPI_SUCCESS) code = MPI_Bcast(seconds, 1, MPI_DOUBLE, 0, c->group->comm);
  return ls_mpi_check(code, "timing messages");
}

static int run_short(void *context, size_t times, double *seconds) {
  return exchange(context, 4, 1, times, seconds);
}

static int run_in_a_row(void *context, size_t times, double *seconds) {
  return exchange(context, 4, IN_A_ROW, times, seconds);
}

static int run_long(void *context, size_t times, double *seconds) {
  return exchange(context, LONG_MESSAGE, 1, times, seconds);
}

static int create_messages(capacity *c, timing *t) {
  if (c->bench->layout.nodes == 1) return LS_OK;
  c->message = ls_new(2, LONG_MESSAGE);
  if (!c->message) return LS_FAILED;
  c->bench->message_bytes = LONG_MESSAGE;
  timing_add(t, run_short, c, &c->bench->message);
  timing_add(t, run_in_a_row, c, &c->bench->message_gap);
  timing_add(t, run_long, c, &c->bench->message_long);
  return LS_OK;
}

/* ---- All of it ---------------------------------------------------------------------------------
 */

/* Collective: which ranks share a node. */
static int find_nodes(capacity *c, int *ranks_of_node) {
  const ls_group *group = c->group;
  ls_group node;
  int status = ls_group_create_node(&node, group->comm);
  int first = group->rank; /* of this node */
  if (status == LS_OK) {
    status = ls_mpi_check(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, node.comm),
                          "finding nodes");
  }
  *ranks_of_node = node.size;
  ls_group_free(&node);
  status = ls_group_agree(group, status);
  if (status != LS_OK) return status;
  int nodes = first == group->rank, sizes[2] = {*ranks_of_node, -*ranks_of_node};
  status = ls_group_agree(group, ls_group_create(&c->nodes, group->comm, nodes ? 0 : -1));
  if (status != LS_OK) return status;
  MPI_Allreduce(MPI_IN_PLACE, sizes, 2, MPI_INT, MPI_MAX, group->comm);
  c->bench->layout.ranks = (size_t)sizes[0];
  c->bench->predicts = sizes[0] == -sizes[1];
  status = ls_mpi_check(MPI_Allreduce(MPI_IN_PLACE, &nodes, 1, MPI_INT, MPI_SUM, group->comm),
                        "counting nodes");
  c->bench->layout.nodes = (size_t)nodes;
  return status;
}

int capacity_create(capacity *c, ls_bench *bench, const ls_group *group, timing *t) {
  int ranks_of_node = 1;
  *c = (capacity){.bench = bench, .group = group, .nodes.comm = MPI_COMM_NULL};
  int status = find_nodes(c, &ranks_of_node);
  if (status != LS_OK) return status;
  status = create_products(c, t);
  if (status == LS_OK) status = create_triad(c, ranks_of_node, t);
  if (status == LS_OK) status = create_messages(c, t);
  return ls_group_agree(group, status);
}

void capacity_destroy(capacity *c) {
  free(c->products);
  free(c->operands);
  free(c->arrays);
  free(c->message);
  if (c->group) ls_group_free(&c->nodes);
}

void capacity_finish(capacity *c) {
  ls_bench *b = c->bench;
  for (size_t i = 0; i < CAPACITY_SIZES; i++) {
    double size = (double)square_sizes[i], speed = 2 * size * size * size / c->square_seconds[i];
    if (speed <= b->peak) continue;
    b->peak = speed;
    b->peak_size = square_sizes[i];
  }
  for (size_t i = 0; i < b->products.count; i++) {
    b->products_seconds += (double)(b->products.items[i].times * b->shards) * b->product_seconds[i];
  }
  b->memory = (double)b->memory_bytes / c->triad_seconds;
  if (b->layout.nodes == 1) return;
  b->network = *ls_network_find(b->message > 5e-6 ? "ethernet" : "infiniband", NULL);
  b->network.name = "as measured";
  b->network.latency = b->message;
  b->network.gap = b->message_gap;
  b->network.bandwidth = (double)b->message_bytes / b->message_long;
}
