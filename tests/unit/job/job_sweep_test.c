/* Axes, trials and their order, and where variables may stand. */
#include "recipe.h"

#include <stdio.h>

#define LEAST "name: a\ntrain: {epochs: 3}\n"

static void test_axes_and_order(void **state) {
  (void)state;
  ls_job *job = read_job(example, NULL, 0);
  const ls_axis *axes;
  assert_int_equal(ls_job_axes(job, &axes), 4);
  assert_string_equal(axes[0].name, "l2");
  assert_string_equal(axes[1].name, "act");
  assert_string_equal(axes[2].name, "replicate");
  assert_string_equal(axes[3].name, "fold");
  assert_int_equal(ls_job_trials(job), 4 * 2 * 3 * 5);
  assert_int_equal(ls_job_folds(job), 5);
  assert_int_equal(ls_job_ranks_per_trial(job), 2);

  assert_true(axes[0].log && !axes[0].integer && axes[0].count == 4);
  const double decades[] = {1e-6, 1e-5, 1e-4, 1e-3};
  for (size_t i = 0; i < 4; i++) assert_true(axes[0].numbers[i] == decades[i]);
  assert_null(axes[1].numbers);
  assert_string_equal(axes[1].labels[0], "relu");
  assert_true(axes[3].integer && axes[3].numbers[4] == 4);

  size_t trial = 0, point[4];
  for (size_t a = 0; a < 4; a++) {
    for (size_t b = 0; b < 2; b++) {
      for (size_t r = 0; r < 3; r++) {
        for (size_t f = 0; f < 5; f++, trial++) {
          ls_job_point(job, trial, point);
          assert_true(point[0] == a && point[1] == b && point[2] == r && point[3] == f);
          assert_int_equal(ls_job_replicate(job, trial), r);
          assert_int_equal(ls_job_fold(job, trial), f);
        }
      }
    }
  }
  char name[64], small[32];
  ls_job_trial_name(job, 7, name, sizeof name);
  assert_string_equal(name, "l2=1e-06 act=relu replicate=1 fold=2");
  ls_job_trial_name(job, 119, name, sizeof name);
  assert_string_equal(name, "l2=0.001 act=linear replicate=2 fold=4");
  ls_job_trial_name(job, 7, small, sizeof small);
  assert_string_equal(small, "l2=1e-06 act=relu ..."); /* whole words */
  ls_job_free(&job);
}

static void test_no_sweep(void **state) {
  (void)state;
  static const char *const none[] = {"sweep=", "sweep={}", "sweep.ranks_per_trial=auto"};
  for (size_t i = 0; i < 3; i++) {
    ls_job *job = read_job(LEAST "model: [flatten]\n", &none[i], 1);
    const ls_axis *axes;
    char name[8] = "x";
    assert_int_equal(ls_job_axes(job, &axes), 0);
    assert_int_equal(ls_job_trials(job), 1);
    assert_int_equal(ls_job_replicate(job, 0) + ls_job_fold(job, 0) + ls_job_folds(job), 0);
    assert_int_equal(ls_job_ranks_per_trial(job), 0);
    ls_job_point(job, 0, NULL);
    ls_job_trial_name(job, 0, name, sizeof name);
    assert_string_equal(name, "");
    ls_job_free(&job);
  }
}

/* The labels of the variable x, joined; `x` stands for a real. */
static const struct {
  const char *entry, *labels;
  bool integer, log;
} ranges[] = {
    {"{range: [0, 1], count: 5}", "0 0.25 0.5 0.75 1", false, false},
    {"{range: [0, 1], step: 0.1}", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1", false, false},
    {"{range: [0.1, 0.7], count: 4}", "0.1 0.3 0.5 0.7", false, false},
    {"{range: [10, 0], step: -5}", "10 5 0", true, false},
    {"{range: [1.0, 3.0], count: 3}", "1 2 3", true, false},
    {"{range: [2, 2], count: 1}", "2", true, false},
    {"{range: [100, 1000000], count: 2}", "100 1000000", true, false},
    {"{range: [1, 1.00000002], count: 3}", "1 1.00000001 1.00000002", false, false},
    {"{log_range: [1, 1000], count: 4}", "1 10 100 1000", true, true},
    {"{log_range: [1.0e-6, 1.0e-3], count: 5}", "1e-06 5.62341e-06 3.16228e-05 0.000177828 0.001",
     false, true},
    {"[1.0e-6, 1e-5]", "1.0e-6 1e-5", false, false},
    {"[3, 1, 2]", "3 1 2", true, false},
    {"1e-4", "1e-4", false, false},
};

static void test_values(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    char text[256], labels[256] = "";
    snprintf(text, sizeof text, LEAST "model: [flatten]\nmarks: [$x]\nsweep: {x: %s}\n",
             ranges[i].entry);
    ls_job *job = read_job(text, NULL, 0);
    const ls_axis *axes;
    assert_int_equal(ls_job_axes(job, &axes), 1);
    for (size_t j = 0; j < axes->count; j++) {
      size_t used = strlen(labels);
      snprintf(labels + used, sizeof labels - used, "%s%s", j > 0 ? " " : "", axes->labels[j]);
      recipe_args v = bind_trial(job, j);
      assert_true(v.marks.values[0] == axes->numbers[j]);
      ls_component_clear(&recipe, &v);
    }
    assert_string_equal(labels, ranges[i].labels);
    assert_int_equal(axes->integer, ranges[i].integer);
    assert_int_equal(axes->log, ranges[i].log);
    ls_job_free(&job);
  }
}

/* Which direction of $x makes the model simpler: the dense layers have l2 (more) and units (less),
 * the dropout a rate (more), the reference says nothing. */
static const struct {
  const char *model, *values;
  int simpler;
} directions[] = {
    {"[{dense: {units: $x}}]", "[10, 20, 30]", -1},
    {"[{dense: {units: $x}}]", "[30, 10]", -1},
    {"[{dense: {units: 600 / $x}}]", "[10, 20, 30]", 1},
    {"[{dense: {units: 1, kernel_regularizer: {l2: $x}}}]", "{log_range: [1e-4, 1], count: 3}", 1},
    {"[{dense: {units: 1, kernel_regularizer: {l2: {factor: $x / 64}}}}]", "[1, 2]", 1},
    {"[{dropout: $x}]", "[0.1, 0.2]", 1},
    {"[{sequential: [{dropout: {rate: $x}}]}]", "[0.1, 0.2]", 1},
    {"[{dropout: {rate: $x}}, {dense: {units: 1, kernel_regularizer: {l2: 1 / $x}}}]", "[0.1, 0.2]",
     0},
    {"[{dense: {units: $x}}]\nreference: $x", "[10, 20]", 0},
    {"[flatten]\nmarks: [$x]", "[10, 20]", 0},
    {"[{dense: {units: $x}}]", "[10]", 0},
    {"[$x]", "[flatten, {dense: 3}]", 0},
    {"[$y]", "[10, 20]\n  y: [{dense: 3 * $x}, {dense: $x}]", -1},
};

static void test_simpler(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
    char text[512];
    snprintf(text, sizeof text, LEAST "model: %s\nsweep:\n  x: %s\n", directions[i].model,
             directions[i].values);
    ls_job *job = read_job(text, NULL, 0);
    const ls_axis *axes;
    ls_job_axes(job, &axes);
    assert_int_equal(axes[0].simpler, directions[i].simpler);
    ls_job_free(&job);
  }
}

/* Ends are the very numbers that were written. */
static void test_ends_are_exact(void **state) {
  (void)state;
  ls_job *job = read_job(LEAST "model: [flatten]\nmarks: [$x]\n"
                               "sweep: {x: {log_range: [1.2345678901234567e-6, 0.3], count: 3}}\n",
                         NULL, 0);
  const ls_axis *axes;
  ls_job_axes(job, &axes);
  assert_true(axes->numbers[0] == 1.2345678901234567e-6 && axes->numbers[2] == 0.3);
  ls_job_free(&job);
}

static void test_integers_stay_integers(void **state) {
  (void)state;
  ls_job *job = read_job("name: a\ntrain: {epochs: $e}\nmodel: [dense: {units: $u}]\n"
                         "sweep:\n  u: {range: [100, 500], count: 3}\n"
                         "  e: {log_range: [1, 100], count: 3}\n",
                         NULL, 0);
  recipe_args v = bind_trial(job, 4);
  assert_int_equal(((dense_args *)v.model.items[0].args)->units, 300);
  assert_int_equal(v.train.epochs, 10);
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
}

/* Variables for a component with its arguments, a name, all arguments, a whole list, a section. */
static void test_variables_anywhere(void **state) {
  (void)state;
  ls_job *job = read_job("name: $n\n"
                         "model: $m\n"
                         "dataset: $d\n"
                         "train: {epochs: 3, optimizer: $opt}\n"
                         "extras: [\"$x\", relu]\n"
                         "notes: [about: [$n]]\n"
                         "sweep:\n"
                         "  n: [one, $$two]\n"
                         "  m: [[flatten], [dropout: 0.5, flatten]]\n"
                         "  d: [{validation: folds}, other]\n"
                         "  opt: [sgd, {sgd: {momentum: 0.9}}, adam]\n"
                         "  x: linear\n",
                         NULL, 0);
  assert_int_equal(ls_job_trials(job), 2 * 2 * 2 * 3);
  recipe_args v = bind_trial(job, 1), w = bind_trial(job, 23);
  assert_string_equal(v.name, "one");
  assert_int_equal(v.model.count, 1);
  assert_string_equal(v.dataset.name, "mnist");
  assert_int_equal(v.dataset.validation, 1);
  assert_true(((sgd_args *)v.train.optimizer.args)->momentum == 0.9);
  assert_string_equal(v.train.optimizer.where, "job.yaml:11: train.optimizer.sgd");
  assert_ptr_equal(v.extras.items[0].type, &linear);
  assert_string_equal(w.name, "$two");
  assert_int_equal(w.model.count, 2);
  assert_string_equal(w.dataset.name, "other");
  assert_ptr_equal(w.train.optimizer.type, &adam);
  char name[128];
  ls_job_trial_name(job, 1, name, sizeof name);
  assert_string_equal(name, "n=one m=[flatten] d=\"{validation: folds}\" "
                            "opt=\"{sgd: {momentum: 0.9}}\" x=linear");
  ls_component_clear(&recipe, &v);
  ls_component_clear(&recipe, &w);
  ls_job_free(&job);
}

/* `{dense: $d}`: all arguments where $d is a mapping, else the first. */
static void test_variable_arguments(void **state) {
  (void)state;
  static const char *const sets[] = {"sweep.d=[{units: 3}, 4]", "sweep.d=[3, 4]"};
  for (size_t i = 0; i < 2; i++) {
    ls_job *job = read_job(LEAST "model: [dense: $d]\n", &sets[i], 1);
    for (size_t trial = 0; trial < 2; trial++) {
      recipe_args v = bind_trial(job, trial);
      assert_int_equal(((dense_args *)v.model.items[0].args)->units, 3 + trial);
      ls_component_clear(&recipe, &v);
    }
    ls_job_free(&job);
  }
}

/* Values with names of their own, made of other variables. */
static void test_named_values(void **state) {
  (void)state;
  ls_job *job =
      read_job(LEAST "model: [sequential: $network, dense: {units: 9, activation: $last}]\n"
                     "dataset: {file: $file}\n"
                     "sweep:\n"
                     "  network:\n"
                     "    one: [dense: {units: $units, activation: $act}]\n"
                     "    two: [dense: {units: $units}, dense: {units: 8, activation: $act}]\n"
                     "  file: {none: null, some: x}\n"
                     "  last: [$act]\n"
                     "  act: [relu, linear]\n"
                     "  units: {few: 2, many: 100}\n",
               NULL, 0);
  const ls_axis *axes;
  assert_int_equal(ls_job_axes(job, &axes), 5);
  assert_null(axes[0].numbers);
  assert_string_equal(axes[0].labels[1], "two");
  assert_null(axes[4].numbers); /* they are shown by their names */
  assert_string_equal(axes[4].labels[1], "many");
  char name[128];
  ls_job_trial_name(job, 1, name, sizeof name);
  assert_string_equal(name, "network=one file=none last=$act act=relu units=many");
  for (size_t trial = 0; trial < 16; trial++) {
    recipe_args v = bind_trial(job, trial);
    const sequential_args *s = v.model.items[0].args;
    bool two = trial >= 8, filed = trial / 4 % 2, many = trial % 2;
    const ls_component *act = trial / 2 % 2 ? &linear : &relu;
    assert_int_equal(s->layers.count, two ? 2 : 1);
    const dense_args *last = s->layers.items[s->layers.count - 1].args;
    assert_int_equal(last->units, two ? 8 : many ? 100 : 2);
    assert_ptr_equal(last->activation.type, act);
    assert_ptr_equal(((const dense_args *)v.model.items[1].args)->activation.type, act);
    assert_string_equal(v.dataset.file ? v.dataset.file : "(none)", filed ? "x" : "(none)");
    ls_component_clear(&recipe, &v);
  }
  ls_job_free(&job);
}

/* `$x` is 8, `$y` 0.5, `$i` 3. */
static const struct {
  const char *text;
  double value;
} expressions[] = {
    {"$y / (2 * $x)", 0.03125},
    {"0.1 * $x / 32", 0.1 * 8 / 32},
    {"1 - $x - 2", -9},
    {"$x / 2 / 2", 2},
    {"2+3*$x", 26},
    {"(2 + 3) * $x", 40},
    {"-$x * -1e-1", 0.8},
    {"-(1 - $y)", -0.5},
    {"$i/3", 1},
    {"((($x)))", 8},
    {"1e3*$x - .5", 7999.5},
    {"5e-1 + $z", 16.5},
    {"1 / $i", 1.0 / 3},
};

static void test_expressions(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
    char text[512];
    snprintf(text, sizeof text,
             LEAST "model: [flatten]\nreference: %s\nmarks: [$x, $y, $i, $z]\n"
                   "sweep: {x: [8], y: 0.5, i: {three: 3}, z: [$x + $x * 1]}\n",
             expressions[i].text);
    ls_job *job = read_job(text, NULL, 0);
    recipe_args v = bind_trial(job, 0);
    if (v.reference != expressions[i].value) print_error("%s\n", expressions[i].text);
    assert_true(v.reference == expressions[i].value);
    ls_component_clear(&recipe, &v);
    ls_job_free(&job);
  }
}

/* In the place of integers, of choices that a number stands for, and of the first argument. */
static void test_expressions_anywhere(void **state) {
  (void)state;
  ls_job *job = read_job("name: a\ntrain: {epochs: 12 / $x, optimizer: {sgd: 0.1 * $x}}\n"
                         "model: [dense: {units: $x * 10}, dropout: 1 - $x / 5]\n"
                         "reference: \"-$x\"\n"
                         "dataset: {name: 2-$$x, file: C$x+}\n"
                         "sweep: {x: [3, 4]}\n",
                         NULL, 0);
  recipe_args v = bind_trial(job, 1);
  assert_int_equal(v.train.epochs, 3);
  const sgd_args *s = v.train.optimizer.args;
  assert_ptr_equal(s->learning_rate.type, &constant);
  assert_true(((const number_args *)s->learning_rate.args)->value == 0.1 * 4);
  assert_int_equal(((const dense_args *)v.model.items[0].args)->units, 40);
  assert_true(((const number_args *)v.model.items[1].args)->value == 1 - 0.8);
  assert_true(v.reference == -4);
  assert_string_equal(v.dataset.name, "2-$$x");
  assert_string_equal(v.dataset.file, "C$x+");
  assert_non_null(strstr(ls_job_text(job), "epochs: 12 / $x\n"));
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
}

static void test_many_trials(void **state) {
  (void)state;
  ls_job *job =
      read_job(LEAST "model: [dropout: $r]\nsweep:\n  r: {range: [0, 0.999], count: 1000}\n"
                     "  replicates: 1000\n",
               NULL, 0);
  assert_int_equal(ls_job_trials(job), 1000000);
  ls_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_axes_and_order),
      cmocka_unit_test(test_no_sweep),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_simpler),
      cmocka_unit_test(test_ends_are_exact),
      cmocka_unit_test(test_integers_stay_integers),
      cmocka_unit_test(test_variables_anywhere),
      cmocka_unit_test(test_variable_arguments),
      cmocka_unit_test(test_named_values),
      cmocka_unit_test(test_expressions),
      cmocka_unit_test(test_expressions_anywhere),
      cmocka_unit_test(test_many_trials),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
