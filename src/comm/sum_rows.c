/* Sums over all shards within a pass, of which layers that use the whole minibatch's statistics
 * need a few numbers each. */
#include "comm/reducer.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* Adds rows[k][count], each the partial sum of some shards, in the tree: those of all ranks in
 * their order. Row 0 is the sum. */
static void add_in_tree(const ls_reducer *r, size_t count, double *rows) {
  const size_t ranks = (size_t)r->group->size;
  const double *next = rows;
  tree_stack stack = {.depth = 0};
  for (size_t rank = 0; rank < ranks; rank++) {
    tree_stack cover;
    tree_cover(ls_partition_begin(r->shards, ranks, rank),
               ls_partition_begin(r->shards, ranks, rank + 1), &cover, NULL);
    for (size_t k = 0; k < cover.depth; k++, next += count) {
      tree_push_row(&stack, cover.nodes[k], count, next, rows);
    }
  }
  tree_join_rest(&stack, count, rows);
}

void ls_reducer_sum_rows(ls_reducer *r, size_t count, double *rows) {
  const size_t ranks = (size_t)r->group->size;
  size_t most, all, before = 0;
  ls_reducer_sums(r->shards, ranks, 1, &most, &all);
  for (size_t rank = 0; rank < (size_t)r->group->rank; rank++) {
    before += sum_slots(r->shards, ranks, 1, rank);
  }
  double *sums = ls_new(all * count, sizeof *sums);
  if (!sums) {
    r->status = LS_FAILED;
    return;
  }
  memcpy(sums + before * count, rows, r->slots * count * sizeof *sums);
  double began = reducer_begin_wait();
  int status = ls_group_allreduce_doubles(r->group, sums, all * count);
  reducer_end_wait(r, began);
  if (status != LS_OK) r->status = status;
  add_in_tree(r, count, sums);
  memcpy(rows, sums, count * sizeof *rows);
  free(sums);
}
