/* Learning rates against Keras's: tests/reference/schedules.txt, made by make_schedules.py there.
 * Each schedule must have a case. */
#include "job/job.h"
#include "optim/families.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

enum { MOST_STEPS = 64 };

/* The cases of make_schedules.py, as a job file has them. */
static const struct {
  const char *name, *schedule, *rate;
} cases[] = {
    {"constant", "constant", "0.125"},
    {"piecewise", "piecewise_constant_decay",
     "{piecewise_constant_decay: {boundaries: [3, 10, 30], values: [0.5, 0.25, 0.1, 0.01]}}"},
    {"exponential", "exponential_decay",
     "{exponential_decay: {initial_learning_rate: 0.3, decay_steps: 7, decay_rate: 0.6}}"},
    {"exponential_staircase", "exponential_decay",
     "{exponential_decay: {initial_learning_rate: 0.3, decay_steps: 7, decay_rate: 0.6,"
     " staircase: true}}"},
    {"inverse_time", "inverse_time_decay",
     "{inverse_time_decay: {initial_learning_rate: 0.3, decay_steps: 7, decay_rate: 0.6}}"},
    {"inverse_time_staircase", "inverse_time_decay",
     "{inverse_time_decay: {initial_learning_rate: 0.3, decay_steps: 7, decay_rate: 0.6,"
     " staircase: true}}"},
    {"polynomial", "polynomial_decay",
     "{polynomial_decay: {initial_learning_rate: 0.2, decay_steps: 25, end_learning_rate: 0.02,"
     " power: 1.5}}"},
    {"polynomial_cycle", "polynomial_decay",
     "{polynomial_decay: {initial_learning_rate: 0.2, decay_steps: 9, end_learning_rate: 0.02,"
     " cycle: true}}"},
    {"cosine", "cosine_decay",
     "{cosine_decay: {initial_learning_rate: 0.1, decay_steps: 25, alpha: 0.05}}"},
    {"cosine_whole", "cosine_decay", "{cosine_decay: {initial_learning_rate: 0.1}}"},
    {"restarts", "cosine_decay_restarts",
     "{cosine_decay_restarts: {initial_learning_rate: 0.1, first_decay_steps: 5, m_mul: 0.8,"
     " alpha: 0.05}}"},
    {"warmup", "warmup",
     "{warmup: {warmup_steps: 8, then: {cosine_decay: {initial_learning_rate: 0.1}}}}"},
    {"warmup_of_one", "warmup",
     "{warmup: {warmup_steps: 1, then: {cosine_decay: {initial_learning_rate: 0.1,"
     " decay_steps: 20, alpha: 0.1}}}}"},
};

typedef struct values {
  ls_choice rate;
} values;

static const ls_arg args[] = {
    {"rate", LS_ARG_CHOICE, offsetof(values, rate), NULL, "rate", .family = &ls_schedules},
    {NULL},
};
static const ls_component component = {"fragment", "a schedule", sizeof(values), args};

/* The reference of a case; returns the number of steps. */
static size_t read_reference(const char *name, double rates[MOST_STEPS]) {
  FILE *file = fopen("tests/reference/schedules.txt", "r");
  if (!file) fail_msg("no tests/reference/schedules.txt (run this in the project's folder)");
  char found[64];
  size_t count;
  while (fscanf(file, "%63s %zu", found, &count) == 2) {
    assert_true(count <= MOST_STEPS);
    for (size_t i = 0; i < count; i++) assert_int_equal(fscanf(file, "%lf", &rates[i]), 1);
    if (strcmp(found, name) != 0) continue;
    fclose(file);
    return count;
  }
  fail_msg("no %s in the reference", name);
  return 0;
}

static void check_case(size_t which) {
  double expected[MOST_STEPS];
  size_t steps = read_reference(cases[which].name, expected);
  char text[512];
  ls_job *job = NULL;
  values v;
  snprintf(text, sizeof text, "rate: %s", cases[which].rate);
  if (ls_job_read(&job, "fragment", text, NULL, 0, &component) != LS_OK ||
      ls_job_bind(job, 0, &v) != LS_OK) {
    fail_msg("%s\nof %s", ls_error_message(), text);
  }
  assert_string_equal(v.rate.type->name, cases[which].schedule);
  for (size_t i = 0; i < steps; i++) {
    double rate = ls_schedule_rate(&v.rate, (int64_t)i, (int64_t)steps);
    bool same = fabs(rate - expected[i]) <= 1e-8; /* Keras computes some in single precision */
    if (!same) fail_msg("%s: %g at step %zu, not %g", cases[which].name, rate, i, expected[i]);
  }
  ls_component_clear(&component, &v);
  ls_job_free(&job);
}

static void rates(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_schedules.count; i++) {
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
      if (strcmp(cases[k].schedule, ls_schedules.members[i]->name) != 0) continue;
      check_case(k);
      tested++;
    }
    if (tested == 0) fail_msg("the schedule %s has no case here", ls_schedules.members[i]->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
