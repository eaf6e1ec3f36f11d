/* What a job's values become: shorthands, defaults, overrides, aliases. */
#include "job/simpler.h"
#include "recipe.h"

#define LEAST "name: a\nmodel: [flatten]\ntrain: {epochs: 3}\n"

static void test_example(void **state) {
  (void)state;
  ls_job *job = read_job(example, NULL, 0);
  recipe_args v = bind_trial(job, ls_job_trials(job) - 1);
  assert_string_equal(v.name, "hinton_l2");
  assert_string_equal(v.title, "Weight decay: Hinton's net");
  assert_true(isnan(v.reference));
  assert_null(v.dataset.file);
  assert_int_equal(v.dataset.validation, 1);
  assert_int_equal(v.extras.count, 0);

  assert_int_equal(v.model.count, 4);
  assert_ptr_equal(v.model.items[0].type, &flatten);
  assert_null(v.model.items[0].args);
  assert_string_equal(v.model.items[0].where, "job.yaml:7: model[0].flatten");
  const dense_args *first = v.model.items[1].args, *last = v.model.items[3].args;
  assert_int_equal(first->units, 500);
  assert_ptr_equal(first->activation.type, &relu);
  assert_ptr_equal(first->initializer.type, &glorot);
  assert_ptr_equal(first->regularizer.type, &l2);
  assert_true(((number_args *)first->regularizer.args)->value == 1e-3);
  assert_string_equal(v.model.items[1].where, "job.yaml:8: model[1].dense");
  assert_ptr_equal(v.model.items[2].type, &dropout);
  assert_true(((number_args *)v.model.items[2].args)->value == 0.5);
  assert_ptr_equal(last->activation.type, &linear);
  assert_string_equal(last->activation.where, "job.yaml:16: model[3].dense.activation.linear");
  assert_null(last->regularizer.type);

  assert_int_equal(v.train.epochs, 40);
  assert_int_equal(v.train.seed, 1);
  assert_int_equal(v.train.shards, 0);
  assert_true(isnan(v.train.clip));
  assert_ptr_equal(v.train.optimizer.type, &sgd);
  const sgd_args *s = v.train.optimizer.args;
  assert_ptr_equal(s->learning_rate.type, &constant);
  assert_true(((number_args *)s->learning_rate.args)->value == 0.1);
  assert_true(s->momentum == 0 && !s->nesterov);
  assert_int_equal(v.train.stopping.patience, 0);
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
  assert_null(job);
}

/* Each spelling in `same` gives the same resolved text as the first of its row. */
static void test_spellings(void **state) {
  (void)state;
  static const char *const rows[][4] = {
      {"train.optimizer=sgd", "train.optimizer={sgd: null}", "train.optimizer={sgd: {}}",
       "train.optimizer={sgd: 0.01}"},
      {"train.optimizer={sgd: 0.1}", "train.optimizer={sgd: {learning_rate: 0.1}}",
       "train.optimizer={sgd: {learning_rate: {constant: 0.1}}}",
       "train.optimizer.sgd.learning_rate.constant.value=0.1"},
      {"model=[{dropout: 0.5}]", "model[0]={dropout: 0.5}", "model.0={dropout: {rate: 0.5}}",
       "model.0={'dropout': 0.5}"},
      {"train.early_stopping=3", "train.early_stopping.patience=3",
       "train.early_stopping={patience: 3, mode: null}",
       "train.early_stopping={mode: , patience: 3}"},
      {"train.shards=null", "train.shards=~", "train.shards=", "train.clip=Null"},
      {"train={epochs: 3}", "train=3", "dataset={}", "dataset="},
      {"title=&a x", "title=x", "title= x # comment", "title=\nx"},
  };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    ls_job *first = read_job(LEAST, &rows[r][0], 1);
    for (size_t i = 1; i < 4; i++) {
      ls_job *other = read_job(LEAST, &rows[r][i], 1);
      assert_string_equal(ls_job_text(other), ls_job_text(first));
      ls_job_free(&other);
    }
    ls_job_free(&first);
  }
}

static void test_numbers(void **state) {
  (void)state;
  static const struct {
    const char *set;
    double value;
  } cases[] = {
      {"reference=1", 1},          {"reference=-1.5", -1.5}, {"reference=+.5", 0.5},
      {"reference=1e-3", 1e-3},    {"reference=5.", 5},      {"reference=1.0E+2", 100},
      {"reference=-0.25e1", -2.5},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ls_job *job = read_job(LEAST, &cases[i].set, 1);
    recipe_args v = bind_trial(job, 0);
    assert_true(v.reference == cases[i].value);
    ls_component_clear(&recipe, &v);
    ls_job_free(&job);
  }
}

static void test_texts(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"title=2024", "2024"},      {"title=\"null\"", "null"}, {"title=$$x", "$x"},
      {"title=\"$$x\"", "$x"},     {"title=a $x", "a $x"},     {"title='it''s: #1'", "it's: #1"},
      {"title=\"a\\nb\"", "a\nb"}, {"title=\"\"", ""},         {"title=Größe", "Größe"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ls_job *job = read_job(LEAST, &cases[i][0], 1);
    recipe_args v = bind_trial(job, 0);
    assert_string_equal(v.title, cases[i][1]);
    ls_component_clear(&recipe, &v);
    ls_job_free(&job);
  }
}

static void test_sets_in_order(void **state) {
  (void)state;
  const char *const sets[] = {
      "train.optimizer=adam",
      "train.optimizer.adam.betas=[0.5]",
      "model=[flatten, dense: {units: 5}]",
      "model[1].dense.units=300",
      "model.1.dense.activation=relu",
      "train.early_stopping.mode=max",
      "train.early_stopping.patience=7",
  };
  ls_job *job = read_job(LEAST, sets, sizeof sets / sizeof *sets);
  recipe_args v = bind_trial(job, 0);
  const adam_args *a = v.train.optimizer.args;
  assert_int_equal(a->betas.count, 1);
  assert_true(a->betas.values[0] == 0.5);
  assert_ptr_equal(a->learning_rate.type, &cosine);
  assert_true(((cosine_args *)a->learning_rate.args)->initial == 1e-3);
  const dense_args *d = v.model.items[1].args;
  assert_int_equal(d->units, 300);
  assert_ptr_equal(d->activation.type, &relu);
  assert_string_equal(d->activation.where,
                      "--set model.1.dense.activation=relu: model[1].dense.activation.relu");
  assert_int_equal(v.train.stopping.mode, 1);
  assert_int_equal(v.train.stopping.patience, 7);
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
}

static void test_named_sections(void **state) {
  (void)state;
  const char *const sets[] = {"heads.hour.loss_weight=2", "heads.second.activation=relu"};
  ls_job *job =
      read_job(LEAST "heads:\n  minute: linear\n  hour:\n    activation: relu\n", sets, 2);
  recipe_args v = bind_trial(job, 0);
  static const char *const names[] = {"minute", "hour", "second"};
  static const double weights[] = {1, 2, 1};
  assert_int_equal(v.heads.count, 3);
  for (size_t i = 0; i < 3; i++) {
    const head_args *a = v.heads.items[i].values;
    assert_string_equal(v.heads.items[i].name, names[i]);
    assert_true(a->weight == weights[i]);
    assert_ptr_equal(a->activation.type, i == 0 ? &linear : &relu);
  }
  assert_string_equal(v.heads.items[1].where, "job.yaml:6: heads.hour");
  const head_args *hour = v.heads.items[1].values;
  assert_string_equal(hour->activation.where, "job.yaml:7: heads.hour.activation.relu");
  ls_component_clear(&recipe, &v);
  assert_int_equal(v.heads.count, 0);
  assert_int_equal(ls_job_fail(job, "heads", "hour", "is %s", "late"), LS_INVALID);
  assert_string_equal(ls_error_message(), "job.yaml:6: heads.hour: is late");
  ls_job_fail(job, "heads", NULL, "are late");
  assert_string_equal(ls_error_message(), "job.yaml:4: heads: are late");
  ls_job_free(&job);
}

static void test_lists_of_sections(void **state) {
  (void)state;
  const char *const sets[] = {"notes[1].weight=2"};
  ls_job *job = read_job(LEAST "notes:\n- one\n- about: [two, 3]\n", sets, 1);
  recipe_args v = bind_trial(job, 0);
  assert_int_equal(v.notes.count, 2);
  const note_args *first = v.notes.items[0].values, *second = v.notes.items[1].values;
  assert_null(v.notes.items[1].name);
  assert_string_equal(v.notes.items[1].where, "job.yaml:6: notes[1]");
  assert_int_equal(first->about.count, 1);
  assert_string_equal(first->about.items[0], "one");
  assert_int_equal(second->about.count, 2);
  assert_string_equal(second->about.items[1], "3");
  assert_true(first->weight == 1 && second->weight == 2);
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
}

static void test_settings(void **state) {
  (void)state;
  ls_job *job =
      read_job(LEAST "claims:\n  - {value: 1, at: {w: 2, act: {relu: {a: 1}}}}\n"
                     "  - value: 3\n    order: [{w: 1}, {w: 2}]\n  - {value: 4, order: {w: 1.0}}\n",
               NULL, 0);
  recipe_args v = bind_trial(job, 0);
  assert_int_equal(v.claims.count, 3);
  const claim_args *first = v.claims.items[0].values, *second = v.claims.items[1].values;
  assert_int_equal(first->at.count, 1);
  assert_int_equal(first->order.count, 0);
  assert_int_equal(first->at.items[0].count, 2);
  assert_string_equal(first->at.items[0].items[0].variable, "w");
  assert_string_equal(first->at.items[0].items[0].value, "2");
  assert_string_equal(first->at.items[0].items[1].value, "{relu: {a: 1}}");
  assert_int_equal(second->order.count, 2);
  assert_string_equal(second->order.items[1].items[0].value, "2");
  const claim_args *third = v.claims.items[2].values;
  assert_string_equal(third->order.items[0].items[0].value, "1.0");
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
}

/* Numbers by names, which may be any text, or a word; and whether two are the same. */
static void test_named_numbers(void **state) {
  (void)state;
  ls_job *job = read_job(LEAST "claims:\n  - {value: 1, shares: {a b: 0.5, 3: $w}}\n"
                               "  - {value: 1, shares: even}\n  - {value: 1}\n"
                               "  - {value: 1, shares: {a b: 0.5, 3: 2}}\nsweep: {w: [2, 4]}\n",
                         NULL, 0);
  recipe_args v = bind_trial(job, 0), w = bind_trial(job, 1);
  const ls_named_reals *shares[4];
  for (size_t i = 0; i < 4; i++) shares[i] = &((claim_args *)v.claims.items[i].values)->shares;
  assert_int_equal(shares[0]->names.count, 2);
  assert_string_equal(shares[0]->names.items[0], "a b");
  assert_string_equal(shares[0]->names.items[1], "3");
  assert_true(shares[0]->values[0] == 0.5 && shares[0]->values[1] == 2);
  assert_null(shares[0]->word);
  assert_string_equal(shares[1]->word, "even");
  assert_true(!shares[2]->word && shares[1]->names.count == 0 && shares[2]->names.count == 0);
  const ls_section *claims = v.claims.items;
  assert_int_equal(ls_simpler(&claim, claims[0].values, claims[3].values), 0);
  assert_int_equal(ls_simpler(&claim, claims[0].values, claims[1].values), LS_OTHERWISE);
  assert_int_equal(ls_simpler(&claim, claims[1].values, claims[2].values), LS_OTHERWISE);
  assert_int_equal(ls_simpler(&claim, claims[0].values, w.claims.items[0].values), LS_OTHERWISE);
  ls_component_clear(&recipe, &v);
  ls_component_clear(&recipe, &w);
  ls_job_free(&job);
}

static void test_lists_of_numbers(void **state) {
  (void)state;
  const char *const sets[] = {"marks=[1, null, 3]", "marks=7", "marks="};
  static const double values[][3] = {{1, NAN, 3}, {7}, {0}};
  static const size_t counts[] = {3, 1, 0};
  for (size_t k = 0; k < 3; k++) {
    ls_job *job = read_job(LEAST, &sets[k], 1);
    recipe_args v = bind_trial(job, 0);
    assert_int_equal(v.marks.count, counts[k]);
    for (size_t i = 0; i < counts[k]; i++) {
      double a = v.marks.values[i], b = values[k][i];
      assert_true(a == b || (isnan(a) && isnan(b)));
    }
    ls_component_clear(&recipe, &v);
    ls_job_free(&job);
  }
}

static void test_aliases(void **state) {
  (void)state;
  ls_job *job = read_job("name: &n a\ntitle: *n\ntrain: 3\n"
                         "model:\n- &d {dense: {units: 5}}\n- *d\n- &d {dropout: 0}\n- *d\n",
                         NULL, 0);
  recipe_args v = bind_trial(job, 0);
  assert_string_equal(v.title, "a");
  assert_int_equal(((dense_args *)v.model.items[1].args)->units, 5);
  assert_ptr_equal(v.model.items[3].type, &dropout);
  ls_component_clear(&recipe, &v);
  ls_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_example),          cmocka_unit_test(test_spellings),
      cmocka_unit_test(test_numbers),          cmocka_unit_test(test_texts),
      cmocka_unit_test(test_sets_in_order),    cmocka_unit_test(test_aliases),
      cmocka_unit_test(test_named_sections),   cmocka_unit_test(test_lists_of_sections),
      cmocka_unit_test(test_settings),         cmocka_unit_test(test_named_numbers),
      cmocka_unit_test(test_lists_of_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
