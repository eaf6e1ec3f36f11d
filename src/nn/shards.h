/* How the samples of a batch are divided into shards, and the order in which what is summed over
 * samples is added: each shard's sum by itself, and these in a fixed binary tree
 * (base/binary_tree.h), so that the bits do not depend on which rank has which shards.
 *
 * A rank that has consecutive shards adds them with a stack: it pushes each shard's sum, then joins
 * the two sums on top as often as the tree allows. What remains, one sum or a few, is for other
 * ranks to add. All functions are local. */
#ifndef LS_NN_SHARDS_H
#define LS_NN_SHARDS_H

#include "lockstep/types.h"

#include <stddef.h>

typedef struct ls_shards ls_shards;

/* Replaces row 0 of rows[shard][count] by the sum over all shards of the minibatch, on all ranks
 * that have shards of it; the other rows are undefined afterwards. Collective over these ranks. */
typedef void (*ls_sum_over_shards)(void *context, size_t count, double *rows);

struct ls_shards {
  size_t first;               /* number of the first of them in the minibatch */
  size_t count;               /* shards of the batch */
  size_t *begin;              /* [count + 1]: shard s has samples begin[s] .. begin[s + 1] - 1 */
  size_t *joins;              /* [count]: additions that follow pushing each shard's sum */
  size_t sums;                /* that remain of all shards */
  size_t depth;               /* sums that the stack holds at most */
  size_t stride;              /* reals from one sum of flat gradients to the next */
  ls_sum_over_shards sum_all; /* or NULL: no other rank has shards */
  void *context;              /* of sum_all */
};

/* For shards `first` to `end` - 1 of a minibatch, all of them empty. ls_shards_destroy in any case.
 * LS_FAILED without memory. */
int ls_shards_create(ls_shards *shards, size_t first, size_t end);
void ls_shards_destroy(ls_shards *shards);

/* The samples [*first, *end) of remaining sum k. */
void ls_shards_samples(const ls_shards *shards, size_t k, size_t *first, size_t *end);

/* Adds rows[shard][count] over all shards of the minibatch: afterwards row 0 is the sum. */
void ls_shards_sum(const ls_shards *shards, size_t count, double *rows);

/* The same over the shards of this batch alone; what remains are the first shards->sums rows. */
void ls_shards_join(const ls_shards *shards, size_t count, double *rows);

/* Adds the sum of shard `shard`, `count` reals at `top`, to those of earlier shards, which precede
 * it shards->stride apart, as often as the tree allows. Returns where the sum of the next shard
 * goes.
 */
ls_real *ls_shards_push(const ls_shards *shards, size_t shard, size_t count, ls_real *top);

/* sums[k][j] = sum of x[row][j], [rows, width], over the rows of the shards that remaining sum k
 * consists of, in ascending order within a shard; each sample has `rows` rows, and sums[k] begins
 * at sums + k * shards->stride. */
void ls_shards_sum_rows(const ls_shards *shards, size_t rows, size_t width, const ls_real *x,
                        ls_real *sums);

#endif
