/* The arithmetic of who uses which sample, and the splits, for many sizes and 1 to 16 ranks. */
#include "unit.h"

#include "lockstep/feed.h"
#include "lockstep/split.h"

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

/* Ranks, in their order, have runs of whole shards: so the order of positions is that of shards,
 * which knows nothing of ranks. */
static void check_ranks(const ls_layout *layout) {
  for (size_t step = 0; step < ls_layout_steps(layout); step++) {
    size_t at = step * layout->batch;
    for (size_t rank = 0; rank < layout->ranks; rank++) {
      size_t first, end;
      ls_layout_rank(layout, step, rank, &first, &end);
      assert_int_equal(first, at);
      for (size_t shard = ls_part_begin(layout->shards, layout->ranks, rank);
           shard < ls_part_begin(layout->shards, layout->ranks, rank + 1); shard++) {
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

/* Counts how often each sample trains and validates. */
static void count(const ls_split *split, unsigned char *trains, unsigned char *validates) {
  for (size_t i = 0; i < split->train_count; i++) trains[split->train[i]]++;
  for (size_t i = 0; i < split->validation_count; i++) validates[split->validation[i]]++;
}

static void split_test_part(void **state) {
  (void)state;
  ls_dataset dataset = {.count = {5, 3}};
  ls_split split;
  assert_int_equal(ls_split_test(&split, &dataset), LS_OK);
  assert_true(split.train_count == 5 && split.validation_count == 3);
  assert_int_equal(split.validation_part, LS_TEST);
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(split.train[i], i);
  for (uint32_t i = 0; i < 3; i++) assert_int_equal(split.validation[i], i);
  ls_split_free(&split);
  assert_null(split.train);
}

static void split_fraction(void **state) {
  (void)state;
  static const struct {
    size_t samples;
    double fraction;
    size_t train;
  } cases[] = {{100, 0.25, 75}, {10, 0.15, 8}, {7, 0.5, 3}, {60000, 1.0 / 6, 50000}, {3, 0.9, 0}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_dataset dataset = {.count = {cases[i].samples, 3}};
    ls_split split;
    assert_int_equal(ls_split_fraction(&split, &dataset, cases[i].fraction), LS_OK);
    assert_int_equal(split.train_count, cases[i].train);
    assert_int_equal(split.validation_count, cases[i].samples - cases[i].train);
    assert_int_equal(split.validation_part, LS_TRAIN);
    for (uint32_t k = 0; k < split.train_count; k++) assert_int_equal(split.train[k], k);
    for (uint32_t k = 0; k < split.validation_count; k++) {
      assert_int_equal(split.validation[k], cases[i].train + k);
    }
    ls_split_free(&split);
  }
}

/* Over the folds each sample validates once and trains in all the other folds. */
static void split_folds(void **state) {
  (void)state;
  static const size_t samples[] = {2, 7, 50, 101}, folds[] = {2, 3, 5, 7};
  for (size_t i = 0; i < COUNT_OF(samples); i++) {
    for (size_t k = 0; k < COUNT_OF(folds); k++) {
      size_t n = samples[i], moved = 0;
      ls_dataset dataset = {.count = {n, 0}};
      unsigned char trains[128] = {0}, validates[128] = {0};
      for (size_t fold = 0; fold < folds[k]; fold++) {
        ls_split split;
        assert_int_equal(ls_split_fold(&split, &dataset, folds[k], fold, 9), LS_OK);
        assert_int_equal(split.validation_part, LS_TRAIN);
        assert_int_equal(split.train_count + split.validation_count, n);
        size_t least = n / folds[k];
        assert_true(split.validation_count == least || split.validation_count == least + 1);
        count(&split, trains, validates);
        for (size_t v = 1; v < split.validation_count; v++) {
          moved += split.validation[v] != split.validation[v - 1] + 1;
        }
        ls_split_free(&split);
      }
      for (size_t s = 0; s < n; s++) {
        assert_int_equal(validates[s], 1);
        assert_int_equal(trains[s], folds[k] - 1);
      }
      if (n > 10) assert_true(moved > 0); /* shuffled */
    }
  }
}

static void folds_by_seed(void **state) {
  (void)state;
  ls_dataset dataset = {.count = {60, 0}};
  ls_split one, same, other;
  assert_int_equal(ls_split_fold(&one, &dataset, 3, 1, 4), LS_OK);
  assert_int_equal(ls_split_fold(&same, &dataset, 3, 1, 4), LS_OK);
  assert_int_equal(ls_split_fold(&other, &dataset, 3, 1, 5), LS_OK);
  assert_memory_equal(one.validation, same.validation, 20 * sizeof *one.validation);
  assert_memory_not_equal(one.validation, other.validation, 20 * sizeof *one.validation);
  ls_split_free(&one);
  ls_split_free(&same);
  ls_split_free(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_position_once), cmocka_unit_test(by_hand),
      cmocka_unit_test(split_test_part),     cmocka_unit_test(split_fraction),
      cmocka_unit_test(split_folds),         cmocka_unit_test(folds_by_seed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
