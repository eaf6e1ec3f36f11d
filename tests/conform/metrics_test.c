/* Metrics against scikit-learn's and Keras's: tests/reference/metrics.txt, made by make_metrics.py
 * there. Each metric must have a case, here or in the unit tests. */
#include "job/job.h"
#include "nn/families.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 512, MOST_SUMS = 4096, PARTS = 3 };

typedef struct metric_case {
  size_t n, width;
  bool labelled;
  double value;
  ls_real y[MOST], values[MOST];
  int32_t labels[MOST];
  char metric[256];
} metric_case;

static void read_reals(FILE *file, size_t count, ls_real *out) {
  assert_true(count <= MOST);
  for (size_t i = 0; i < count; i++) {
    double value;
    assert_int_equal(fscanf(file, "%lf", &value), 1);
    out[i] = (ls_real)value;
  }
}

/* Labels one-hot, or 0 and 1 for a single output. */
static void read_labels(FILE *file, metric_case *c) {
  memset(c->values, 0, sizeof c->values);
  for (size_t i = 0; i < c->n; i++) {
    assert_int_equal(fscanf(file, "%d", &c->labels[i]), 1);
    size_t label = (size_t)c->labels[i];
    if (c->width == 1) c->values[i] = (ls_real)label;
    if (c->width > 1) c->values[i * c->width + label] = 1;
  }
}

static bool read_case(FILE *file, metric_case *c) {
  char kind[16];
  if (fscanf(file, "%zu %zu %15s %lf", &c->n, &c->width, kind, &c->value) != 4) return false;
  c->labelled = strcmp(kind, "labels") == 0;
  read_reals(file, c->n * c->width, c->y);
  if (c->labelled) {
    read_labels(file, c);
  } else {
    read_reals(file, c->n * c->width, c->values);
  }
  assert_int_equal(fscanf(file, " %255[^\n]", c->metric), 1);
  return true;
}

typedef struct values {
  ls_choice metric;
} values;

static const ls_arg args[] = {
    {"metric", LS_ARG_CHOICE, offsetof(values, metric), NULL, "metric", .family = &ls_metrics},
    {NULL},
};
static const ls_component component = {"fragment", "a metric", sizeof(values), args};

static void bind(const metric_case *c, values *v) {
  char text[512];
  ls_job *job = NULL;
  snprintf(text, sizeof text, "metric: %s\n", c->metric);
  int status = ls_job_read(&job, "fragment", text, NULL, 0, &component);
  if (status == LS_OK) status = ls_job_bind(job, 0, v);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  ls_job_free(&job);
}

/* The samples in parts, whose sums are added up. */
static double compute(const metric_case *c, const ls_choice *metric) {
  const ls_metric_type *type = (const ls_metric_type *)metric->type;
  double sums[MOST_SUMS] = {0}, total = 0;
  if (!type->evaluate) assert_true(type->size(metric->args, c->width) <= MOST_SUMS);
  for (size_t part = 0; part < PARTS; part++) {
    const size_t first = c->n * part / PARTS, end = c->n * (part + 1) / PARTS;
    const ls_outputs o = {.n = end - first,
                          .width = c->width,
                          .y = c->y + first * c->width,
                          .labels = c->labelled ? c->labels + first : NULL,
                          .values = c->values + first * c->width};
    if (type->evaluate) {
      total += type->evaluate(metric->args, &o);
    } else {
      type->add(metric->args, &o, sums);
    }
  }
  return type->evaluate ? total / (double)c->n : type->value(metric->args, c->width, c->n, sums);
}

static void references(void **state) {
  (void)state;
  FILE *file = fopen("tests/reference/metrics.txt", "r");
  if (!file) fail_msg("no tests/reference/metrics.txt (run this in the project's folder)");
  metric_case *c = new_array(1, sizeof *c);
  bool tested[MOST] = {false};
  while (read_case(file, c)) {
    values v = {{NULL}};
    bind(c, &v);
    double value = compute(c, &v.metric);
    if (!(fabs(value - c->value) <= 1e-6 * fmax(1, fabs(c->value)))) {
      fail_msg("%s of %zu %s is %.10g (expected %.10g)", c->metric, c->width,
               c->labelled ? "classes" : "values", value, c->value);
    }
    for (size_t i = 0; i < ls_metrics.count; i++) {
      tested[i] |= ls_metrics.members[i] == v.metric.type;
    }
    ls_component_clear(&component, &v);
  }
  fclose(file);
  free(c);
  for (size_t i = 0; i < ls_metrics.count; i++) {
    const ls_metric_type *type = (const ls_metric_type *)ls_metrics.members[i];
    if (!tested[i] && !type->evaluate) fail_msg("no case of %s", type->component.name);
  }
}

/* The value of a metric whose sums are all 0: there was no decision. */
static double of_nothing(const ls_metric_type *type, const char *text, size_t width) {
  metric_case c = {.width = width};
  values v = {{NULL}};
  double sums[MOST_SUMS] = {0};
  snprintf(c.metric, sizeof c.metric, "%s", text);
  bind(&c, &v);
  assert_ptr_equal(v.metric.type, &type->component);
  double value = type->value(v.metric.args, width, 0, sums);
  ls_component_clear(&component, &v);
  return value;
}

/* Areas and kappa are undefined where only one class occurs; fractions of nothing are 0. */
static void undefined(void **state) {
  (void)state;
  for (size_t width = 1; width <= 3; width++) {
    assert_true(isnan(of_nothing(&ls_metric_auc, "auc", width)));
    assert_true(isnan(of_nothing(&ls_metric_pr_auc, "{pr_auc: {average: micro}}", width)));
    assert_true(isnan(of_nothing(&ls_metric_cohen_kappa, "cohen_kappa", width)));
    assert_true(of_nothing(&ls_metric_f1, "f1", width) == 0);
    assert_true(of_nothing(&ls_metric_recall, "{recall: {average: weighted}}", width) == 0);
  }
}

/* A NaN among outputs is no decision for any class, and no interval above the first. */
static void not_a_number(void **state) {
  (void)state;
  metric_case c = {.n = 3,
                   .width = 2,
                   .labelled = true,
                   .labels = {0, 0, 1},
                   .values = {1, 0, 1, 0, 0, 1},
                   .y = {1, 0, (ls_real)NAN, 0, 0, 1}};
  static const struct {
    const char *metric;
    double value;
  } cases[] = {{"precision", 1}, {"recall", 0.75}, {"cohen_kappa", 1}, {"auc", 0.875}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    values v = {{NULL}};
    snprintf(c.metric, sizeof c.metric, "%s", cases[i].metric);
    bind(&c, &v);
    expect_near(compute(&c, &v.metric), cases[i].value, 1e-12);
    ls_component_clear(&component, &v);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(references), cmocka_unit_test(undefined),
                                     cmocka_unit_test(not_a_number)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
