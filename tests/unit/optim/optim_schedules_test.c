/* Schedules against Keras's formulas worked out by hand; each member of the family must have a
 * case.
 */
#include "choice.h"

static void set_reals(const ls_choice *c, const char *name, size_t count, const double *values) {
  ls_reals *list = argument(c, name);
  free(list->values);
  *list = (ls_reals){new_array(count, sizeof *values), count};
  memcpy(list->values, values, count * sizeof *values);
}

/* The rate at each step of a training of `steps` steps. */
static void expect_rates(const ls_choice *schedule, int64_t steps, size_t count, const int64_t *at,
                         const double *expected) {
  for (size_t i = 0; i < count; i++) {
    expect_near(ls_schedule_rate(schedule, at[i], steps), expected[i], 1e-15);
  }
}

static void check_constant(ls_choice *s) {
  set_real(s, "value", 0.125);
  expect_rates(s, 10, 3, (int64_t[]){0, 5, 9}, (double[]){0.125, 0.125, 0.125});
}

/* Keras: the value changes after the boundary's step, not with it. */
static void check_piecewise(ls_choice *s) {
  set_reals(s, "boundaries", 2, (double[]){100, 110});
  set_reals(s, "values", 3, (double[]){1, 0.5, 0.1});
  assert_null(s->type->check(s->args));
  expect_rates(s, 200, 7, (int64_t[]){0, 99, 100, 101, 110, 111, 199},
               (double[]){1, 1, 1, 0.5, 0.5, 0.1, 0.1});
  set_reals(s, "values", 2, (double[]){1, 0.5});
  assert_non_null(s->type->check(s->args));
  set_reals(s, "values", 3, (double[]){1, 0.5, 0.1});
  set_reals(s, "boundaries", 2, (double[]){110, 110});
  assert_non_null(s->type->check(s->args));
}

static void check_exponential(ls_choice *s) {
  set_real(s, "initial_learning_rate", 0.2);
  set_integer(s, "decay_steps", 4);
  set_real(s, "decay_rate", 0.25);
  expect_rates(s, 100, 5, (int64_t[]){0, 2, 4, 6, 8}, (double[]){0.2, 0.1, 0.05, 0.025, 0.0125});
  set_flag(s, "staircase", true);
  expect_rates(s, 100, 5, (int64_t[]){0, 3, 4, 7, 8}, (double[]){0.2, 0.2, 0.05, 0.05, 0.0125});
}

/* 1 + 3 at / 2. */
static void check_inverse_time(ls_choice *s) {
  set_real(s, "initial_learning_rate", 0.4);
  set_integer(s, "decay_steps", 2);
  set_real(s, "decay_rate", 3);
  expect_rates(s, 100, 4, (int64_t[]){0, 1, 2, 6}, (double[]){0.4, 0.16, 0.1, 0.04});
  set_flag(s, "staircase", true);
  expect_rates(s, 100, 5, (int64_t[]){0, 1, 2, 3, 6}, (double[]){0.4, 0.4, 0.1, 0.1, 0.04});
}

/* By default a line down to 0.0001; then a parabola, then with its length doubled and tripled. */
static void check_polynomial(ls_choice *s) {
  set_real(s, "initial_learning_rate", 0.4001);
  expect_rates(s, 8, 4, (int64_t[]){0, 2, 4, 8}, (double[]){0.4001, 0.3001, 0.2001, 0.0001});
  set_integer(s, "decay_steps", 4);
  set_real(s, "power", 2);
  set_real(s, "end_learning_rate", 0);
  set_real(s, "initial_learning_rate", 1);
  expect_rates(s, 99, 5, (int64_t[]){0, 1, 2, 4, 50}, (double[]){1, 0.5625, 0.25, 0, 0});
  set_flag(s, "cycle", true);
  expect_rates(s, 99, 6, (int64_t[]){0, 2, 4, 6, 8, 9}, (double[]){1, 0.25, 0, 0.0625, 0, 0.0625});
}

/* Half cosines of 4, 8 and 16 steps, each half as high as the one before; then all of 4. */
static void check_restarts(ls_choice *s) {
  set_real(s, "initial_learning_rate", 0.8);
  set_integer(s, "first_decay_steps", 4);
  expect_rates(s, 99, 5, (int64_t[]){0, 2, 4, 8, 12}, (double[]){0.8, 0.4, 0.8, 0.4, 0.8});
  set_real(s, "m_mul", 0.5);
  expect_rates(s, 99, 5, (int64_t[]){0, 4, 8, 12, 20}, (double[]){0.8, 0.4, 0.2, 0.2, 0.1});
  set_real(s, "t_mul", 1);
  set_real(s, "alpha", 0.25);
  expect_rates(s, 99, 4, (int64_t[]){0, 2, 4, 10}, (double[]){0.8, 0.5, 0.5, 0.275});
}

/* cos at 0, 60, 90, 120 and 180 degrees. */
static void check_cosine(ls_choice *s) {
  set_real(s, "initial_learning_rate", 0.4);
  expect_rates(s, 12, 5, (int64_t[]){0, 4, 6, 8, 12}, (double[]){0.4, 0.3, 0.2, 0.1, 0});
  set_integer(s, "decay_steps", 6);
  set_real(s, "alpha", 0.1);
  expect_rates(s, 12, 6, (int64_t[]){0, 2, 3, 4, 6, 11},
               (double[]){0.4, 0.31, 0.22, 0.13, 0.04, 0.04});
}

/* Five steps up to the first rate of what follows, which then has the other 12 steps. */
static void check_warmup(ls_choice *s) {
  ls_choice *then = argument(s, "then");
  *then = choose(&ls_schedules, "cosine_decay");
  set_real(then, "initial_learning_rate", 0.4);
  set_integer(s, "warmup_steps", 5);
  expect_rates(s, 17, 8, (int64_t[]){0, 1, 3, 4, 5, 9, 11, 17},
               (double[]){0, 0.08, 0.24, 0.32, 0.4, 0.3, 0.2, 0});
  expect_rates(s, 3, 2, (int64_t[]){0, 2}, (double[]){0, 0.16}); /* shorter than its warm-up */
}

static const struct {
  const char *name;
  void (*check)(ls_choice *schedule);
} schedule_cases[] = {{"constant", check_constant},
                      {"piecewise_constant_decay", check_piecewise},
                      {"exponential_decay", check_exponential},
                      {"inverse_time_decay", check_inverse_time},
                      {"polynomial_decay", check_polynomial},
                      {"cosine_decay", check_cosine},
                      {"cosine_decay_restarts", check_restarts},
                      {"warmup", check_warmup}};

static void schedules(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_schedules.count; i++) {
    const char *name = ls_schedules.members[i]->name;
    size_t k = 0;
    while (k < COUNT_OF(schedule_cases) && strcmp(schedule_cases[k].name, name) != 0) k++;
    if (k == COUNT_OF(schedule_cases)) fail_msg("the schedule %s has no case here", name);
    ls_choice chosen = choose(&ls_schedules, name);
    schedule_cases[k].check(&chosen);
    release(&chosen);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(schedules)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
