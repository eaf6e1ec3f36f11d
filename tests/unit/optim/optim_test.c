/* Schedules against Keras's formulas worked out by hand, sgd against closed forms; each member of
 * both families must have a case. */
#include "unit.h"

#include "lockstep/optimizer.h"

#include <stdlib.h>
#include <string.h>

/* Sets an argument of any component by its name: its struct is its own file's affair. */
static void *argument(const ls_component *type, void *values, const char *name) {
  for (const ls_arg *arg = type->args; arg->name; arg++) {
    if (strcmp(arg->name, name) == 0) return (char *)values + arg->offset;
  }
  fail_msg("%s has no argument %s", type->name, name);
  return NULL;
}

static ls_choice choose(const ls_family *family, const char *name) {
  const ls_component *type = ls_family_find(family, name);
  assert_non_null(type);
  return (ls_choice){type, new_array(1, type->size), NULL};
}

static void release(ls_choice *choice) {
  ls_component_clear(choice->type, choice->args);
  free(choice->args);
}

static void set_real(const ls_choice *c, const char *name, double value) {
  *(double *)argument(c->type, c->args, name) = value;
}

static void set_integer(const ls_choice *c, const char *name, int64_t value) {
  *(int64_t *)argument(c->type, c->args, name) = value;
}

static void set_flag(const ls_choice *c, const char *name, bool value) {
  *(bool *)argument(c->type, c->args, name) = value;
}

static void set_reals(const ls_choice *c, const char *name, size_t count, const double *values) {
  ls_reals *list = argument(c->type, c->args, name);
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

/* ---- Schedules, by member ----------------------------------------------------------------------
 */

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
  ls_choice *then = argument(s->type, s->args, "then");
  *then = choose(&ls_schedules, "cosine_decay");
  set_real(then, "initial_learning_rate", 0.4);
  set_integer(s, "warmup_steps", 5);
  expect_rates(s, 17, 8, (int64_t[]){0, 1, 3, 4, 5, 9, 11, 17},
               (double[]){0.08, 0.16, 0.32, 0.4, 0.4, 0.3, 0.2, 0});
  expect_rates(s, 3, 2, (int64_t[]){0, 2}, (double[]){0.08, 0.24}); /* shorter than its warm-up */
}

static const struct {
  const char *name;
  void (*check)(ls_choice *schedule);
} schedule_cases[] = {{"constant", check_constant},
                      {"piecewise_constant_decay", check_piecewise},
                      {"exponential_decay", check_exponential},
                      {"cosine_decay", check_cosine},
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

/* ---- Optimisers, by member ---------------------------------------------------------------------
 */

enum { N = 37 }; /* no multiple of any vector's length */

/* Runs `steps` updates with the same gradient g[i] = i - 10 from weights of 1. */
static void descend(const ls_choice *chosen, int steps, double rate, ls_real *w) {
  const ls_optimizer_type *type = (const ls_optimizer_type *)chosen->type;
  ls_real gradient[N], memory[LS_MAX_SLOTS][N], *slots[LS_MAX_SLOTS];
  memset(memory, 0, sizeof memory);
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) slots[k] = memory[k];
  assert_true(type->slots(chosen->args) <= LS_MAX_SLOTS);
  for (size_t i = 0; i < N; i++) {
    w[i] = 1;
    gradient[i] = (ls_real)i - 10;
  }
  for (int t = 0; t < steps; t++) type->update(chosen->args, rate, N, w, gradient, slots);
}

/* With a constant gradient g, v after t steps is -rate g (1 - m^t) / (1 - m); the sum of these is
 * the way. Nesterov's update adds m v_t - rate g = v_(t+1), so it is one step ahead. */
static void check_sgd(ls_choice *chosen) {
  static const double rate = 0.01, m = 0.9;
  ls_real w[N];
  descend(chosen, 7, rate, w);
  for (size_t i = 0; i < N; i++) expect_near((double)w[i], 1 - 7 * rate * ((double)i - 10), 1e-6);
  set_real(chosen, "momentum", m);
  for (int steps = 1; steps <= 5; steps++) {
    for (int nesterov = 0; nesterov < 2; nesterov++) {
      double way = 0;
      for (int t = 1; t <= steps; t++) way += (1 - pow(m, t + nesterov)) / (1 - m);
      set_flag(chosen, "nesterov", nesterov);
      descend(chosen, steps, rate, w);
      for (size_t i = 0; i < N; i++) {
        expect_near((double)w[i], 1 - rate * ((double)i - 10) * way, 3e-6);
      }
    }
  }
}

static const struct {
  const char *name;
  void (*check)(ls_choice *optimizer);
} optimizer_cases[] = {{"sgd", check_sgd}};

static void optimizers(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_optimizers.count; i++) {
    const char *name = ls_optimizers.members[i]->name;
    size_t k = 0;
    while (k < COUNT_OF(optimizer_cases) && strcmp(optimizer_cases[k].name, name) != 0) k++;
    if (k == COUNT_OF(optimizer_cases)) fail_msg("the optimiser %s has no case here", name);
    const ls_arg *first = &ls_optimizers.members[i]->args[0];
    assert_string_equal(first->name, "learning_rate"); /* where the training loop looks for it */
    assert_int_equal(first->offset, offsetof(ls_optimizer_args, learning_rate));
    ls_choice chosen = choose(&ls_optimizers, name);
    optimizer_cases[k].check(&chosen);
    release(&chosen);
  }
}

/* A vector updated in blocks ends as it does in one: what the reducer relies on. */
static void blocks(void **state) {
  (void)state;
  ls_choice chosen = choose(&ls_optimizers, "sgd");
  const ls_optimizer_type *type = (const ls_optimizer_type *)chosen.type;
  set_real(&chosen, "momentum", 0.5);
  ls_real whole[N] = {0}, cut[N] = {0}, v_whole[N] = {0}, v_cut[N] = {0}, g[N];
  for (size_t i = 0; i < N; i++) g[i] = (ls_real)sin((double)i);
  for (int t = 0; t < 3; t++) {
    type->update(chosen.args, 0.1, N, whole, g, (ls_real *[]){v_whole});
    type->update(chosen.args, 0.1, 16, cut, g, (ls_real *[]){v_cut});
    type->update(chosen.args, 0.1, N - 16, cut + 16, g + 16, (ls_real *[]){v_cut + 16});
  }
  assert_memory_equal(whole, cut, sizeof whole);
  release(&chosen);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(schedules),
      cmocka_unit_test(optimizers),
      cmocka_unit_test(blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
