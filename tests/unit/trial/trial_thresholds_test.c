/* Decision thresholds against scikit-learn (tests/reference/thresholds.txt), and at their edges. */
#include "unit.h"

#include "trial/thresholds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 128 };

static ls_score score_named(const char *name) {
  if (strcmp(name, "f1") == 0) return LS_SCORE_F1;
  return strcmp(name, "accuracy") == 0 ? LS_SCORE_ACCURACY : LS_SCORE_BALANCED_ACCURACY;
}

static void as_scikit_learn(void **state) {
  (void)state;
  FILE *file = fopen("tests/reference/thresholds.txt", "r");
  if (!file) fail_msg("no tests/reference/thresholds.txt (run this in the project's folder)");
  static threshold_counts counts;
  char score[32];
  size_t count, cases = 0;
  double expected;
  for (; fscanf(file, "%zu %31s %lf", &count, score, &expected) == 3; cases++) {
    double probabilities[MOST];
    assert_in_range(count, 1, MOST);
    memset(&counts, 0, sizeof counts);
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(fscanf(file, "%lf", &probabilities[i]), 1);
    }
    for (size_t i = 0; i < count; i++) {
      int label;
      assert_int_equal(fscanf(file, "%d", &label), 1);
      thresholds_count(&counts, label == 1, (ls_real)probabilities[i]);
    }
    expect_near(thresholds_best(&counts, score_named(score)), expected, 1e-12);
  }
  fclose(file);
  assert_int_equal(cases, 15);
}

/* A probability is above the thresholds below it, and not above an equal one. */
static void edges(void **state) {
  (void)state;
  static const struct {
    double probability;
    size_t above;
  } cases[] = {{0, 0},         {1e-9, 1}, {0.001, 1}, {0.0011, 2}, {0.5, 500},
               {0.9995, 1000}, {1, 1000}, {2, 1000},  {-1, 0},     {NAN, 0}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    static threshold_counts counts;
    memset(&counts, 0, sizeof counts);
    thresholds_count(&counts, true, (ls_real)cases[i].probability);
    expect_near(counts.of[1][cases[i].above], 1, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_scikit_learn),
      cmocka_unit_test(edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
