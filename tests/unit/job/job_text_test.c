/* The resolved text: what it looks like, that it reads back to itself, and how two differ. */
#include "base/text.h"
#include "recipe.h"

#define LEAST "name: a\nmodel: [flatten]\ntrain: {epochs: 3}\n"

static void test_layout(void **state) {
  (void)state;
  ls_job *job = read_job(example, NULL, 0);
  assert_string_equal(ls_job_text(job), "name: hinton_l2\n"
                                        "title: \"Weight decay: Hinton's net\"\n"
                                        "dataset:\n"
                                        "  name: mnist\n"
                                        "  validation: folds\n"
                                        "model:\n"
                                        "  - flatten\n"
                                        "  - dense:\n"
                                        "      units: 500\n"
                                        "      activation: relu\n"
                                        "      kernel_initializer: glorot_uniform\n"
                                        "      kernel_regularizer: {l2: {factor: $l2}}\n"
                                        "  - dropout: {rate: 0.5}\n"
                                        "  - dense: {units: 10, activation: $act, "
                                        "kernel_initializer: glorot_uniform}\n"
                                        "extras: []\n"
                                        "train:\n"
                                        "  epochs: 40\n"
                                        "  seed: 1\n"
                                        "  optimizer: {sgd: {learning_rate: {constant: {value: "
                                        "0.1}}, momentum: 0, nesterov: false}}\n"
                                        "sweep:\n"
                                        "  l2: {log_range: [1.0e-6, 1.0e-3], count: 4}\n"
                                        "  act: [relu, linear]\n"
                                        "  replicates: 3\n"
                                        "  folds: 5\n"
                                        "  ranks_per_trial: 2\n");
  ls_job_free(&job);
}

/* Jobs whose resolved text has something to quote, to keep or to lay out. */
static const char *const jobs[] = {
    example,
    LEAST,
    LEAST
    "title: \"two\\nlines, a \\ttab, \\\"quotes\\\", back\\\\slash, \\u0085\\u2028\\ufeff\\x7f\"\n",
    LEAST "title: >\n  folded\n  text\n\n  of lines\n",
    LEAST "title: 'null'\n",
    LEAST "title: \"3\"\n",
    LEAST "title: \"\"\n",
    LEAST "title: \" - a\"\n",
    LEAST "title: -a\n",
    LEAST "title: a #b\n",
    LEAST "title: \"a #b: {c}\"\n",
    LEAST "title: \"--- a\"\n",
    LEAST "title: Größe 模型 \xf0\x9f\x98\x80\n",
    LEAST "title: $$money\n",
    LEAST "title: C:\\data\n",
    LEAST "title: \"*alias\"\n",
    LEAST "dataset: {file: /data/a b/(c)=~d.h5}\n",
    LEAST "title: &t x\ndataset: {name: *t}\n",
    LEAST "extras: [relu, $x]\nmarks: [$y]\n"
          "sweep:\n  x: [relu, \"linear\"]\n  y: [null, 1.50, 1.5e1]\n",
    "name: a\ntrain: {epochs: 3, optimizer: $o}\nmodel: [dense: $d]\nsweep:\n"
    "  o: [sgd, {sgd: {momentum: 0.9}}, adam, {adam: {betas: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, "
    "0.8, 0.81, 0.82, 0.83]}}]\n  d: [{units: 3}, 4]\n",
    LEAST "heads:\n  b: {activation: relu, loss_weight: $w * (2 - 0.5)}\n  a: linear\n"
          "marks: [1, null, 2]\nnotes: [a, {about: [b, c]}]\nsweep: {w: [1, 2]}\n",
    LEAST
    "claims: [{value: 1, at: {w: $$2, v: 'a b'}}, {order: [{w: 1}, {w: [x, y]}], value: 2}]\n",
    LEAST "marks:\n  - null\n  - 3.1415926535897932384626433832795028841971693993751\n"
          "  - 2.71828182845904523536028747135266249775724709369995\n",
    "name: a\ntrain: {epochs: -2 + 3 * $e}\nmodel: [sequential: $net]\nsweep:\n"
    "  net: {one: [dense: {units: $u, activation: $act}],\n    \"a: {b}\": [dense: {units: 2 * $u, "
    "activation: $act}]}\n"
    "  e: [1, 2]\n  u: [30, $e, $e / 1 * 9]\n  act: {no: linear, 'yes': relu}\n",
};

/* Expects the differences of a job from a recorded one; NULL: none. */
static void assert_differences(const ls_job *job, const char *recorded, const char *expected) {
  char *found;
  assert_int_equal(ls_job_differences(&found, job, recorded), LS_OK);
  assert_string_equal(found ? found : "none", expected ? expected : "none");
  free(found);
}

static void assert_same_trials(const ls_job *a, const ls_job *b) {
  assert_int_equal(ls_job_trials(a), ls_job_trials(b));
  for (size_t trial = 0; trial < ls_job_trials(a); trial++) {
    char name_a[512], name_b[512];
    ls_job_trial_name(a, trial, name_a, sizeof name_a);
    ls_job_trial_name(b, trial, name_b, sizeof name_b);
    assert_string_equal(name_a, name_b);
    recipe_args v = bind_trial(a, trial), w = bind_trial(b, trial);
    assert_string_equal(v.title ? v.title : "(none)", w.title ? w.title : "(none)");
    assert_int_equal(v.model.count, w.model.count);
    assert_ptr_equal(v.train.optimizer.type, w.train.optimizer.type);
    ls_component_clear(&recipe, &v);
    ls_component_clear(&recipe, &w);
  }
}

static void test_reads_back(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
    ls_job *job = read_job(jobs[i], NULL, 0);
    ls_job *again = read_job(ls_job_text(job), NULL, 0);
    assert_string_equal(ls_job_text(again), ls_job_text(job));
    assert_same_trials(job, again);
    assert_differences(again, ls_job_text(job), NULL);
    ls_job_free(&again);
    ls_job_free(&job);
  }
}

/* Texts of versions that wrote out what was left out. */
static void test_no_difference_by_nulls(void **state) {
  (void)state;
  const char *set = "sweep={rate: [null, 1], replicates: 2}", *title = "title=null";
  ls_job *job = read_job(LEAST "marks: [$rate]\n", &set, 1);
  assert_non_null(strstr(ls_job_text(job), "rate: [null, 1]"));
  ls_job *other = read_job(ls_job_text(job), &title, 1);
  assert_differences(other, ls_job_text(job), NULL);
  ls_text with_null = {0};
  ls_text_add(&with_null, "title: null\n%s", ls_job_text(job));
  assert_differences(job, with_null.data, NULL);
  ls_text_free(&with_null);
  ls_job_free(&other);
  ls_job_free(&job);
}

static void test_differences(void **state) {
  (void)state;
  static const struct {
    const char *set, *expected; /* of the job that has the setting, from the one that lacks it */
  } cases[] = {
      {"sweep.ranks_per_trial=7", NULL},
      {"figures=[a]", NULL},
      {"sweep={}", NULL},
      {"train.epochs=3", NULL},
      {"train.epochs=4", "train.epochs: 3 in the file, 4 in the job"},
      {"name=b", "name: a in the file, b in the job"},
      {"title='3'", NULL},
      {"reference=3", NULL},
      {"marks=[3]", "marks: not in the file, [3] in the job"},
      {"sweep.replicates=1", "sweep: not in the file, {replicates: 1} in the job"},
      {"train.seed=1", NULL},
      {"train.optimizer={sgd: {learning_rate: {constant: 1.0e-2}}}", NULL},
      {"name='a'", NULL},
      {"train.optimizer=sgd", NULL},
      {"train.optimizer={sgd: {learning_rate: {constant: 0.1}}}",
       "train.optimizer.sgd.learning_rate.constant.value: 0.01 in the file, 0.1 in the job"},
      {"train.optimizer={sgd: {learning_rate: cosine}}",
       "train.optimizer.sgd.learning_rate: {constant: {value: 0.01}} in the file, "
       "{cosine: {initial: 0.1, final: 0}} in the job"},
      {"model=[dense: 3]", "model[0]: flatten in the file, {dense: {units: 3, activation: linear, "
                           "kernel_initializer: g... in the job"},
      {"model=[flatten, flatten]", "model[1]: not in the file, flatten in the job"},
  };
  ls_job *job = read_job(LEAST, NULL, 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ls_job *other = read_job(LEAST, &cases[i].set, 1);
    assert_differences(other, ls_job_text(job), cases[i].expected);
    ls_job_free(&other);
  }
  char *found;
  assert_int_equal(ls_job_differences(&found, job, "not: [a job"), LS_INVALID);
  assert_differences(job, "[a, b]",
                     "[a, b] in the file, {name: a, dataset: {name: mnist, validation: test}, "
                     "model: [... in the job");
  ls_job_free(&job);
}

/* Only the first differences are listed. */
static void test_many_differences(void **state) {
  (void)state;
  const char *sets[] = {"name=b",         "title=t",      "model=[dropout: 0.5]",
                        "train.epochs=5", "train.seed=6", "sweep={x: [1, 2]}",
                        "marks=[$x]"};
  ls_job *job = read_job(LEAST, NULL, 0), *other = read_job(LEAST, sets, 7);
  assert_differences(other, ls_job_text(job),
                     "name: a in the file, b in the job; model[0]: flatten in the file, {dropout: "
                     "{rate: 0.5}} in the job; train.epochs: 3 in the file, 5 in the job; "
                     "train.seed: 1 in the file, 6 "
                     "in the job; 2 more");
  ls_job_free(&other);
  ls_job_free(&job);
}

/* A key that an earlier version did not write has the default there. */
static void test_older_record(void **state) {
  (void)state;
  static const char recorded[] =
      "name: a\ndataset: {name: mnist, validation: test}\nmodel: [flatten]\n"
      "extras: []\ntrain: {epochs: 3, "
      "optimizer: {sgd: {learning_rate: {constant: {value: 0.01}}, "
      "momentum: 0, nesterov: false}}}";
  const char *sets[] = {"train.seed=6"};
  ls_job *job = read_job(LEAST, NULL, 0), *other = read_job(LEAST, sets, 1);
  assert_differences(job, recorded, NULL);
  assert_differences(other, recorded,
                     "train.seed: not in the file, which an earlier version wrote, 6 in the job");
  ls_job_free(&other);
  ls_job_free(&job);
}

/* A component that has got its first arguments, which this job leaves out. */
static void test_older_component(void **state) {
  (void)state;
  ls_job *job = read_job(LEAST, NULL, 0);
  ls_text text = {0};
  const char *resolved = ls_job_text(job), *model = strstr(resolved, "  - flatten\n");
  assert_non_null(model);
  ls_text_add(&text, "%.*s  - flatten: {}\n%s", (int)(model - resolved), resolved,
              model + strlen("  - flatten\n"));
  char *recorded = ls_text_take(&text);
  assert_differences(job, recorded, NULL);
  free(recorded);
  ls_job_free(&job);
}

/* It is that of the dimensions of the results. */
static void test_order_of_variables(void **state) {
  (void)state;
  const char *sets[] = {"sweep={x: [1], y: [2]}", "sweep={y: [2], x: [1]}"};
  const char *text = LEAST "reference: $x\nmarks: [$y]\n";
  ls_job *job = read_job(text, &sets[0], 1), *other = read_job(text, &sets[1], 1);
  assert_differences(other, ls_job_text(job),
                     "sweep: {x: [1], y: [2]} in the file, {y: [2], x: [1]} in the job");
  ls_job_free(&other);
  ls_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_layout),
      cmocka_unit_test(test_reads_back),
      cmocka_unit_test(test_no_difference_by_nulls),
      cmocka_unit_test(test_differences),
      cmocka_unit_test(test_many_differences),
      cmocka_unit_test(test_older_record),
      cmocka_unit_test(test_older_component),
      cmocka_unit_test(test_order_of_variables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
