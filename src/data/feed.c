/* Which records a pass needs, where they are, and batches made of them. */
#include "data/feed.h"

#include "base/memory.h"
#include "base/partition.h"
#include "data/records.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

struct ls_feed {
  ls_pool *pool;
  ls_layout layout;
  size_t *step_start;              /* [steps + 1], samples of this rank before each step */
  uint32_t *ids;                   /* [samples of this rank], their numbers in the order of use */
  ls_records records;              /* the pool's, or those that have arrived from other ranks */
  uint32_t *places;                /* of the same samples among the records; may be `ids` */
  unsigned char *arrived;          /* NULL unless records are exchanged */
  const ls_transforms *transforms; /* or NULL */
  ls_real *work[2];                /* a shard's inputs on their way through the transforms */
};

static size_t feed_size(const ls_feed *feed) {
  return feed->step_start[ls_layout_steps(&feed->layout)];
}

static int allocate_work(ls_feed *feed, const ls_transforms *transforms) {
  if (!transforms || transforms->count == 0) return LS_OK;
  size_t count = ls_layout_largest_shard(&feed->layout) * ls_transforms_largest(transforms);
  for (int i = 0; i < 2; i++) feed->work[i] = ls_new(count, sizeof(ls_real));
  feed->transforms = transforms;
  return feed->work[0] && feed->work[1] ? LS_OK : LS_FAILED;
}

/* Sets how many samples this rank has before each step. */
static int count_samples(ls_feed *feed) {
  const size_t steps = ls_layout_steps(&feed->layout);
  feed->step_start = ls_new(steps + 1, sizeof *feed->step_start);
  for (size_t t = 0; feed->step_start && t < steps; t++) {
    size_t first, end;
    ls_layout_rank(&feed->layout, t, (size_t)feed->pool->peers->rank, &first, &end);
    feed->step_start[t + 1] = feed->step_start[t] + (end - first);
  }
  return feed->step_start ? LS_OK : LS_FAILED;
}

/* Memory for the numbers of this rank's samples, and for those that come from other ranks. */
static int allocate_samples(ls_feed *feed) {
  const ls_pool *pool = feed->pool;
  const size_t count = feed_size(feed);
  feed->ids = ls_new(count, sizeof *feed->ids);
  feed->places = feed->ids;
  if (pool->shared) {
    feed->records = *ls_node_samples_records(pool->shared);
    return feed->ids ? LS_OK : LS_FAILED;
  }
  feed->places = ls_new(count, sizeof *feed->places);
  feed->arrived = ls_new(count, pool->dataset->record_bytes);
  feed->records = ls_records_of(pool->dataset, feed->arrived);
  return feed->ids && feed->places && feed->arrived ? LS_OK : LS_FAILED;
}

int ls_feed_create(ls_feed **out, ls_pool *pool, const ls_layout *layout,
                   const ls_transforms *transforms) {
  ls_feed *feed = *out = ls_new(1, sizeof *feed);
  if (!feed) return LS_FAILED;
  feed->pool = pool;
  feed->layout = *layout;
  int status = count_samples(feed);
  if (status == LS_OK) status = allocate_samples(feed);
  if (status == LS_OK) status = allocate_work(feed, transforms);
  if (status != LS_OK) ls_feed_free(out);
  return status;
}

void ls_feed_free(ls_feed **out) {
  ls_feed *feed = *out;
  if (!feed) return;
  if (feed->places != feed->ids) free(feed->places);
  free(feed->step_start);
  free(feed->ids);
  free(feed->arrived);
  for (int i = 0; i < 2; i++) free(feed->work[i]);
  free(feed);
  *out = NULL;
}

/* Lists the numbers of this rank's samples in the order of use. */
static void list_samples(ls_feed *feed, const uint32_t *order) {
  size_t steps = ls_layout_steps(&feed->layout);
  for (size_t t = 0; t < steps; t++) {
    size_t first, end;
    ls_layout_rank(&feed->layout, t, (size_t)feed->pool->peers->rank, &first, &end);
    memcpy(feed->ids + feed->step_start[t], order + first, (end - first) * sizeof *order);
  }
}

/* The rank whose pool holds the sample. */
static int owner_of(const ls_pool *pool, uint32_t id) {
  return (int)ls_partition_of(pool->count, (size_t)pool->peers->size, id);
}

/* Packs this rank's records by the rank that will use them, each in the user's order of use.
 * `packed` may be NULL: then they are only counted. */
static void pack_records(const ls_feed *feed, const uint32_t *order, size_t *counts,
                         unsigned char *packed) {
  const ls_pool *pool = feed->pool;
  size_t bytes = pool->dataset->record_bytes, begin = pool_begin(pool, pool->peers->rank);
  size_t steps = ls_layout_steps(&feed->layout);
  for (int user = 0; user < pool->peers->size; user++) {
    counts[user] = 0;
    for (size_t t = 0; t < steps; t++) {
      size_t first, end;
      ls_layout_rank(&feed->layout, t, (size_t)user, &first, &end);
      for (size_t at = first; at < end; at++) {
        if (owner_of(pool, order[at]) != pool->peers->rank) continue;
        counts[user]++;
        if (!packed) continue;
        memcpy(packed, pool->own + (order[at] - begin) * bytes, bytes);
        packed += bytes;
      }
    }
  }
}

/* Finds the places of records that arrive sorted by owner, then by order of use, and exchanges
 * them.
 */
static int exchange_records(ls_feed *feed, const uint32_t *order) {
  const ls_pool *pool = feed->pool;
  const ls_peers *peers = pool->peers;
  size_t ranks = (size_t)peers->size, bytes = pool->dataset->record_bytes, sent = 0;
  size_t *counts = ls_new(3 * ranks, sizeof *counts);
  unsigned char *packed = NULL;
  int status = peers->agree(peers->context, counts ? LS_OK : LS_FAILED);
  if (status != LS_OK) goto done;
  size_t *send = counts, *receive = send + ranks, *next = receive + ranks;
  for (size_t i = 0; i < feed_size(feed); i++) receive[owner_of(pool, feed->ids[i])]++;
  for (size_t r = 1; r < ranks; r++) next[r] = next[r - 1] + receive[r - 1];
  for (size_t i = 0; i < feed_size(feed); i++) {
    feed->places[i] = (uint32_t)next[owner_of(pool, feed->ids[i])]++;
  }
  pack_records(feed, order, send, NULL);
  for (size_t r = 0; r < ranks; r++) sent += send[r];
  packed = ls_new(sent, bytes);
  status = peers->agree(peers->context, packed ? LS_OK : LS_FAILED);
  if (status != LS_OK) goto done;
  pack_records(feed, order, send, packed);
  status = peers->exchange(peers->context, bytes, packed, send, feed->arrived, receive);
done:
  free(packed);
  free(counts);
  return status;
}

int ls_feed_start(ls_feed *feed, const uint32_t *order) {
  list_samples(feed, order);
  return feed->pool->shared ? LS_OK : exchange_records(feed, order);
}

/* Records lie scattered over memory, so they are asked for ahead of their use: first one line of
 * each, so that pages are looked up side by side, then all of a few while one is decoded. */
enum { AHEAD = 2 };

static const unsigned char *input_at(const ls_feed *feed, size_t i) {
  return feed->records.inputs + feed->places[i] * feed->records.input_stride;
}

static const unsigned char *targets_at(const ls_feed *feed, size_t i) {
  return feed->records.targets + feed->places[i] * feed->records.target_stride;
}

static void prefetch_pages(const ls_feed *feed, size_t at, size_t n) {
  for (size_t i = at; i < at + n; i++) {
    __builtin_prefetch(input_at(feed, i));
    __builtin_prefetch(targets_at(feed, i));
  }
}

static void prefetch(const unsigned char *input, size_t bytes) {
  enum { CACHE_LINE = 64 };
  for (size_t i = 0; i < bytes; i += CACHE_LINE) __builtin_prefetch(input + i);
}

/* Reads what sample i of a shard has as targets. */
static void read_targets(const ls_dataset *dataset, const unsigned char *stored, size_t i,
                         const ls_feed_target *targets, size_t target_count) {
  for (size_t k = 0; k < target_count; k++) {
    const ls_feed_target *t = &targets[k];
    if (t->labels) t->labels[i] = ls_dataset_label(dataset, stored, t->target);
    if (t->values) {
      size_t width = dataset->targets[t->target].width;
      ls_dataset_values(dataset, stored, t->target, t->values + i * width);
    }
    if (t->weights) t->weights[i] = ls_dataset_weight_of(dataset, stored, t->weight);
  }
}

/* Takes n inputs in work[0] through the transforms to x. */
static void transform(const ls_feed *feed, size_t n, ls_real *x) {
  const ls_transforms *chain = feed->transforms;
  const ls_shape *shape = ls_transforms_reached(chain);
  const ls_real *result = ls_transforms_apply(chain, n, feed->work[0], feed->work[1]);
  memcpy(x, result, n * (size_t)ls_shape_size(shape) * sizeof *x);
}

size_t ls_feed_read(const ls_feed *feed, size_t step, size_t shard, ls_real *x, uint32_t *ids,
                    const ls_feed_target *targets, size_t target_count) {
  const ls_dataset *dataset = feed->pool->dataset;
  size_t mine, mine_end, first, end, size = (size_t)ls_shape_size(&dataset->shape);
  ls_layout_rank(&feed->layout, step, (size_t)feed->pool->peers->rank, &mine, &mine_end);
  ls_layout_shard(&feed->layout, step, shard, &first, &end);
  const size_t n = end - first, at = feed->step_start[step] + (first - mine);
  ls_real *inputs = feed->transforms ? feed->work[0] : x;
  prefetch_pages(feed, at, n);
  for (size_t i = 0; i < n; i++) {
    if (inputs && i + AHEAD < n) prefetch(input_at(feed, at + i + AHEAD), dataset->input_bytes);
    if (inputs) ls_dataset_decode(dataset, input_at(feed, at + i), inputs + i * size);
    read_targets(dataset, targets_at(feed, at + i), i, targets, target_count);
  }
  memcpy(ids, feed->ids + at, n * sizeof *ids);
  if (feed->transforms) transform(feed, n, x);
  return n;
}
