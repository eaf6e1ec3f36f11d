/* Sweeps that are no grids: the Sobol sequence, distributions, and the points that are made. */
#include "recipe.h"

#include "job/distributions.h"
#include "job/sobol.h"

#include <stdio.h>

#define LEAST "name: a\ntrain: {epochs: 3}\nmodel: [flatten]\nmarks: [$x, $y, $z]\n"

/* ---- The Sobol sequence ---------------------------------------------------------------------- */

/* Points of scipy.stats.qmc.Sobol(32, scramble=False, bits=32), times 2^32, in these dimensions. */
static const size_t dimensions[6] = {0, 1, 2, 7, 15, 31};
static const struct {
  uint32_t index, coordinates[6];
} sobol_points[] = {
    {0, {0}},
    {1, {2147483648, 2147483648, 2147483648, 2147483648, 2147483648, 2147483648}},
    {2, {3221225472, 1073741824, 1073741824, 3221225472, 1073741824, 1073741824}},
    {3, {1073741824, 3221225472, 3221225472, 1073741824, 3221225472, 3221225472}},
    {7, {536870912, 2684354560, 1610612736, 2684354560, 536870912, 3758096384}},
    {23, {939524096, 3623878656, 402653184, 2013265920, 671088640, 3087007744}},
    {39, {738197504, 3825205248, 3556769792, 201326592, 1006632960, 1677721600}},
};

static void test_sobol(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof sobol_points / sizeof *sobol_points; i++) {
    for (size_t d = 0; d < 6; d++) {
      assert_int_equal(ls_sobol(sobol_points[i].index, dimensions[d]),
                       sobol_points[i].coordinates[d]);
    }
  }
}

/* 64 points have one coordinate in each of 64 intervals in every dimension, and the first two
 * dimensions one point in each of 8 x 8 squares, also scrambled; another seed moves them. */
static void test_scrambling(void **state) {
  (void)state;
  size_t moved = 0;
  for (size_t d = 0; d < LS_SOBOL_DIMENSIONS; d++) {
    bool seen[64] = {false};
    for (uint32_t i = 0; i < 64; i++) {
      uint32_t plain = ls_sobol(i, d), x = ls_sobol_scramble(plain, 0x9e3779b9u + (uint32_t)d);
      moved += x >> 26 != plain >> 26;
      assert_false(seen[x >> 26]);
      seen[x >> 26] = true;
    }
  }
  assert_true(moved > 64 * LS_SOBOL_DIMENSIONS / 2);
  bool squares[64] = {false};
  for (uint32_t i = 0; i < 64; i++) {
    uint32_t x = ls_sobol_scramble(ls_sobol(i, 0), 7), y = ls_sobol_scramble(ls_sobol(i, 1), 8);
    size_t square = (x >> 29) * 8 + (y >> 29);
    assert_false(squares[square]);
    squares[square] = true;
  }
}

/* ---- Distributions --------------------------------------------------------------------------- */

/* Values at fractions; those of the normal distribution are scipy.stats.norm.ppf's. */
static const struct {
  const char *form;
  double u;
  const char *text;
} quantiles[] = {
    {"{normal: {}}", 0.5, "0"},
    {"{normal: {}}", 0.001, "-3.09023"},
    {"{normal: {}}", 0.25, "-0.67449"},
    {"{normal: {}}", 1e-12, "-7.03448"},
    {"{normal: {mean: 10, stddev: 2}}", 0.95, "13.28971"},
    {"{uniform: {low: -1, high: 3}}", 0.25, "0"},
    {"{uniform: {low: 0.5, high: 0.501}}", 0.123456789, "0.500123457"},
    {"{log_uniform: {low: 1e-4, high: 1}}", 0.25, "0.001"},
    {"{log_uniform: {low: 1e-4, high: 1}}", 0.3, "0.00158489"},
    {"{int_uniform: {low: 1, high: 3}}", 0.333, "1"},
    {"{int_uniform: {low: 1, high: 3}}", 0.334, "2"},
    {"{int_uniform: {low: 1, high: 3}}", 0.9999999, "3"},
};

/* The argument table of a form's distribution, with the form's numbers. */
static void test_quantiles(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
    char name[32], first[32] = "", second[32] = "", text[LS_DRAWN_TEXT];
    assert_true(sscanf(quantiles[i].form, "{%31[^:]: {%*[a-z]: %31[^,], %*[a-z]: %31[^}]", name,
                       first, second) >= 1);
    const ls_component *type = ls_family_find(&ls_distributions, name);
    union {
      double reals[2];
      int64_t integers[2];
    } args = {{*first ? atof(first) : 0, *second ? atof(second) : 1}};
    if (strcmp(name, "int_uniform") == 0) {
      args.integers[0] = atoi(first);
      args.integers[1] = atoi(second);
    }
    ls_distribution_draw(text, (const ls_distribution *)type, &args, quantiles[i].u);
    assert_string_equal(text, quantiles[i].text);
  }
}

/* ---- Points ---------------------------------------------------------------------------------- */

/* "x y z" at each point, joined by "; "; - for no value. */
static void describe(const ls_job *job, char *out, size_t size) {
  const ls_axis *variables;
  size_t count = ls_job_variables(job, &variables), used = 0, values[8];
  for (size_t p = 0; p < ls_job_points(job); p++) {
    ls_job_values(job, p, values);
    for (size_t v = 0; v < count; v++) {
      const char *label = values[v] == LS_NO_VALUE ? "-" : variables[v].labels[values[v]];
      used += (size_t)snprintf(out + used, size - used, "%s%s", v ? " " : p ? "; " : "", label);
    }
  }
}

static const struct {
  const char *sweep, *points;
} made[] = {
    {"{joint: {x: [1, 2], y: [5, 5]}, z: [7, 8]}", "1 5 7; 1 5 8; 2 5 7; 2 5 8"},
    {"{joint: [{x: 1, y: 5}, {y: 6, x: 2}], z: 7}", "1 5 7; 2 6 7"},
    {"{z: [7, 8], joint: {x: [1, 2], y: [5, 6]}}", "7 1 5; 7 2 6; 8 1 5; 8 2 6"},
    /* Every choice once, however many draws that takes. */
    {"{x: {choice: [1, 2, 3]}, y: 4, z: 5, count: 3}", "3 4 5; 1 4 5; 2 4 5"},
    {"{x: {int_uniform: {low: 1, high: 2}}, y: {choice: [4, 5]}, z: 6, count: 4, sampler: sobol}",
     "1 4 6; 2 5 6; 2 4 6; 1 5 6"},
};

static void test_points(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    char text[512], points[512];
    snprintf(text, sizeof text, LEAST "sweep: %s\n", made[i].sweep);
    ls_job *job = read_job(text, NULL, 0);
    const ls_axis *axes;
    assert_int_equal(ls_job_axes(job, &axes), 1);
    assert_string_equal(axes[0].name, "point");
    assert_int_equal(axes[0].count, ls_job_points(job));
    describe(job, points, sizeof points);
    assert_string_equal(points, made[i].points);
    ls_job_free(&job);
  }
}

/* A second layer's width counts only where there is one: 3 + 3 * 3 networks, not 2 * 3 * 3. */
static void test_conditions(void **state) {
  (void)state;
  ls_job *job = read_job("name: a\ntrain: {epochs: 3}\nmodel: [sequential: $hidden]\n"
                         "sweep:\n"
                         "  hidden: {one: [dense: $a], two: [dense: $a, dense: $b]}\n"
                         "  a: [1, 2, 3]\n"
                         "  b: {values: [4, 5, 6], when: {hidden: two}}\n"
                         "  replicates: 2\n",
                         NULL, 0);
  char name[64];
  assert_int_equal(ls_job_points(job), 12);
  assert_int_equal(ls_job_trials(job), 24);
  ls_job_trial_name(job, 3, name, sizeof name);
  assert_string_equal(name, "hidden=one a=2 replicate=1");
  ls_job_trial_name(job, 8, name, sizeof name);
  assert_string_equal(name, "hidden=two a=1 b=5 replicate=0");
  recipe_args v = bind_trial(job, 8);
  const sequential_args *s = v.model.items[0].args;
  assert_int_equal(s->layers.count, 2);
  assert_int_equal(((const dense_args *)s->layers.items[1].args)->units, 5);
  ls_component_clear(&recipe, &v);
  const ls_axis *variables;
  ls_job_variables(job, &variables);
  assert_int_equal(variables[1].simpler, -1);
  ls_job_free(&job);
}

/* Conditions on a drawn choice, and on a variable that has no value itself at some points. */
static void test_chain_of_conditions(void **state) {
  (void)state;
  ls_job *job = read_job("name: a\ntrain: {epochs: 3}\nmodel: [sequential: $hidden]\n"
                         "sweep:\n"
                         "  hidden: {choice: {one: [flatten], two: [dense: $b]}}\n"
                         "  b: {values: {few: 3, many: $c}, when: {hidden: [two]}}\n"
                         "  c: {values: [8, 9], when: {b: many, hidden: two}}\n"
                         "  count: 2\n",
                         NULL, 0);
  char points[256] = "";
  describe(job, points, sizeof points);
  assert_string_equal(points, "two few -; two many 8; two many 9; one - -");
  ls_job_free(&job);
}

/* A distribution with a condition is drawn only where that holds: there is no value elsewhere, and
 * the draws are those that it has without the condition. */
static void test_condition_of_a_distribution(void **state) {
  (void)state;
  static const char *const sets[] = {
      "sweep.b={int_uniform: {low: 1, high: 1000}, when: {hidden: two}}",
      "sweep.b={int_uniform: {low: 1, high: 1000}}"};
  const ls_axis *variables[2];
  ls_job *jobs[2];
  size_t with[3], without[3], held = 0;
  for (size_t i = 0; i < 2; i++) {
    jobs[i] = read_job("name: a\ntrain: {epochs: 3, clip: $c}\nmodel: [sequential: $hidden]\n"
                       "sweep:\n"
                       "  hidden: {choice: {one: [flatten], two: [dense: $b]}}\n"
                       "  b: 1\n"
                       "  c: {uniform: {low: 0, high: 1}}\n"
                       "  count: 16\n",
                       &sets[i], 1);
    ls_job_variables(jobs[i], &variables[i]);
  }
  for (size_t p = 0; p < 16; p++) {
    ls_job_values(jobs[0], p, with);
    ls_job_values(jobs[1], p, without);
    bool two = strcmp(variables[0][0].labels[with[0]], "two") == 0;
    assert_true((with[1] != LS_NO_VALUE) == two);
    if (!two) continue;
    assert_true(variables[0][1].numbers[with[1]] == variables[1][1].numbers[without[1]]);
    held++;
  }
  assert_true(held > 0 && held < 16 && variables[0][1].integer);
  ls_job_free(&jobs[0]);
  ls_job_free(&jobs[1]);
}

/* Drawn values are a function of the seed; more draws keep those before. */
static void test_draws(void **state) {
  (void)state;
  static const char job_text[] =
      LEAST "sweep:\n  x: {uniform: {low: 0, high: 1}}\n  y: {log_uniform: {low: 1e-5, high: 1}}\n"
            "  z: [1, 2]\n  count: 8\n";
  static const char *const samplers[] = {"sweep.sampler=random", "sweep.sampler=sobol"};
  char eight[1024], again[1024], other[1024], many[4096];
  for (size_t i = 0; i < 2; i++) {
    const char *sets[] = {samplers[i], "train.seed=1", "sweep.count=32"};
    const char *seed[] = {samplers[i], "train.seed=2"};
    ls_job *jobs[4];
    jobs[0] = read_job(job_text, sets, 1);
    jobs[1] = read_job(job_text, sets, 2);
    jobs[2] = read_job(job_text, sets, 3);
    jobs[3] = read_job(job_text, seed, 2);
    assert_int_equal(ls_job_points(jobs[0]), 16);
    describe(jobs[0], eight, sizeof eight);
    describe(jobs[2], many, sizeof many);
    assert_memory_equal(eight, many, strlen(eight));
    describe(jobs[1], again, sizeof again);
    describe(jobs[3], other, sizeof other);
    assert_string_equal(eight, again); /* 1 is the default */
    assert_string_not_equal(eight, other);
    for (size_t k = 0; k < 4; k++) ls_job_free(&jobs[k]);
  }
}

/* Of 64 points of a Sobol sequence each 64th of the range has one; random ones leave some out. */
static void test_coverage(void **state) {
  (void)state;
  for (int sobol = 0; sobol < 2; sobol++) {
    const char *set = sobol ? "sweep.sampler=sobol" : "sweep.sampler=random";
    ls_job *job = read_job("name: a\ntrain: {epochs: 3, seed: 5}\nmodel: [flatten]\n"
                           "marks: [$x]\nsweep: {x: {uniform: {low: 0, high: 64}}, count: 64}\n",
                           &set, 1);
    bool seen[64] = {false};
    size_t covered = 0;
    for (size_t p = 0; p < 64; p++) {
      recipe_args v = bind_trial(job, p);
      size_t cell = (size_t)v.marks.values[0];
      covered += cell < 64 && !seen[cell];
      if (cell < 64) seen[cell] = true;
      ls_component_clear(&recipe, &v);
    }
    assert_true(sobol ? covered == 64 : covered < 60);
    ls_job_free(&job);
  }
}

/* Many points are made fast: a table finds those that are there. */
static void test_many(void **state) {
  (void)state;
  ls_job *job = read_job("name: a\ntrain: {epochs: 3}\nmodel: [flatten]\nmarks: [$x]\n"
                         "sweep: {x: {int_uniform: {low: 1, high: 20000}}, count: 20000}\n",
                         NULL, 0);
  const ls_axis *variables;
  ls_job_variables(job, &variables);
  assert_int_equal(ls_job_points(job), 20000);
  for (size_t i = 0; i < 20000; i++) assert_true(variables[0].numbers[i] == (double)i + 1);
  ls_job_free(&job);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

/* The same training under two names: a variable that is not used where its value differs, values
 * that mean the same, and keys that have no effect on results. */
static const struct {
  const char *recipe, *sweep, *message;
} repeated[] = {
    {"model: [sequential: $hidden]\n",
     "{hidden: {one: [dense: $a], two: [dense: $a, dense: $b]}, a: [1, 2], b: [3, 4, 5]}",
     "job.yaml:4: sweep.b: 4 of 12 points would repeat the training of another, such as "
     "'hidden=one a=1 b=3' and 'hidden=one a=1 b=4' (expected a 'when' if only some of them use "
     "$b, "
     "else other values)"},
    {"model: [sequential: $hidden]\n",
     "{hidden: {choice: {one: [flatten], two: [dense: $b]}}, b: [3, 4], count: 2, replicates: 2}",
     "job.yaml:4: sweep.b: 1 of 4 points would repeat the training of another, such as 'hidden=one "
     "b=3' and 'hidden=one b=4' (expected a 'when' if only some of them use $b, else other "
     "values)"},
    {"model: [dense: {units: 3, activation: $act}]\n", "{act: [relu, {relu: {}}, linear]}",
     "job.yaml:4: sweep.act: 1 of 3 points would repeat the training of another, such as "
     "'act=relu' "
     "and 'act=\"{relu: {}}\"' (expected a 'when' if only some of them use $act, else other "
     "values)"},
    {"model: [dense: $a / $b]\n", "{a: [4, 8], b: [1, 2]}",
     "job.yaml:4: sweep.a: 1 of 4 points would repeat the training of another, such as 'a=4 b=1' "
     "and 'a=8 b=2' (expected a 'when' if only some of them use $a, else other values)"},
    {"model: [flatten]\nreference: $a\n", "{a: [4, 8]}",
     "job.yaml:5: sweep.a: 1 of 2 points would repeat the training of another, such as 'a=4' and "
     "'a=8' (expected a 'when' if only some of them use $a, else other values)"},
};

static void test_repeated(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
    char text[512];
    ls_job *job = NULL;
    ls_error_clear();
    snprintf(text, sizeof text, "name: a\ntrain: {epochs: 3}\n%ssweep: %s\n", repeated[i].recipe,
             repeated[i].sweep);
    assert_int_equal(ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe), LS_INVALID);
    assert_string_equal(ls_error_message(), repeated[i].message);
  }
}

#define SWEEP "name: a\ntrain: {epochs: 3}\nmodel: [flatten]\nmarks: [$x, $y]\n"

static const struct {
  const char *sweep, *message;
} wrong[] = {
    {"{x: {uniform: {low: 0, high: 1}}, y: 1}",
     "job.yaml:5: sweep: needs 'count' (number of points that are drawn)"},
    {"{x: [1, 2], y: 1, count: 3}",
     "job.yaml:5: sweep.count: no variable is drawn (expected a distribution, such as {uniform: "
     "{low: 0, high: 1}})"},
    {"{x: {uniform: {low: 1, high: 1}}, y: 1, count: 3}",
     "job.yaml:5: sweep.x.uniform: has no values (expected low < high)"},
    {"{x: {uniform: {low: 1}}, y: 1, count: 3}",
     "job.yaml:5: sweep.x.uniform: needs 'high' (upper bound)"},
    {"{x: {uniform: [0, 1]}, y: 1, count: 3}",
     "job.yaml:5: sweep.x.uniform: found a list (expected its arguments, such as {low: 0, high: "
     "1})"},
    {"{x: {loguniform: {low: 1, high: 2}}, y: 1, count: 3}",
     "job.yaml:5: sweep.x: unknown distribution 'loguniform' (did you mean 'log_uniform'?)"},
    {"{x: {log_uniform: {low: 0, high: 2}}, y: 1, count: 3}",
     "job.yaml:5: sweep.x.log_uniform.low: 0 is too small (expected a number above 0)"},
    {"{x: {choice: 3}, y: 1, count: 3}",
     "job.yaml:5: sweep.x.choice: found '3' (expected a list of values)"},
    {"{x: {choice: [3, 3]}, y: 1, count: 1}", "job.yaml:5: sweep.x[1]: 3 is the same as item 0"},
    {"{x: {choice: [1, 2]}, y: [1, 2], count: 3}",
     "job.yaml:5: sweep.count: 3 are more than the variables have (expected at most 2, the "
     "different ones among 1216)"},
    {"{x: {choice: [1, 2]}, y: 1, count: 2, sampler: halton}",
     "job.yaml:5: sweep.sampler: unknown word 'halton' (expected one of: random, sobol)"},
    {"{joint: {x: [1, 2, 1], y: [3, 3, 3]}}",
     "job.yaml:5: sweep.joint: the values of row 2 are the same as those of row 0"},
    {"{joint: {x: [1, 2], y: [1]}}",
     "job.yaml:5: sweep.joint.y: has 1 values (expected 2, as the others)"},
    {"{joint: [{x: 1, y: 2}, {x: 1}]}",
     "job.yaml:5: sweep.joint[1]: lacks 'y', which the first row has"},
    {"{joint: [{x: 1, y: 2}, {x: 1, y: 2, z: 3}]}",
     "job.yaml:5: sweep.joint[1]: has variables that the first row lacks"},
    {"{joint: 3}",
     "job.yaml:5: sweep.joint: found '3' (expected variables with lists of values, or a "
     "list of rows {variable: value})"},
    {"{x: [1, 2], joint: {x: [1], y: [2]}}", "job.yaml:5: sweep.joint.x: is a variable already"},
    {"{x: [1, 2], y: {values: [1, 2], when: {z: 1}}}",
     "job.yaml:5: sweep.y.when: unknown variable above this one 'z' (did you mean 'x'?)"},
    {"{x: [1, 2], y: {values: [1, 2], when: {x: 3}}}",
     "job.yaml:5: sweep.y.when.x: '3' is no value of x"},
    {"{x: {normal: }, y: {values: [1, 2], when: {x: 3}}, count: 2}",
     "job.yaml:5: sweep.y.when.x: x is drawn from a distribution (expected a variable with a list "
     "of values)"},
    {"{point: {normal: }, y: 1, count: 2}", "job.yaml:5: sweep.point: the results have a 'point' "
                                            "of their own (expected another name, such "
                                            "as 'my_point')"},
    {"{x: [1, 2], y: {values: [1, 2], when: {x: 1}}}",
     "job.yaml:4: marks[1]: $y has no value in some trial (expected it only where its 'when' "
     "holds)"},
    {"{x: [1, 2], y: {when: {x: 1}}}",
     "job.yaml:5: sweep.y: has no values (expected them beside 'when')"},
    {"{x: [1, 2], y: {values: [1, 2], when: 3}}",
     "job.yaml:5: sweep.y.when: found '3' (expected a mapping of variables to values, such as "
     "{layers: 2})"},
};

static void test_errors(void **state) {
  (void)state;
  size_t found = 0;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[512];
    ls_job *job = NULL;
    ls_error_clear();
    snprintf(text, sizeof text, SWEEP "sweep: %s\n", wrong[i].sweep);
    int status = ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe);
    if (status == LS_INVALID && strcmp(ls_error_message(), wrong[i].message) == 0) continue;
    print_error("%s\n  expected: %s\n  got (%d): %s\n", wrong[i].sweep, wrong[i].message, status,
                ls_error_message());
    ls_job_free(&job);
    found++;
  }
  assert_int_equal(found, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sobol),
      cmocka_unit_test(test_scrambling),
      cmocka_unit_test(test_quantiles),
      cmocka_unit_test(test_points),
      cmocka_unit_test(test_conditions),
      cmocka_unit_test(test_chain_of_conditions),
      cmocka_unit_test(test_condition_of_a_distribution),
      cmocka_unit_test(test_repeated),
      cmocka_unit_test(test_draws),
      cmocka_unit_test(test_coverage),
      cmocka_unit_test(test_many),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
