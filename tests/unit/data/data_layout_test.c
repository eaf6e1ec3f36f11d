/* The layout of samples over steps, shards and ranks, for many sizes and 1 to 16 ranks. */
#include "unit.h"

#include "base/partition.h"
#include "data/layout.h"

#include <stdbool.h>
#include <stdlib.h>

enum { MOST_RANKS = 16 };

static const size_t sizes[] = {1, 2, 3, 7, 16, 31, 100, 257};
static const size_t batches[] = {1, 2, 3, 8, 33, 100, 300};
static const size_t shard_counts[] = {1, 2, 3, 4, 7, 16, 40};

/* Walks over all steps and shards: they follow one another without gap or overlap, so each position
 * is used once; shards of a step differ by one sample at most. */
static void check_shards(const ls_layout *layout) {
  size_t at = 0, largest = 0;
  for (size_t step = 0; step < ls_layout_steps(layout); step++) {
    size_t batch = ls_layout_batch(layout, step), start = at;
    bool last = step + 1 == ls_layout_steps(layout);
    assert_true(batch >= 1 && (last ? batch <= layout->batch : batch == layout->batch));
    for (size_t shard = 0; shard < layout->shards; shard++) {
      size_t first, end;
      ls_layout_shard(layout, step, shard, &first, &end);
      assert_int_equal(first, at);
      assert_true(end >= first);
      assert_true(end - first == batch / layout->shards ||
                  end - first == (batch + layout->shards - 1) / layout->shards);
      if (end - first > largest) largest = end - first;
      at = end;
    }
    assert_int_equal(at - start, batch);
  }
  assert_int_equal(at, layout->samples);
  assert_int_equal(largest, ls_layout_largest_shard(layout));
}

/* Ranks, in their order, have ranges of whole shards: so the order of positions is that of shards,
 * which does not depend on ranks. */
static void check_ranks(const ls_layout *layout) {
  for (size_t step = 0; step < ls_layout_steps(layout); step++) {
    size_t at = step * layout->batch;
    for (size_t rank = 0; rank < layout->ranks; rank++) {
      size_t first, end;
      ls_layout_rank(layout, step, rank, &first, &end);
      assert_int_equal(first, at);
      for (size_t shard = ls_partition_begin(layout->shards, layout->ranks, rank);
           shard < ls_partition_begin(layout->shards, layout->ranks, rank + 1); shard++) {
        size_t shard_first, shard_end;
        ls_layout_shard(layout, step, shard, &shard_first, &shard_end);
        assert_int_equal(shard_first, at);
        at = shard_end;
      }
      assert_int_equal(end, at);
    }
    assert_int_equal(at, step * layout->batch + ls_layout_batch(layout, step));
  }
}

static void every_position_once(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    for (size_t k = 0; k < COUNT_OF(batches); k++) {
      for (size_t s = 0; s < COUNT_OF(shard_counts); s++) {
        ls_layout layout = {sizes[i], batches[k], shard_counts[s], 1};
        check_shards(&layout);
        for (; layout.ranks <= MOST_RANKS; layout.ranks++) check_ranks(&layout);
      }
    }
  }
}

/* A few by hand: a partial batch, and more shards than samples in it. */
static void by_hand(void **state) {
  (void)state;
  ls_layout layout = {10, 4, 3, 2};
  static const size_t expected[3][3][2] = {
      {{0, 1}, {1, 2}, {2, 4}}, {{4, 5}, {5, 6}, {6, 8}}, {{8, 8}, {8, 9}, {9, 10}}};
  size_t first, end;
  assert_int_equal(ls_layout_steps(&layout), 3);
  assert_int_equal(ls_layout_batch(&layout, 2), 2);
  for (size_t step = 0; step < 3; step++) {
    for (size_t shard = 0; shard < 3; shard++) {
      ls_layout_shard(&layout, step, shard, &first, &end);
      assert_int_equal(first, expected[step][shard][0]);
      assert_int_equal(end, expected[step][shard][1]);
    }
  }
  ls_layout_rank(&layout, 2, 0, &first, &end);
  assert_true(first == 8 && end == 8);
  ls_layout_rank(&layout, 2, 1, &first, &end);
  assert_true(first == 8 && end == 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_position_once),
      cmocka_unit_test(by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
