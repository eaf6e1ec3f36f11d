/* Fitting transforms to the training samples: to their inputs, or to a target of theirs.
 *
 * The samples go through a feed whose layout is always the same: SHARDS shards, read in blocks of
 * at most BLOCK samples. Each shard has its own sums, which are combined in the order of shards, so
 * that they are the same for any number of ranks. Rank 0 has the first shards and combines them at
 * once; the sums of the others follow, one shard at a time. Rank 0 alone computes
 * values from the sums: eigenvectors need not be the same on another type of processor. */
#include "data/fit.h"

#include "base/memory.h"
#include "base/partition.h"
#include "data/feed.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

enum { SHARDS = 16, BLOCK = 256 };

typedef struct fitting {
  ls_transforms *chain;
  const size_t *target; /* number of the target that the chain is of; NULL: it is of inputs */
  const ls_peers *peers;
  ls_layout layout;
  ls_feed *feed;
  size_t first, end; /* this rank's shards */
  ls_real *x;        /* a block of inputs or targets */
  double *scratch;   /* as many elements as x */
  uint32_t *ids;     /* the block's sample numbers */
  double *total;     /* on rank 0: sums over the shards so far */
  double *partial;   /* sums over one shard */
  double *own;       /* on other ranks: sums over each of its shards */
} fitting;

/* ---- One pass -------------------------------------------------------------------------------- */

static int allocate_sums(fitting *f, size_t count) {
  size_t kept = f->peers->rank == 0 ? 0 : f->end - f->first;
  f->total = ls_new(f->peers->rank == 0 ? count : 0, sizeof *f->total);
  f->partial = ls_new(count, sizeof *f->partial);
  f->own = ls_new(kept * count, sizeof *f->own);
  return f->total && f->partial && f->own ? LS_OK : LS_FAILED;
}

static void free_sums(fitting *f) {
  free(f->total);
  free(f->partial);
  free(f->own);
  f->total = f->partial = f->own = NULL;
}

static void add_to_total(fitting *f, const ls_transform *t, size_t pass) {
  if (t->type->combine) {
    t->type->combine(t, pass, f->partial, f->total);
    return;
  }
  for (size_t i = 0; i < t->sum_counts[pass]; i++) f->total[i] += f->partial[i];
}

/* Reads a block of what the chain is of; returns the number of samples. */
static size_t read_block(fitting *f, size_t step, size_t shard) {
  if (!f->target) return ls_feed_read(f->feed, step, shard, f->x, f->ids, NULL, 0);
  const ls_feed_target values = {.target = *f->target, .values = f->x};
  return ls_feed_read(f->feed, step, shard, NULL, f->ids, &values, 1);
}

static void sum_shard(fitting *f, const ls_transform *t, size_t pass, size_t shard, double *sums) {
  memset(sums, 0, t->sum_counts[pass] * sizeof *sums);
  for (size_t step = 0; step < ls_layout_steps(&f->layout); step++) {
    size_t n = read_block(f, step, shard);
    if (n > 0) t->type->accumulate(t, pass, n, f->x, f->scratch, sums);
  }
}

/* Collective: combines the sums of all shards on rank 0. */
static int sum_shards(fitting *f, const ls_transform *t, size_t pass) {
  size_t count = t->sum_counts[pass];
  bool leads = f->peers->rank == 0;
  for (size_t shard = f->first; shard < f->end; shard++) {
    sum_shard(f, t, pass, shard, leads ? f->partial : f->own + (shard - f->first) * count);
    if (leads) add_to_total(f, t, pass);
  }
  int status = LS_OK;
  size_t others = ls_partition_begin(SHARDS, (size_t)f->peers->size, 1);
  for (size_t shard = others; shard < SHARDS && status == LS_OK; shard++) {
    bool mine = !leads && shard >= f->first && shard < f->end;
    memset(f->partial, 0, count * sizeof *f->partial);
    if (mine) memcpy(f->partial, f->own + (shard - f->first) * count, count * sizeof *f->partial);
    status = f->peers->sum(f->peers->context, f->partial, count);
    if (leads) add_to_total(f, t, pass);
  }
  return status;
}

/* Collective: broadcasts rank 0's values. */
static int broadcast_values(const fitting *f, ls_transform *t) {
  double *values = ls_new(t->value_count, sizeof *values);
  int status = f->peers->agree(f->peers->context, values ? LS_OK : LS_FAILED);
  for (size_t i = 0; status == LS_OK && f->peers->rank == 0 && i < t->value_count; i++) {
    values[i] = (double)t->values[i];
  }
  if (status == LS_OK) status = f->peers->sum(f->peers->context, values, t->value_count);
  for (size_t i = 0; status == LS_OK && i < t->value_count; i++) {
    t->values[i] = (ls_real)values[i];
  }
  free(values);
  return status;
}

static int run_pass(fitting *f, ls_transform *t, size_t pass) {
  int status = f->peers->agree(f->peers->context, allocate_sums(f, t->sum_counts[pass]));
  if (status == LS_OK) status = sum_shards(f, t, pass);
  if (status == LS_OK) {
    int learnt = f->peers->rank == 0 ? t->type->learn(t, pass, f->total) : LS_OK;
    status = f->peers->agree(f->peers->context, learnt);
  }
  if (status == LS_OK) status = broadcast_values(f, t);
  free_sums(f);
  return status;
}

/* ---- All transforms -------------------------------------------------------------------------- */

static int allocate(fitting *f, ls_pool *pool) {
  size_t count = BLOCK * ls_transforms_largest(f->chain);
  f->x = ls_new(count, sizeof *f->x);
  f->scratch = ls_new(count, sizeof *f->scratch);
  f->ids = ls_new(BLOCK, sizeof *f->ids);
  if (!f->x || !f->scratch || !f->ids) return LS_FAILED;
  return ls_feed_create(&f->feed, pool, &f->layout, f->target ? NULL : f->chain);
}

/* `target` NULL: the chain is of inputs. */
static int fit(ls_transforms *chain, ls_pool *pool, const uint32_t *order, size_t count,
               const size_t *target) {
  if (chain->ready == chain->count) return LS_OK;
  const ls_peers *peers = pool->peers;
  size_t ranks = (size_t)peers->size, rank = (size_t)peers->rank;
  fitting f = {.chain = chain,
               .target = target,
               .peers = peers,
               .layout = {count, SHARDS * BLOCK, SHARDS, ranks},
               .first = ls_partition_begin(SHARDS, ranks, rank),
               .end = ls_partition_begin(SHARDS, ranks, rank + 1)};
  int status = peers->agree(peers->context, allocate(&f, pool));
  if (status == LS_OK) status = ls_feed_start(f.feed, order);
  while (status == LS_OK && chain->ready < chain->count) {
    ls_transform *t = &chain->items[chain->ready];
    for (size_t pass = 0; pass < LS_MAX_PASSES && status == LS_OK; pass++) {
      if (t->type->learn && t->sum_counts[pass] > 0) status = run_pass(&f, t, pass);
    }
    chain->ready += status == LS_OK;
  }
  ls_feed_free(&f.feed);
  free(f.x);
  free(f.scratch);
  free(f.ids);
  return status;
}

int ls_transforms_fit(ls_transforms *chain, ls_pool *pool, const uint32_t *order, size_t count) {
  return fit(chain, pool, order, count, NULL);
}

int ls_transforms_fit_target(ls_transforms *chain, ls_pool *pool, const uint32_t *order,
                             size_t count, size_t target) {
  return fit(chain, pool, order, count, &target);
}

double ls_transforms_fit_bytes(const ls_transforms *chain, size_t ranks) {
  size_t sums = 0, own = SHARDS - ls_partition_begin(SHARDS, ranks, 1);
  for (size_t i = 0; i < chain->count; i++) {
    const ls_transform *t = &chain->items[i];
    for (size_t pass = 0; t->type->learn && pass < LS_MAX_PASSES; pass++) {
      if (t->sum_counts[pass] > sums) sums = t->sum_counts[pass];
    }
  }
  if (sums == 0) return 0;
  size_t block = BLOCK * ls_transforms_largest(chain) * (2 * sizeof(ls_real) + sizeof(double));
  /* What the routines of double precision take, measured; `partial` on every rank, `total` on the
   * first, `own` on the others. */
  const double routines = 7 << 20;
  return routines + (double)block +
         (double)((ranks + 1 + own) * sums * sizeof(double)) / (double)ranks;
}
