/* Every allocation of the job reader may fail: LS_FAILED, and nothing is left behind. */
#include "recipe.h"

#include <stdint.h>
#include <string.h>

static size_t allowed = SIZE_MAX; /* allocations until one fails */

/* These two replace base/memory.c, which is then not linked. */
void *ls_new(size_t count, size_t size) {
  if (allowed == 0) {
    ls_fail(LS_FAILED, "out of memory");
    return NULL;
  }
  allowed--;
  return calloc(count * size > 0 ? count : 1, size > 0 ? size : 1);
}

char *ls_copy_text(const char *text) {
  char *copy = ls_new(strlen(text) + 1, 1);
  return copy ? strcpy(copy, text) : NULL;
}

static void test_failing_allocations(void **state) {
  (void)state;
  static const char *const sets[] = {"train.optimizer={adam: {betas: [0.5]}}",
                                     "sweep.act=[relu, {linear: }]",
                                     "heads={a: relu}",
                                     "claims=[{value: 1, at: {a: 1}, order: [{a: 1}, {a: 2}]}]",
                                     "model[2].dropout=$rate * (1 - $rate)",
                                     "sweep.rate={low: $other}",
                                     "sweep.other=[0.5]",
                                     "marks=[1, null]",
                                     "notes=[a, {about: [b, c]}]"};
  int status = LS_FAILED;
  size_t n = 0;
  for (; status != LS_OK; n++) {
    ls_job *job = NULL;
    allowed = n;
    status = ls_job_read(&job, "job.yaml", example, sets, sizeof sets / sizeof *sets, &recipe);
    assert_true(status == LS_OK ? job != NULL : status == LS_FAILED && !job);
    ls_job_free(&job);
  }
  assert_true(n > 100); /* or this test has lost its hold on the allocations */
}

/* The same for points that are drawn, joint and conditional. */
static void test_points(void **state) {
  (void)state;
  static const char text[] =
      "name: a\ntrain: {epochs: 3}\nmodel: [sequential: $hidden]\nmarks: [$x, $y]\n"
      "sweep:\n  hidden: {one: [flatten], two: [dense: $n]}\n"
      "  n: {int_uniform: {low: 1, high: 9}, when: {hidden: two}}\n"
      "  joint: [{x: 1, y: 2}, {x: 3, y: 4}]\n  count: 3\n  sampler: sobol\n";
  int status = LS_FAILED;
  size_t n = 0;
  for (; status != LS_OK; n++) {
    ls_job *job = NULL;
    allowed = n;
    status = ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe);
    assert_true(status == LS_OK ? job != NULL : status == LS_FAILED && !job);
    ls_job_free(&job);
  }
  assert_true(n > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_failing_allocations),
                                     cmocka_unit_test(test_points)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
