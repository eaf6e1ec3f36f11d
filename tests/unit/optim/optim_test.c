/* Optimisers against tests/reference/optimizers.txt, whose formulas were checked against Keras 3
 * and PyTorch; each member of the family must have a case. */
#include "choice.h"

#include <stdio.h>

enum { COUNT = 19, STEPS = 50 };

static const double tolerance = 2e-6;

/* The cases of tests/reference/make_optimizers.py, by their names there. */
static const struct {
  const char *name, *optimizer;
  double rate;
  struct {
    const char *name;
    double value;
  } settings[4];
} cases[] = {
    {"sgd", "sgd", 0.02},
    {"sgd_momentum", "sgd", 0.002, {{"momentum", 0.9}}},
    {"sgd_nesterov", "sgd", 0.002, {{"momentum", 0.9}, {"nesterov", true}}},
    {"sgd_decay", "sgd", 0.002, {{"momentum", 0.9}, {"weight_decay", 0.5}}},
    {"rmsprop", "rmsprop", 0.03},
    {"rmsprop_momentum", "rmsprop", 0.005, {{"momentum", 0.8}, {"rho", 0.95}}},
    {"rmsprop_centered", "rmsprop", 0.03, {{"centered", true}, {"epsilon", 1e-3}}},
    {"rmsprop_both", "rmsprop", 0.005, {{"centered", true}, {"momentum", 0.8}}},
    {"adagrad", "adagrad", 0.2},
    {"adadelta", "adadelta", 20},
    {"adadelta_rho", "adadelta", 1, {{"rho", 0.9}, {"epsilon", 1e-4}}},
    {"adam", "adam", 0.03},
    {"adam_epsilon", "adam", 0.03, {{"beta_1", 0.8}, {"beta_2", 0.99}, {"epsilon", 0.1}}},
    {"adam_amsgrad", "adam", 0.03, {{"amsgrad", true}, {"beta_2", 0.9}}},
    {"adamw", "adamw", 0.03},
    {"adamw_decay", "adamw", 0.03, {{"weight_decay", 0.3}, {"amsgrad", true}}},
    {"adamax", "adamax", 0.03},
    {"adamax_betas", "adamax", 0.03, {{"beta_1", 0.7}, {"beta_2", 0.8}, {"epsilon", 0.01}}},
    {"nadam", "nadam", 0.03},
    {"nadam_betas", "nadam", 0.03, {{"beta_1", 0.8}, {"beta_2", 0.95}, {"epsilon", 0.01}}},
    {"lamb", "lamb", 0.03},
    {"lamb_decay", "lamb", 0.03, {{"weight_decay", 0.3}, {"beta_2", 0.95}}},
    {"lars", "lars", 2},
    {"lars_decay",
     "lars",
     20,
     {{"momentum", 0.5}, {"weight_decay", 0.1}, {"epsilon", 0.3}, {"trust_coefficient", 0.003}}},
};

static const ls_optimizer_type *type_of(const ls_choice *chosen) {
  return (const ls_optimizer_type *)chosen->type;
}

static ls_choice choose_case(size_t which) {
  ls_choice chosen = choose(&ls_optimizers, cases[which].optimizer);
  for (size_t k = 0; k < COUNT_OF(cases[which].settings); k++) {
    const char *name = cases[which].settings[k].name;
    if (!name) break;
    double value = cases[which].settings[k].value;
    bool flag = strcmp(name, "nesterov") == 0 || strcmp(name, "centered") == 0 ||
                strcmp(name, "amsgrad") == 0;
    if (flag) {
      set_flag(&chosen, name, value != 0);
    } else {
      set_real(&chosen, name, value);
    }
  }
  return chosen;
}

static void read_reference(const char *name, double *values) {
  FILE *file = fopen("tests/reference/optimizers.txt", "r");
  if (!file) fail_msg("no tests/reference/optimizers.txt (run this in the project's folder)");
  char found[64];
  size_t count;
  while (fscanf(file, "%63s %zu", found, &count) == 2) {
    assert_int_equal(count, COUNT);
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
    if (strcmp(found, name) != 0) continue;
    fclose(file);
    return;
  }
  fail_msg("no %s in the reference", name);
}

/* ---- A training of one parameter ------------------------------------------------------------- */

typedef struct state {
  ls_choice chosen;
  int rank;
  double constants[LS_MAX_CONSTANTS];
  ls_real w[COUNT], slots[LS_MAX_SLOTS][COUNT];
} state;

static state start(ls_choice chosen) {
  state s = {.chosen = chosen, .rank = 2};
  size_t count = type_of(&chosen)->slots(chosen.args);
  assert_true(count <= LS_MAX_SLOTS);
  for (size_t i = 0; i < COUNT; i++) s.w[i] = (ls_real)(0.9 - 0.1 * (double)i);
  for (size_t k = 0; k < count && type_of(&chosen)->slot_start; k++) {
    for (size_t i = 0; i < COUNT; i++) {
      s.slots[k][i] = (ls_real)type_of(&chosen)->slot_start(chosen.args, k);
    }
  }
  /* What is beyond the declared slots must not be touched. */
  for (size_t k = count; k < LS_MAX_SLOTS; k++) s.slots[k][0] = NAN;
  return s;
}

static double norm(const ls_real *x) {
  double sum = 0;
  for (size_t i = 0; i < COUNT; i++) sum += (double)x[i] * (double)x[i];
  return sqrt(sum);
}

/* Weight decay, preparation, norms, update, as the training loop calls them (src/trial/update.c),
 * the vector cut in two at `cut`. */
static void step_with(state *s, int64_t t, double rate, ls_real *g, size_t cut) {
  const ls_optimizer_type *type = type_of(&s->chosen);
  const ls_optimizer_args *args = s->chosen.args;
  if (type->begin) type->begin(s->chosen.args, t, s->constants);
  for (size_t i = 0; i < COUNT && args->weight_decay > 0; i++) {
    s->w[i] -= s->w[i] * (ls_real)(args->weight_decay * rate);
  }
  double weights_norm = 0, gradient_norm = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t at = 0; at < COUNT; at = at < cut ? cut : COUNT) {
      ls_real *slots[LS_MAX_SLOTS];
      for (size_t k = 0; k < LS_MAX_SLOTS; k++) slots[k] = s->slots[k] + at;
      ls_update u = {.learning_rate = rate,
                     .constants = s->constants,
                     .rank = s->rank,
                     .n = at < cut ? cut : COUNT - at,
                     .weights = s->w + at,
                     .gradient = g + at,
                     .slots = slots,
                     .weights_norm = weights_norm,
                     .gradient_norm = gradient_norm};
      if (pass == 1) type->update(s->chosen.args, &u);
      if (pass == 0 && type->prepare) type->prepare(s->chosen.args, &u);
    }
    if (type->by_parameter) {
      weights_norm = norm(s->w);
      gradient_norm = norm(g);
    }
  }
}

/* All steps, with the gradients and the falling rate of make_optimizers.py. */
static void run(state *s, double rate, size_t cut) {
  for (int64_t t = 1; t <= STEPS; t++) {
    ls_real g[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
      double wave = sin(0.37 * (double)t * (double)(i + 1) + (double)i);
      g[i] = (ls_real)(pow(10, (double)(i % 5) - 3) * (0.4 + wave));
    }
    step_with(s, t, rate * (1 - 0.01 * (double)(t - 1)), g, cut);
  }
}

/* ---- Tests ----------------------------------------------------------------------------------- */

/* The same in whole and in two parts, to the bit: what the reducer's blocks rely on. */
static void check_case(size_t which) {
  double expected[COUNT], largest = 0, worst = 0;
  read_reference(cases[which].name, expected);
  ls_choice chosen = choose_case(which);
  assert_null(chosen.type->check(chosen.args));
  state whole = start(chosen), cut = start(chosen);
  run(&whole, cases[which].rate, COUNT);
  run(&cut, cases[which].rate, 7);
  assert_memory_equal(whole.w, cut.w, sizeof whole.w);
  for (size_t i = 0; i < COUNT; i++) {
    double error = fabs((double)whole.w[i] - expected[i]);
    if (!(error <= worst)) worst = error;
    largest = fmax(largest, fabs(expected[i]));
  }
  print_message("%s: off by %.2g of %.2g\n", cases[which].name, worst, largest);
  assert_true(worst <= tolerance * largest);
  release(&chosen);
}

static void references(void **unused) {
  (void)unused;
  for (size_t i = 0; i < ls_optimizers.count; i++) {
    const char *name = ls_optimizers.members[i]->name;
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
      if (strcmp(cases[k].optimizer, name) != 0) continue;
      check_case(k);
      tested++;
    }
    if (tested == 0) fail_msg("the optimiser %s has no case here", name);
  }
}

/* What the training loop looks for in the arguments of each. */
static void tables(void **unused) {
  (void)unused;
  for (size_t i = 0; i < ls_optimizers.count; i++) {
    ls_choice chosen = choose(&ls_optimizers, ls_optimizers.members[i]->name);
    ls_optimizer_args *args = chosen.args;
    assert_string_equal(chosen.type->args[0].name, "learning_rate");
    assert_ptr_equal(argument(&chosen, "learning_rate"), &args->learning_rate);
    assert_ptr_equal(argument(&chosen, "clipvalue"), &args->clipvalue);
    assert_ptr_equal(argument(&chosen, "clipnorm"), &args->clipnorm);
    assert_ptr_equal(argument(&chosen, "global_clipnorm"), &args->global_clipnorm);
    assert_non_null(argument(&chosen, "weight_decay"));
    args->clipvalue = 1;
    assert_null(chosen.type->check(args));
    args->clipnorm = 1;
    assert_non_null(chosen.type->check(args));
    args->clipvalue = NAN;
    args->global_clipnorm = 1;
    assert_non_null(chosen.type->check(args));
    release(&chosen);
  }
}

/* A gradient that is not a number reaches the weight. */
static void not_a_number(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_choice chosen = choose_case(i);
    state s = start(chosen);
    ls_real g[COUNT] = {[3] = NAN, [8] = 1};
    step_with(&s, 1, 0.01, g, COUNT);
    if (!isnan(s.w[3])) fail_msg("%s swallows it", cases[i].name);
    release(&chosen);
  }
}

/* lars: parameters of one dimension take plain steps with momentum. */
static void lars_leaves_biases(void **unused) {
  (void)unused;
  ls_choice lars = choose(&ls_optimizers, "lars"), sgd = choose(&ls_optimizers, "sgd");
  set_real(&lars, "weight_decay", 0.1);
  set_real(&sgd, "momentum", 0.9);
  state s = start(lars), expected = start(sgd);
  s.rank = 1;
  run(&s, 0.002, COUNT);
  run(&expected, 0.002, COUNT);
  for (size_t i = 0; i < COUNT; i++) expect_near((double)s.w[i], (double)expected.w[i], 1e-5);
  release(&lars);
  release(&sgd);
}

/* Where a norm is 0 the step is not scaled: weights of 0 can be left, and no gradient moves none.
 */
static void norms_of_0(void **unused) {
  (void)unused;
  static const struct {
    const char *name;
    double step;
  } first[] = {{"lamb", 0.25}, {"lars", 0.5}}; /* with g = 2 at a rate of 0.25 */
  for (size_t i = 0; i < COUNT_OF(first); i++) {
    ls_choice chosen = choose(&ls_optimizers, first[i].name);
    state s = start(chosen);
    ls_real g[COUNT] = {0}, before[COUNT];
    memcpy(before, s.w, sizeof before);
    step_with(&s, 1, 0.25, g, COUNT);
    assert_memory_equal(s.w, before, sizeof before);
    s = start(chosen);
    for (size_t k = 0; k < COUNT; k++) {
      s.w[k] = 0;
      g[k] = 2;
    }
    step_with(&s, 1, 0.25, g, COUNT);
    for (size_t k = 0; k < COUNT; k++) expect_near((double)s.w[k], -first[i].step, 1e-6);
    release(&chosen);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(references),   cmocka_unit_test(tables),
      cmocka_unit_test(not_a_number), cmocka_unit_test(lars_leaves_biases),
      cmocka_unit_test(norms_of_0),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
