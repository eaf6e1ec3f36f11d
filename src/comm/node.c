/* Reduction among the ranks of a node, in shared memory, in one of two ways with the same results.
 *
 * Direct: ranks read one another's partial sums where these were made, and new weights where they
 * were updated. That is the least work, and fast where caches are shared.
 *
 * Streamed: each rank has receive buffers, to which the others copy their partial sums of its node
 * range, and a send buffer, from which they copy its new weights. These copies bypass the caches
 * (stream.h). No rank then reads memory that another keeps writing by ordinary stores, which is
 * several times faster where ranks are on different dies or sockets.
 *
 * The node's first rank chooses the way by measuring both, every TUNING_PERIOD steps, since the
 * operating system or a virtual machine may move ranks.
 *
 * No rank writes memory that others may still read: a rank that shares its new weights has read all
 * partial sums of the bucket, and one that shares sums again has copied the weights of all. */
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

/* What a rank makes available to the others, bucket by bucket. */
typedef enum shared_data { SHARED_SUMS, SHARED_WEIGHTS, SHARED_KINDS } shared_data;

/* Buckets that a rank has made available since the beginning, on a cache line of its own. */
typedef struct node_progress {
  _Alignas(64) _Atomic uint64_t buckets[SHARED_KINDS];
} node_progress;

/* At the beginning of the first rank's memory. */
typedef struct node_header {
  shared_barrier barrier;
  _Alignas(64) bool streams; /* what the next step does: written before the barrier */
  node_progress progress[];  /* [node rank] */
} node_header;

/* Steps from one measurement of both ways to the next, and steps measured of each. The first of
 * these may depend on what the other way has left in caches, and does not count. */
enum { TUNING_PERIOD = 512, TUNING_STEPS = 6 };

typedef struct node_memory {
  ls_group group; /* the node's ranks */
  window *memory;
  node_header *header;
  shard_sum *sum; /* of the ranks' partial sums */

  /* Memory of each of the node's ranks, one after the other: [node rank]. */
  ls_real **weights;         /* [padded] */
  ls_real **send_buffers;    /* [node_range_length] */
  ls_real **receive_buffers; /* where this rank's partial sums begin in that rank's: [slot][...] */
  ls_real **partials;        /* [most_partials of that rank][padded] */

  uint64_t before; /* buckets of the steps that are done */
  bool streams;    /* in this step */

  /* On the first rank. */
  double began;       /* when the step did */
  double shortest[2]; /* the shortest step of each way in this measurement */
  int steps;          /* since it began */
} node_memory;

/* ---- Making and releasing -------------------------------------------------------------------- */

/* Partial sums of the ranks of the node before `end`, without those of one. */
static size_t slots_before(const ls_reducer *r, size_t end, size_t except) {
  size_t slots = 0;
  for (size_t rank = 0; rank < end; rank++) {
    if (rank == except) continue;
    slots += sum_slots(r->shards, (size_t)r->group->size, 1, r->node * r->node_ranks + rank);
  }
  return slots;
}

/* Finds the memory of all ranks; that of the first begins with the header. */
static void find_memory(ls_reducer *r, size_t header_bytes) {
  node_memory *n = r->node_memory;
  for (size_t rank = 0; rank < r->node_ranks; rank++) {
    char *start = window_find(n->memory, (int)rank);
    if (rank == 0) {
      n->header = (node_header *)(void *)start;
      start += header_bytes;
    }
    n->weights[rank] = (ls_real *)(void *)start;
    n->send_buffers[rank] = n->weights[rank] + r->padded;
    n->receive_buffers[rank] =
        n->send_buffers[rank] + (1 + slots_before(r, r->node_rank, rank)) * r->node_range_length;
    n->partials[rank] =
        n->send_buffers[rank] + (1 + slots_before(r, r->node_ranks, rank)) * r->node_range_length;
  }
}

/* Sets where the partial sums are, depending on the way. */
static void set_inputs(const ls_reducer *r) {
  const node_memory *n = r->node_memory;
  const ls_real *received = n->send_buffers[r->node_rank] + r->node_range_length;
  for (size_t i = 0; i < n->sum->input_count; i++) {
    sum_input *input = &n->sum->inputs[i];
    const size_t rank = input->member % r->node_ranks;
    const bool packed = n->streams && rank != r->node_rank;
    input->values = packed ? received : n->partials[rank] + input->slot * r->padded;
    input->packing = packed ? &r->node_range : NULL;
    if (packed) received += r->node_range_length;
  }
}

/* Local. */
static int allocate(ls_reducer *r) {
  node_memory *n = r->node_memory = ls_new(1, sizeof *n);
  if (!n) return LS_FAILED;
  n->shortest[0] = n->shortest[1] = INFINITY;
  n->weights = ls_new(r->node_ranks, sizeof *n->weights);
  n->partials = ls_new(r->node_ranks, sizeof *n->partials);
  n->send_buffers = ls_new(r->node_ranks, sizeof *n->send_buffers);
  n->receive_buffers = ls_new(r->node_ranks, sizeof *n->receive_buffers);
  return n->weights && n->partials && n->send_buffers && n->receive_buffers ? LS_OK : LS_FAILED;
}

int node_create(ls_reducer *r, shard_sum *s) {
  int status = ls_group_agree(r->group, allocate(r));
  if (status != LS_OK) return status;
  node_memory *n = r->node_memory;
  n->sum = s;
  status = ls_group_create(&n->group, r->group->comm, (int)r->node);
  if (status != LS_OK) return status;
  const size_t header_bytes = sizeof *n->header + r->node_ranks * sizeof(node_progress);
  size_t count = (1 + r->most_partials) * r->padded;
  count += (1 + slots_before(r, r->node_ranks, r->node_rank)) * r->node_range_length;
  status = window_create(&n->memory, &n->group,
                         count * sizeof(ls_real) + (r->node_rank == 0 ? header_bytes : 0));
  if (status != LS_OK) return status;
  find_memory(r, header_bytes);
  r->weights = n->weights[r->node_rank];
  r->partials = n->partials[r->node_rank];
  set_inputs(r);
  if (r->node_rank == 0) memset(n->header, 0, header_bytes);
  return ls_group_agree(&n->group, LS_OK); /* all ranks see the header cleared */
}

void node_destroy(ls_reducer *r) {
  node_memory *n = r->node_memory;
  if (!n) return;
  window_free(&n->memory);
  if (n->group.size > 0) ls_group_free(&n->group);
  free(n->weights);
  free(n->partials);
  free(n->send_buffers);
  free(n->receive_buffers);
  free(n);
}

/* ---- A step ---------------------------------------------------------------------------------- */

void node_begin(ls_reducer *r) {
  r->node_memory->began = ls_clock_seconds();
}

/* The node range of a node's rank in a bucket, in whole blocks: returns its length. */
static size_t range_of(const ls_reducer *r, size_t rank, size_t bucket, size_t *begin) {
  const ls_block_cyclic range = {rank * r->node_range.width, r->node_range.width,
                                 r->node_range.stride, r->padded};
  return ls_block_cyclic_block(&range, bucket, begin);
}

/* The number that node_progress has when a bucket is available. */
static uint64_t number_of(const ls_reducer *r, size_t bucket) {
  return r->node_memory->before + r->buckets - bucket;
}

static void set_shared(ls_reducer *r, shared_data what, size_t bucket) {
  node_progress *own = &r->node_memory->header->progress[r->node_rank];
  stream_end();
  atomic_store_explicit(&own->buckets[what], number_of(r, bucket), memory_order_release);
}

static bool all_shared(const ls_reducer *r, shared_data what, size_t bucket) {
  const node_progress *p = r->node_memory->header->progress;
  const uint64_t number = number_of(r, bucket);
  bool all = true;
  for (size_t rank = 0; rank < r->node_ranks; rank++) {
    all &= atomic_load_explicit(&p[rank].buckets[what], memory_order_acquire) >= number;
  }
  return all;
}

/* Whether all elements of a block are divided, so that no other rank reads this rank's sums. */
static bool is_divided(const ls_reducer *r, size_t first) {
  const reducer_range *next = reducer_divided_from(r, first);
  return next && next->first <= first && first + LS_BLOCK <= next->end;
}

/* Copies those of this rank's partial sums that are in elements [begin, begin + count), whole
 * blocks of the node range of another rank, to its receive buffer. */
static void stream_sums(ls_reducer *r, size_t rank, size_t bucket, size_t begin, size_t count) {
  for (size_t slot = 0; slot < r->slots; slot++) {
    ls_real *to = r->node_memory->receive_buffers[rank] + slot * r->node_range_length +
                  bucket * r->node_range.width;
    const ls_real *from = r->partials + slot * r->padded + begin;
    for (size_t done = 0; done < count; done += LS_BLOCK) {
      if (!is_divided(r, begin + done)) stream_copy(to + done, from + done, LS_BLOCK);
    }
  }
}

/* Copies to the next rank first, so that not all ranks copy to the same memory at a time. */
void node_share_sums(ls_reducer *r, size_t bucket) {
  node_memory *n = r->node_memory;
  for (size_t k = 1; n->streams && k < r->node_ranks; k++) {
    size_t rank = (r->node_rank + k) % r->node_ranks, begin,
           count = range_of(r, rank, bucket, &begin);
    stream_sums(r, rank, bucket, begin, count);
  }
  set_shared(r, SHARED_SUMS, bucket);
}

bool node_sums_shared(const ls_reducer *r, size_t bucket) {
  return all_shared(r, SHARED_SUMS, bucket);
}

void node_share_weights(ls_reducer *r, size_t bucket) {
  node_memory *n = r->node_memory;
  size_t begin, count = range_of(r, r->node_rank, bucket, &begin);
  if (n->streams && count > 0) {
    stream_copy(n->send_buffers[r->node_rank] + bucket * r->node_range.width, r->weights + begin,
                count);
  }
  set_shared(r, SHARED_WEIGHTS, bucket);
}

bool node_weights_shared(const ls_reducer *r, size_t bucket) {
  return all_shared(r, SHARED_WEIGHTS, bucket);
}

void node_copy_weights(ls_reducer *r, size_t bucket) {
  const node_memory *n = r->node_memory;
  for (size_t k = 1; k < r->node_ranks; k++) {
    size_t rank = (r->node_rank + k) % r->node_ranks, begin,
           count = range_of(r, rank, bucket, &begin);
    if (count == 0) continue;
    const ls_real *from = n->streams ? n->send_buffers[rank] + bucket * r->node_range.width
                                     : n->weights[rank] + begin;
    memcpy(r->weights + begin, from, count * sizeof *from);
  }
}

/* On the first rank, after a step: returns whether the next one is streamed. */
static bool choose_streams(node_memory *n) {
  const double seconds = ls_clock_seconds() - n->began;
  const int step = n->steps++;
  if (step % TUNING_STEPS > 0 && step < 2 * TUNING_STEPS) {
    double *shortest = &n->shortest[n->streams];
    if (seconds < *shortest) *shortest = seconds;
  }
  if (step == TUNING_STEPS - 1) return !n->streams;
  if (step == 2 * TUNING_STEPS - 1) return n->shortest[1] < n->shortest[0];
  if (step < TUNING_PERIOD) return n->streams;
  n->steps = 0;
  n->shortest[0] = n->shortest[1] = INFINITY;
  return n->streams;
}

uint32_t node_barrier(ls_reducer *r, uint32_t flags) {
  node_memory *n = r->node_memory;
  if (r->remaining[REDUCE_COPY_BACK] == 0) n->before += r->buckets;
  if (r->node_rank == 0) n->header->streams = choose_streams(n);
  flags = barrier_wait(&n->header->barrier, (uint32_t)r->node_ranks, flags, barrier_relax_serving);
  if (n->streams != n->header->streams) {
    n->streams = !n->streams;
    set_inputs(r);
  }
  return flags;
}
