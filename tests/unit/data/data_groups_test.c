/* Groups in splits: against scikit-learn (tests/reference/groups.txt), fractions, subsets. */
#include "unit.h"

#include "data/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 128 };

typedef struct group_case {
  size_t count, classes, folds;
  int64_t values[MOST];
  int32_t labels[MOST];
  size_t plain[MOST], stratified[MOST]; /* folds */
} group_case;

static bool read_case(group_case *c, FILE *file) {
  if (fscanf(file, "%zu %zu %zu", &c->count, &c->classes, &c->folds) != 3) return false;
  assert_in_range(c->count, 1, MOST);
  for (size_t i = 0; i < c->count; i++) {
    long value;
    assert_int_equal(fscanf(file, "%ld", &value), 1);
    c->values[i] = value;
  }
  for (size_t i = 0; i < c->count; i++) assert_int_equal(fscanf(file, "%d", &c->labels[i]), 1);
  for (size_t i = 0; i < c->count; i++) assert_int_equal(fscanf(file, "%zu", &c->plain[i]), 1);
  for (size_t i = 0; i < c->count; i++) assert_int_equal(fscanf(file, "%zu", &c->stratified[i]), 1);
  return true;
}

static ls_samples all(size_t n) {
  ls_samples samples;
  assert_int_equal(ls_samples_choose(&samples, n, n, NULL, NULL), LS_OK);
  return samples;
}

/* Checks that exactly the samples of the fold validate. */
static void expect_fold(const ls_split *split, const size_t *folds, size_t fold, size_t n) {
  bool validates[MOST] = {false};
  assert_int_equal(split->train_count + split->validation_count, n);
  for (size_t i = 0; i < split->validation_count; i++) validates[split->validation[i]] = true;
  for (size_t i = 0; i < split->train_count; i++) assert_false(validates[split->train[i]]);
  for (size_t i = 0; i < n; i++) assert_int_equal(validates[i], folds[i] == fold);
}

static void folds_as_scikit_learn(void **state) {
  (void)state;
  FILE *file = fopen("tests/reference/groups.txt", "r");
  if (!file) fail_msg("no tests/reference/groups.txt (run this in the project's folder)");
  group_case c;
  size_t cases = 0;
  for (; read_case(&c, file); cases++) {
    const ls_strata strata = {c.labels, c.classes + 1}; /* and a class that does not occur */
    ls_samples samples = all(c.count);
    ls_groups groups;
    assert_int_equal(ls_groups_create(&groups, &samples, c.values), LS_OK);
    for (size_t fold = 0; fold < 2 * c.folds; fold++) {
      const bool by_class = fold >= c.folds;
      ls_split split;
      assert_int_equal(ls_split_group_fold(&split, &samples, &groups, c.folds, fold % c.folds,
                                           by_class ? &strata : NULL),
                       LS_OK);
      expect_fold(&split, by_class ? c.stratified : c.plain, fold % c.folds, c.count);
      ls_split_free(&split);
    }
    ls_groups_destroy(&groups);
    ls_samples_free(&samples);
  }
  fclose(file);
  assert_int_equal(cases, 6);
}

/* A fraction of the groups, rounded up; another one with another seed. Samples that are not in the
 * list have no part in it. */
static void fraction_of_groups(void **state) {
  (void)state;
  enum { N = 60, GROUPS = 9 };
  int64_t values[N];
  for (int64_t i = 0; i < N; i++) values[i] = i < 50 ? i % GROUPS - 4 : 1000;
  ls_samples samples;
  assert_int_equal(ls_samples_choose(&samples, N, 50, NULL, NULL), LS_OK);
  ls_groups groups;
  assert_int_equal(ls_groups_create(&groups, &samples, values), LS_OK);
  assert_int_equal(groups.count, GROUPS);
  bool chosen[2][GROUPS] = {{false}};
  for (uint64_t seed = 0; seed < 2; seed++) {
    ls_split split;
    size_t count = 0;
    assert_int_equal(ls_split_group_fraction(&split, &samples, &groups, 0.3, seed), LS_OK);
    assert_int_equal(split.train_count + split.validation_count, 50);
    for (size_t i = 0; i < split.validation_count; i++) {
      chosen[seed][values[split.validation[i]] + 4] = true;
    }
    for (size_t i = 0; i < split.train_count; i++) {
      assert_false(chosen[seed][values[split.train[i]] + 4]);
    }
    for (size_t g = 0; g < GROUPS; g++) count += chosen[seed][g];
    assert_int_equal(count, 3); /* 2.7 */
    ls_split_free(&split);
  }
  assert_memory_not_equal(chosen[0], chosen[1], sizeof chosen[0]);
  ls_groups_destroy(&groups);
  ls_samples_free(&samples);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds_as_scikit_learn),
      cmocka_unit_test(fraction_of_groups),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
