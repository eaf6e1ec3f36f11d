/* Which trials of a job are those of an earlier one. */
#include "job/extension.h"
#include "recipe.h"

/* A job with a variable; tests override its keys. */
static const char base[] =
    "name: a\nmodel: [dense: {units: $u, activation: $act}, dropout: $rate]\n"
    "train: {epochs: 3}\n"
    "sweep: {u: [4, 8], act: [relu, linear], rate: [0.5], replicates: 2}\n";

/* Compares the job with the settings to the one without them. */
static ls_extension compare(const char *const *sets, size_t count, ls_extension_scope scope,
                            const char *expected) {
  ls_extension e;
  char *differences = NULL;
  ls_job *past = read_job(base, NULL, 0), *job = read_job(base, sets, count);
  assert_int_equal(ls_extension_find(&e, &differences, job, ls_job_text(past), scope), LS_OK);
  assert_string_equal(differences ? differences : "none", expected ? expected : "none");
  free(differences);
  ls_job_free(&past);
  ls_job_free(&job);
  return e;
}

static ls_extension extend(const char *set) {
  return compare(&set, 1, LS_EXTENDS_ALL, NULL);
}

static void refuse(const char *set, const char *expected) {
  ls_extension e = compare(&set, 1, LS_EXTENDS_ALL, expected);
  assert_null(e.origin);
}

/* Expects the numbers in the earlier job, -1 for new trials. */
static void expect(ls_extension *e, const int *origin, size_t count) {
  size_t kept = 0;
  for (size_t t = 0; t < count; t++) {
    assert_int_equal(e->origin[t], origin[t] < 0 ? LS_NO_TRIAL : (size_t)origin[t]);
    kept += origin[t] >= 0;
  }
  assert_int_equal(e->kept, kept);
  assert_int_equal(e->past_trials, 8);
  ls_extension_free(e);
}

static void test_same(void **state) {
  (void)state;
  static const int all[] = {0, 1, 2, 3, 4, 5, 6, 7};
  ls_extension e = extend("title=other");
  assert_true(e.same);
  expect(&e, all, 8);
}

static void test_replicates(void **state) {
  (void)state;
  static const int origin[] = {0, 1, -1, 2, 3, -1, 4, 5, -1, 6, 7, -1};
  ls_extension e = extend("sweep.replicates=3");
  assert_false(e.same || e.longer);
  expect(&e, origin, 12);
}

/* Values are compared as numbers, wherever they are in the list. */
static void test_values(void **state) {
  (void)state;
  static const int origin[] = {4, 5, 6, 7, -1, -1, -1, -1, 0, 1, 2, 3};
  const char *sets[] = {"sweep.u=[8, 16, 4]", "sweep.rate=[5.0e-1]"};
  ls_extension e = compare(sets, 2, LS_EXTENDS_ALL, NULL);
  expect(&e, origin, 12);
  e = extend("sweep.u={range: [4, 12], count: 3}");
  static const int ranged[] = {0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1};
  expect(&e, ranged, 12);
}

/* A value of the model may become a variable, and the variables change places. */
static void test_variables(void **state) {
  (void)state;
  const char *sets[] = {"sweep={rate: [0.1, 0.5], act: [relu, linear], u: [4, 8], replicates: 2}"};
  static const int origin[] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 5, 2, 3, 6, 7};
  ls_extension e = compare(sets, 1, LS_EXTENDS_ALL, NULL);
  expect(&e, origin, 16);
  const char *fixed[] = {"model[1].dropout=0.5",
                         "sweep={u: [4, 8], act: [relu, linear], replicates: 2}"};
  static const int all[] = {0, 1, 2, 3, 4, 5, 6, 7};
  e = compare(fixed, 2, LS_EXTENDS_ALL, NULL);
  expect(&e, all, 8);
}

static void test_epochs(void **state) {
  (void)state;
  static const int all[] = {0, 1, 2, 3, 4, 5, 6, 7};
  ls_extension e = extend("train.epochs=5");
  assert_true(e.longer && !e.same);
  expect(&e, all, 8);
  refuse("train.epochs=2", "train.epochs: 3 in the file, 2 in the job");
}

static void test_refused(void **state) {
  (void)state;
  refuse("train.seed=2", "train.seed: 1 in the file, 2 in the job");
  refuse("name=b", "name: a in the file, b in the job");
  refuse("sweep.replicates=1", "sweep.replicates: 2 in the file, 1 in the job");
  refuse("sweep.u=[4, 16]", "sweep.u[1]: 8 in the file, 16 in the job");
  refuse("model[1].dropout=$rate * 0.5",
         "model[1].dropout.rate: $rate in the file, $rate * 0.5 in the job");
  const char *sets[] = {"sweep.replicates=3", "train.epochs=5", "sweep.rate=[0.25]"};
  ls_extension e =
      compare(sets, 3, LS_EXTENDS_ALL, "sweep.rate[0]: 0.5 in the file, 0.25 in the job");
  assert_null(e.origin);
}

/* Some trials are enough, under any name. */
static void test_some(void **state) {
  (void)state;
  const char *sets[] = {"name=b", "sweep.u=[4, 16]", "sweep.replicates=1"};
  static const int origin[] = {0, 2, -1, -1};
  ls_extension e = compare(sets, 3, LS_EXTENDS_SOME, NULL);
  expect(&e, origin, 4);
  const char *other[] = {"train.seed=2"};
  e = compare(other, 1, LS_EXTENDS_SOME, "train.seed: 1 in the file, 2 in the job");
  assert_null(e.origin);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same),   cmocka_unit_test(test_replicates),
      cmocka_unit_test(test_values), cmocka_unit_test(test_variables),
      cmocka_unit_test(test_epochs), cmocka_unit_test(test_refused),
      cmocka_unit_test(test_some),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
