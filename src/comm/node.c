/* Sums among the ranks of a node, in memory that they share, in one of two ways, whose results are
 * the same.
 *
 * Direct: ranks read one another's partial sums where these were made, and new weights where they
 * were updated. That is the least work, and fast where caches are shared.
 *
 * By streams: each rank has a mailbox, to which the others copy their partial sums of its column,
 * and an outbox, from which they take its new weights; what is copied there goes past the caches
 * (stream.h). Nobody then reads what somebody else goes on writing by ordinary stores, which is
 * several times faster where ranks are on different dies or sockets.
 *
 * Which way it is the node's first rank finds out by trying, again and again, since neither the
 * operating system nor a virtual machine has to leave ranks where they are.
 *
 * Nobody writes what others may still read. A rank has read what others write next when it
 * publishes, and whoever delivers again has collected from all. */
#include "base/clock.h"
#include "base/memory.h"
#include "comm/barrier.h"
#include "comm/check.h"
#include "comm/reducer.h"
#include "comm/stream.h"
#include "comm/window.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum deed { DELIVERED, PUBLISHED, DEEDS } deed;

/* Buckets with which a rank has done each since the beginning, on a line of its own. */
typedef struct progress {
  _Alignas(64) _Atomic uint64_t done[DEEDS];
} progress;

/* In front of the first rank's memory. */
typedef struct head {
  shared_barrier barrier;
  _Alignas(64) bool streams; /* what the next step does: written before the barrier */
  progress progress[];       /* [mate] */
} head;

/* Steps between two trials of both ways, and steps of a trial. The first of these may have to do
 * with what the way before has left in caches, and does not count. */
enum { TRIAL_PERIOD = 512, TRIAL_STEPS = 6 };

typedef struct node {
  ls_group group; /* the node's ranks */
  MPI_Win window;
  head *head;
  shard_sum *sum;     /* whose inputs these are */
  ls_real **weights;  /* [mate], each [padded]; behind them: */
  ls_real **partials; /* [mate], [deepest there][padded] */
  ls_real **outboxes; /* [mate], [column_length] */
  ls_real **letters;  /* [mate], where this rank's partial sums begin in that one's mailbox */
  uint64_t before;    /* buckets of the steps that are done */
  bool streams;       /* in this step */

  /* Of the first rank: when the step began, steps since the last trial began, and the shortest of
   * each way in it. */
  double begun, shortest[2];
  int steps;
} node;

/* ---- Making and releasing ----------------------------------------------------------------------
 */

/* Partial sums of the ranks of the node before `end`, but for one. */
static size_t slots_before(const ls_reducer *r, size_t end, size_t except) {
  size_t slots = 0;
  for (size_t mate = 0; mate < end; mate++) {
    if (mate == except) continue;
    slots += sum_slots(r->shards, (size_t)r->group->size, 1, r->node * r->mates + mate);
  }
  return slots;
}

/* Finds everybody's memory, at the beginning of which the first rank has its head. */
static int find(ls_reducer *r, size_t head_bytes) {
  node *n = r->memory;
  int status = LS_OK;
  for (size_t mate = 0; mate < r->mates && status == LS_OK; mate++) {
    char *start = NULL;
    status = window_find(n->window, (int)mate, &start);
    if (mate == 0) {
      n->head = (head *)(void *)start;
      start += head_bytes;
    }
    n->weights[mate] = (ls_real *)(void *)start;
    n->outboxes[mate] = n->weights[mate] + r->padded;
    n->letters[mate] = n->outboxes[mate] + (1 + slots_before(r, r->local, mate)) * r->column_length;
    n->partials[mate] =
        n->outboxes[mate] + (1 + slots_before(r, r->mates, mate)) * r->column_length;
  }
  return status;
}

/* Where the partial sums of other ranks are, in the way at hand. */
static void set_inputs(const ls_reducer *r) {
  const node *n = r->memory;
  const ls_real *mailed = n->outboxes[r->local] + r->column_length;
  for (size_t i = 0; i < n->sum->input_count; i++) {
    sum_input *input = &n->sum->inputs[i];
    const size_t mate = input->member % r->mates;
    const bool packed = n->streams && mate != r->local;
    input->values = packed ? mailed : n->partials[mate] + input->slot * r->padded;
    input->packing = packed ? &r->column : NULL;
    if (packed) mailed += r->column_length;
  }
}

/* Local. */
static int allocate(ls_reducer *r) {
  node *n = r->memory = ls_new(1, sizeof *n);
  if (!n) return LS_FAILED;
  n->window = MPI_WIN_NULL;
  n->shortest[0] = n->shortest[1] = INFINITY;
  n->weights = ls_new(r->mates, sizeof *n->weights);
  n->partials = ls_new(r->mates, sizeof *n->partials);
  n->outboxes = ls_new(r->mates, sizeof *n->outboxes);
  n->letters = ls_new(r->mates, sizeof *n->letters);
  return n->weights && n->partials && n->outboxes && n->letters ? LS_OK : LS_FAILED;
}

int node_create(ls_reducer *r, shard_sum *s) {
  int status = ls_group_agree(r->group, allocate(r));
  if (status != LS_OK) return status;
  node *n = r->memory;
  n->sum = s;
  status = ls_group_create(&n->group, r->group->comm, (int)r->node);
  if (status != LS_OK) return status;
  const size_t head_bytes = sizeof *n->head + r->mates * sizeof(progress);
  size_t count = (1 + r->deepest) * r->padded;
  count += (1 + slots_before(r, r->mates, r->local)) * r->column_length;
  status = window_allocate(&n->window, &n->group,
                           count * sizeof(ls_real) + (r->local == 0 ? head_bytes : 0));
  if (status == LS_OK) status = find(r, head_bytes);
  if (status != LS_OK) return status;
  r->weights = n->weights[r->local];
  r->partials = n->partials[r->local];
  set_inputs(r);
  if (r->local == 0) memset(n->head, 0, head_bytes);
  return ls_mpi_check(MPI_Barrier(n->group.comm), "MPI_Barrier");
}

void node_destroy(ls_reducer *r) {
  node *n = r->memory;
  if (!n) return;
  window_free(&n->window);
  if (n->group.size > 0) ls_group_free(&n->group);
  free(n->weights);
  free(n->partials);
  free(n->outboxes);
  free(n->letters);
  free(n);
}

/* ---- A step ------------------------------------------------------------------------------------
 */

void node_begin(ls_reducer *r) {
  r->memory->begun = ls_clock_seconds();
}

/* The run of a rank's column in a bucket, in whole blocks. */
static size_t column_run(const ls_reducer *r, size_t mate, size_t bucket, size_t *begin) {
  const ls_block_cyclic column = {mate * r->column.width, r->column.width, r->column.stride,
                                  r->padded};
  return ls_block_cyclic_block(&column, bucket, begin);
}

/* What `progress` says of a bucket that is through. */
static uint64_t mark_of(const ls_reducer *r, size_t bucket) {
  return r->memory->before + r->buckets - bucket;
}

static void tell(ls_reducer *r, deed what, size_t bucket) {
  stream_end();
  atomic_store_explicit(&r->memory->head->progress[r->local].done[what], mark_of(r, bucket),
                        memory_order_release);
}

static bool all_have(const ls_reducer *r, deed what, size_t bucket) {
  const progress *p = r->memory->head->progress;
  bool all = true;
  for (size_t mate = 0; mate < r->mates; mate++) {
    all &= atomic_load_explicit(&p[mate].done[what], memory_order_acquire) >= mark_of(r, bucket);
  }
  return all;
}

/* To the next rank first, so that not all copy to the same memory at a time. */
void node_deliver(ls_reducer *r, size_t bucket) {
  node *n = r->memory;
  for (size_t k = 1; n->streams && k < r->mates; k++) {
    size_t mate = (r->local + k) % r->mates, begin, count = column_run(r, mate, bucket, &begin);
    for (size_t slot = 0; slot < r->slots && count > 0; slot++) {
      stream_copy(n->letters[mate] + slot * r->column_length + bucket * r->column.width,
                  r->partials + slot * r->padded + begin, count);
    }
  }
  tell(r, DELIVERED, bucket);
}

bool node_delivered(const ls_reducer *r, size_t bucket) {
  return all_have(r, DELIVERED, bucket);
}

void node_publish(ls_reducer *r, size_t bucket) {
  node *n = r->memory;
  size_t begin, count = column_run(r, r->local, bucket, &begin);
  if (n->streams && count > 0) {
    stream_copy(n->outboxes[r->local] + bucket * r->column.width, r->weights + begin, count);
  }
  tell(r, PUBLISHED, bucket);
}

bool node_published(const ls_reducer *r, size_t bucket) {
  return all_have(r, PUBLISHED, bucket);
}

void node_collect(ls_reducer *r, size_t bucket) {
  const node *n = r->memory;
  for (size_t k = 1; k < r->mates; k++) {
    size_t mate = (r->local + k) % r->mates, begin, count = column_run(r, mate, bucket, &begin);
    if (count == 0) continue;
    const ls_real *from =
        n->streams ? n->outboxes[mate] + bucket * r->column.width : n->weights[mate] + begin;
    memcpy(r->weights + begin, from, count * sizeof *from);
  }
}

/* Of the first rank, after a step: the way of the next one. */
static bool choose(node *n) {
  const double seconds = ls_clock_seconds() - n->begun;
  const int step = n->steps++;
  if (step % TRIAL_STEPS > 0 && step < 2 * TRIAL_STEPS) {
    double *shortest = &n->shortest[n->streams];
    if (seconds < *shortest) *shortest = seconds;
  }
  if (step == TRIAL_STEPS - 1) return !n->streams;
  if (step == 2 * TRIAL_STEPS - 1) return n->shortest[1] < n->shortest[0];
  if (step < TRIAL_PERIOD) return n->streams;
  n->steps = 0;
  n->shortest[0] = n->shortest[1] = INFINITY;
  return n->streams;
}

uint32_t node_meet(ls_reducer *r, uint32_t word) {
  node *n = r->memory;
  if (r->left[REDUCE_COLLECT] == 0) n->before += r->buckets;
  if (r->local == 0) n->head->streams = choose(n);
  word = barrier_wait(&n->head->barrier, (uint32_t)r->mates, word, reducer_relax);
  if (n->streams != n->head->streams) {
    n->streams = !n->streams;
    set_inputs(r);
  }
  return word;
}
