/* Orders of epochs: of all samples, and of blocks and windows. */
#include "data/shuffle.h"
#include "lockstep/error.h"
#include "lockstep/random.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT = 1000, GAP = 3 };

/* Samples that are not all of a part, in ascending order. */
static uint32_t *make_samples(void) {
  uint32_t *samples = new_array(COUNT, sizeof *samples);
  for (uint32_t i = 0; i < COUNT; i++) samples[i] = GAP * i + 1;
  return samples;
}

static void expect_all_once(const uint32_t *order) {
  bool seen[COUNT] = {false};
  for (size_t i = 0; i < COUNT; i++) {
    assert_true(order[i] % GAP == 1 && order[i] / GAP < COUNT && !seen[order[i] / GAP]);
    seen[order[i] / GAP] = true;
  }
}

/* Without a buffer, or with one for all samples: one permutation of all. */
static void shuffles_all(void **state) {
  (void)state;
  uint32_t *samples = make_samples(), expected[COUNT];
  const size_t buffers[] = {0, COUNT, COUNT + 1};
  ls_random_permutation((ls_stream){5, LS_RANDOM_SHUFFLE, 2, 0, 0}, COUNT, expected);
  for (size_t i = 0; i < COUNT; i++) expected[i] = samples[expected[i]];
  for (size_t k = 0; k < 3; k++) {
    ls_shuffle s;
    assert_int_equal(ls_shuffle_create(&s, NULL, samples, COUNT, buffers[k]), LS_OK);
    ls_shuffle_epoch(&s, 5, 2);
    assert_memory_equal(s.order, expected, sizeof expected);
    ls_shuffle_advance(&s, 0, 0, 1); /* there are no blocks */
    ls_shuffle_destroy(&s);
  }
  free(samples);
}

/* The samples of each window are those of its blocks. */
static void expect_windows(const ls_shuffle *s) {
  size_t at = 0;
  for (size_t first = 0; first < s->block_count; first += LS_SHUFFLE_BLOCKS) {
    bool of_window[COUNT] = {false};
    size_t count = 0;
    for (size_t k = first; k < s->block_count && k < first + LS_SHUFFLE_BLOCKS; k++) {
      for (size_t i = s->block_order[k] * s->block;
           i < (s->block_order[k] + 1) * s->block && i < COUNT; i++) {
        of_window[i] = true;
        count++;
      }
    }
    for (size_t i = at; i < at + count; i++) assert_true(of_window[s->order[i] / GAP]);
    at += count;
  }
  assert_int_equal(at, COUNT);
}

/* Any size of buffer, with a last block of any length. */
static void shuffles_windows(void **state) {
  (void)state;
  uint32_t *samples = make_samples(), first[COUNT];
  for (size_t buffer = 1; buffer < COUNT; buffer += buffer < 70 ? 1 : 13) {
    ls_shuffle s;
    assert_int_equal(ls_shuffle_create(&s, NULL, samples, COUNT, buffer), LS_OK);
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
      ls_shuffle_epoch(&s, 1, epoch);
      expect_all_once(s.order);
      expect_windows(&s);
      if (epoch > 0) assert_memory_not_equal(first, s.order, sizeof first);
      memcpy(first, s.order, sizeof first);
    }
    ls_shuffle_epoch(&s, 1, 2); /* the same again */
    assert_memory_equal(first, s.order, sizeof first);
    ls_shuffle_epoch(&s, 2, 2);
    assert_memory_not_equal(first, s.order, sizeof first);
    ls_shuffle_destroy(&s);
  }
  free(samples);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shuffles_all),
      cmocka_unit_test(shuffles_windows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
