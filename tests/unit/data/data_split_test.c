/* Subsets and splits: where every sample is, the proportions of classes, seeds. */
#include "unit.h"

#include "data/split.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 128, CLASSES = 4 };

/* Classes of very different sizes, spread over the samples: 1 in 2, 1 in 4, 1 in 8, ... */
static int32_t labels[MOST];
static const ls_strata strata = {labels, CLASSES};

static int make_labels(void **state) {
  (void)state;
  for (int32_t i = 0; i < MOST; i++) {
    labels[i] = i % 2 == 0 ? 0 : i % 4 == 1 ? 2 : i % 8 == 3 ? 1 : 3;
  }
  return 0;
}

static ls_samples all(size_t n) {
  ls_samples samples;
  assert_int_equal(ls_samples_choose(&samples, n, n, NULL, NULL), LS_OK);
  return samples;
}

/* Counts how often each sample trains and validates. */
static void count(const ls_split *split, unsigned char *trains, unsigned char *validates) {
  for (size_t i = 0; i < split->train_count; i++) trains[split->train[i]]++;
  for (size_t i = 0; i < split->validation_count; i++) validates[split->validation[i]]++;
}

/* The number of samples of each class. */
static void count_classes(const uint32_t *numbers, size_t n, size_t counts[CLASSES]) {
  memset(counts, 0, CLASSES * sizeof *counts);
  for (size_t i = 0; i < n; i++) counts[labels[numbers[i]]]++;
}

/* ---- Subsets --------------------------------------------------------------------------------- */

static void first_samples(void **state) {
  (void)state;
  ls_samples samples;
  assert_int_equal(ls_samples_choose(&samples, 20, 7, NULL, NULL), LS_OK);
  assert_int_equal(samples.count, 7);
  for (uint32_t i = 0; i < 7; i++) assert_int_equal(samples.numbers[i], i);
  ls_samples_free(&samples);
  assert_null(samples.numbers);
}

/* By hand: of 32 samples 16, 4, 8 and 4 are of the classes, whose proportions of 4 are 2, 1/2, 1,
 * 1/2. */
static void first_of_each_class(void **state) {
  (void)state;
  static const uint32_t expected[] = {0, 1, 2, 7};
  ls_samples samples;
  assert_int_equal(ls_samples_choose(&samples, 32, 4, &strata, NULL), LS_OK);
  assert_memory_equal(samples.numbers, expected, sizeof expected);
  ls_samples_free(&samples);
}

/* Ascending, each once, every class within one of its proportion; other samples with another seed.
 * */
static void drawn(void **state) {
  (void)state;
  for (size_t n = 1; n <= MOST; n += 9) {
    for (size_t wanted = 1; wanted <= n; wanted += 4) {
      for (int stratified = 0; stratified < 2; stratified++) {
        const uint64_t seed = 5;
        ls_samples samples, whole = all(n);
        size_t counts[CLASSES], totals[CLASSES];
        const ls_strata *by = stratified ? &strata : NULL;
        assert_int_equal(ls_samples_choose(&samples, n, wanted, by, &seed), LS_OK);
        assert_int_equal(samples.count, wanted);
        for (size_t i = 1; i < wanted; i++) {
          assert_true(samples.numbers[i] > samples.numbers[i - 1]);
        }
        assert_true(samples.numbers[wanted - 1] < n);
        count_classes(samples.numbers, wanted, counts);
        count_classes(whole.numbers, n, totals);
        for (size_t c = 0; c < CLASSES && stratified; c++) {
          double proportion = (double)wanted * (double)totals[c] / (double)n;
          assert_true(fabs((double)counts[c] - proportion) < 1);
        }
        ls_samples_free(&samples);
        ls_samples_free(&whole);
      }
    }
  }
}

static void drawn_by_seed(void **state) {
  (void)state;
  const uint64_t one = 1, two = 2;
  ls_samples a, b, c;
  assert_int_equal(ls_samples_choose(&a, MOST, 40, NULL, &one), LS_OK);
  assert_int_equal(ls_samples_choose(&b, MOST, 40, NULL, &one), LS_OK);
  assert_int_equal(ls_samples_choose(&c, MOST, 40, NULL, &two), LS_OK);
  assert_memory_equal(a.numbers, b.numbers, 40 * sizeof *a.numbers);
  assert_memory_not_equal(a.numbers, c.numbers, 40 * sizeof *a.numbers);
  assert_true(a.numbers[39] > 80); /* not only the first ones */
  ls_samples_free(&a);
  ls_samples_free(&b);
  ls_samples_free(&c);
}

/* ---- Splits ---------------------------------------------------------------------------------- */

static void split_test_part(void **state) {
  (void)state;
  ls_samples train = all(5), test = all(3);
  ls_split split;
  assert_int_equal(ls_split_test(&split, &train, &test), LS_OK);
  assert_true(split.train_count == 5 && split.validation_count == 3);
  assert_int_equal(split.validation_part, LS_TEST);
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(split.train[i], i);
  for (uint32_t i = 0; i < 3; i++) assert_int_equal(split.validation[i], i);
  ls_split_free(&split);
  assert_null(split.train);
  ls_samples_free(&train);
  ls_samples_free(&test);
}

static void split_fraction(void **state) {
  (void)state;
  static const struct {
    size_t samples;
    double fraction;
    size_t train;
  } cases[] = {{100, 0.25, 75}, {10, 0.15, 8}, {7, 0.5, 3}, {60000, 1.0 / 6, 50000}, {3, 0.9, 0}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_samples train = all(cases[i].samples);
    ls_split split;
    assert_int_equal(ls_split_fraction(&split, &train, cases[i].fraction, NULL, NULL), LS_OK);
    assert_int_equal(split.train_count, cases[i].train);
    assert_int_equal(split.validation_count, cases[i].samples - cases[i].train);
    assert_int_equal(split.validation_part, LS_TRAIN);
    for (uint32_t k = 0; k < split.train_count; k++) assert_int_equal(split.train[k], k);
    for (uint32_t k = 0; k < split.validation_count; k++) {
      assert_int_equal(split.validation[k], cases[i].train + k);
    }
    ls_split_free(&split);
    ls_samples_free(&train);
  }
}

/* Shuffled and stratified, of a subset: each of its samples once, in the proportions of the
 * classes. */
static void split_fraction_stratified(void **state) {
  (void)state;
  const uint64_t seed = 3;
  for (int shuffled = 0; shuffled < 2; shuffled++) {
    ls_samples train;
    ls_split split;
    size_t counts[CLASSES], totals[CLASSES], moved = 0;
    unsigned char trains[MOST] = {0}, validates[MOST] = {0};
    assert_int_equal(ls_samples_choose(&train, MOST, 90, NULL, &seed), LS_OK);
    int status = ls_split_fraction(&split, &train, 0.3, &strata, shuffled ? &seed : NULL);
    assert_int_equal(status, LS_OK);
    assert_int_equal(split.train_count, 62); /* 90 times 0.7 is less than 63 by rounding */
    count(&split, trains, validates);
    for (size_t i = 0; i < 90; i++) {
      uint32_t number = train.numbers[i];
      assert_int_equal(trains[number] + validates[number], 1);
    }
    count_classes(train.numbers, 90, totals);
    count_classes(split.train, split.train_count, counts);
    for (size_t c = 0; c < CLASSES; c++) {
      assert_true(fabs((double)counts[c] - 62.0 / 90 * (double)totals[c]) < 1);
    }
    for (size_t i = 1; i < split.train_count; i++) {
      moved += split.train[i] < split.train[i - 1];
    }
    assert_true(shuffled ? moved > 10 : moved == 0);
    ls_split_free(&split);
    ls_samples_free(&train);
  }
}

/* Over the folds each sample validates once and trains in all the other folds; with strata the
 * numbers of each class differ by one sample at most. */
static void check_folds(const ls_samples *train, size_t folds, const ls_strata *by) {
  size_t n = train->count, moved = 0, least[CLASSES], most[CLASSES] = {0};
  unsigned char trains[MOST] = {0}, validates[MOST] = {0};
  for (size_t c = 0; c < CLASSES; c++) least[c] = n;
  for (size_t fold = 0; fold < folds; fold++) {
    ls_split split;
    size_t counts[CLASSES];
    assert_int_equal(ls_split_fold(&split, train, folds, fold, by, 9), LS_OK);
    assert_int_equal(split.validation_part, LS_TRAIN);
    assert_int_equal(split.train_count + split.validation_count, n);
    assert_true(split.validation_count == n / folds || split.validation_count == n / folds + 1);
    count(&split, trains, validates);
    count_classes(split.validation, split.validation_count, counts);
    for (size_t c = 0; c < CLASSES; c++) {
      if (counts[c] < least[c]) least[c] = counts[c];
      if (counts[c] > most[c]) most[c] = counts[c];
    }
    for (size_t v = 1; v < split.validation_count; v++) {
      moved += split.validation[v] != split.validation[v - 1] + 1;
    }
    ls_split_free(&split);
  }
  for (size_t s = 0; s < n; s++) {
    assert_int_equal(validates[train->numbers[s]], 1);
    assert_int_equal(trains[train->numbers[s]], folds - 1);
  }
  for (size_t c = 0; c < CLASSES && by; c++) assert_true(most[c] - least[c] <= 1);
  if (n > 10) assert_true(moved > 0); /* shuffled */
}

static void split_folds(void **state) {
  (void)state;
  static const size_t samples[] = {2, 7, 50, 101}, folds[] = {2, 3, 5, 7};
  for (size_t i = 0; i < COUNT_OF(samples); i++) {
    for (size_t k = 0; k < COUNT_OF(folds); k++) {
      const uint64_t seed = 1;
      ls_samples train = all(samples[i]), some;
      check_folds(&train, folds[k], NULL);
      check_folds(&train, folds[k], &strata);
      assert_int_equal(ls_samples_choose(&some, MOST, samples[i], NULL, &seed), LS_OK);
      check_folds(&some, folds[k], NULL);
      check_folds(&some, folds[k], &strata);
      ls_samples_free(&train);
      ls_samples_free(&some);
    }
  }
}

static void folds_by_seed(void **state) {
  (void)state;
  ls_samples train = all(60);
  for (int stratified = 0; stratified < 2; stratified++) {
    const ls_strata *by = stratified ? &strata : NULL;
    ls_split one, same, other;
    assert_int_equal(ls_split_fold(&one, &train, 3, 1, by, 4), LS_OK);
    assert_int_equal(ls_split_fold(&same, &train, 3, 1, by, 4), LS_OK);
    assert_int_equal(ls_split_fold(&other, &train, 3, 1, by, 5), LS_OK);
    assert_memory_equal(one.validation, same.validation, 20 * sizeof *one.validation);
    assert_memory_not_equal(one.validation, other.validation, 20 * sizeof *one.validation);
    ls_split_free(&one);
    ls_split_free(&same);
    ls_split_free(&other);
  }
  ls_samples_free(&train);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_samples),
      cmocka_unit_test(first_of_each_class),
      cmocka_unit_test(drawn),
      cmocka_unit_test(drawn_by_seed),
      cmocka_unit_test(split_test_part),
      cmocka_unit_test(split_fraction),
      cmocka_unit_test(split_fraction_stratified),
      cmocka_unit_test(split_folds),
      cmocka_unit_test(folds_by_seed),
  };
  return cmocka_run_group_tests(tests, make_labels, NULL);
}
