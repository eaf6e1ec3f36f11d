/* The file of an evaluation. */
#include "study/evaluate/result.h"

#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <math.h>
#include <string.h>

/* ---- Axes ---- */

static void write_models(labelled *l, const evaluate_result *r) {
  size_t n = r->entry_count;
  const char **names = ls_memory_new(&l->memory, n, sizeof *names);
  const char **files = ls_memory_new(&l->memory, n, sizeof *files);
  for (size_t i = 0; names && files && i < n; i++) {
    names[i] = r->entries[i].name;
    files[i] = r->entries[i].model->path;
  }
  const labelled_variable table[] = {
      {"model", LABELLED_TEXT, NULL, NULL, "model", names, n},
      {"other_model", LABELLED_TEXT, NULL, NULL, "model to compare with", names, n > 1 ? n : 0},
      {NULL}};
  labelled_write(l, table);
  if (l->status == LS_OK) l->status = ls_h5_set_texts(l->file, "model", "files", n, files);
}

static void write_axes(labelled *l, const evaluate_result *r) {
  double middle[RELIABILITY_BINS];
  for (int i = 0; i < RELIABILITY_BINS; i++) middle[i] = (i + 0.5) / RELIABILITY_BINS;
  const labelled_variable table[] = {
      {"sample", LABELLED_INT64, NULL, NULL, "number of the sample in its part of the dataset",
       r->samples, r->inputs->count},
      {"bin", LABELLED_DOUBLE, NULL, "1", "middle of a bin of confidence", middle,
       r->head_count > 0 ? RELIABILITY_BINS : 0},
      {NULL}};
  write_models(l, r);
  labelled_write(l, table);
  for (size_t p = 0; p < r->options->perturbation_count; p++) {
    const ls_perturbation *own = &r->options->perturbations[p];
    const labelled_variable levels[] = {{own->type->name, LABELLED_DOUBLE, NULL, own->type->units,
                                         own->type->level, own->levels, own->count},
                                        {NULL}};
    labelled_write(l, levels);
  }
}

/* ---- Variables ---- */

/* The variable of a quantity. The scores of each class (write_head) have the names of metrics. */
static const char *variable_of(labelled *l, const evaluate_result *r, const quantity *q) {
  static const char *const scores[] = {"precision", "recall", "f1"};
  for (size_t h = 0; h < r->head_count; h++) {
    size_t length = strlen(r->heads[h].prefix);
    if (strncmp(q->name, r->heads[h].prefix, length) != 0) continue;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
      if (strcmp(q->name + length, scores[i]) != 0) continue;
      return ls_memory_text(&l->memory, "overall_%s", q->name);
    }
  }
  return q->name;
}

static void write_quantities(labelled *l, const evaluate_result *r) {
  for (size_t q = 0; q < r->quantity_count; q++) {
    const quantity *own = &r->quantities[q];
    const labelled_variable table[] = {{variable_of(l, r, own), LABELLED_DOUBLE, "model", "1",
                                        own->long_name, r->plain + q * r->entry_count},
                                       {NULL}};
    labelled_write(l, table);
  }
  for (size_t p = 0; p < r->options->perturbation_count; p++) {
    const char *level = r->options->perturbations[p].type->name;
    const char *axes = ls_memory_text(&l->memory, "model/%s", level);
    for (size_t q = 0; q < r->quantity_count; q++) {
      const quantity *own = &r->quantities[q];
      const labelled_variable table[] = {{ls_memory_text(&l->memory, "%s_%s", own->name, level),
                                          LABELLED_DOUBLE, axes, "1", own->long_name,
                                          r->curves[p] + curve_at(r, p, q, 0, 0)},
                                         {NULL}};
      labelled_write(l, table);
    }
  }
}

static void write_head(labelled *l, const class_head *h) {
  enum { SCORES = sizeof *h->scores, BINS = sizeof *h->bins, BIN = RELIABILITY_BINS };
  const labelled_variable table[] = {
      {"+class", LABELLED_INT64, NULL, NULL, "class", NULL, h->classes},
      {"+predicted_class", LABELLED_INT64, NULL, NULL, "class predicted", NULL, h->classes},
      {"+predicted_total", LABELLED_INT64, "model/+predicted_class", NULL,
       "samples predicted as the class", h->predicted_totals},
      {"+precision", LABELLED_DOUBLE, "model/+class", "1",
       "fraction of the samples predicted as the class that are of it", &h->scores->precision,
       .stride = SCORES},
      {"+recall", LABELLED_DOUBLE, "model/+class", "1",
       "fraction of the class that is predicted as it", &h->scores->recall, .stride = SCORES},
      {"+f1", LABELLED_DOUBLE, "model/+class", "1", "harmonic mean of precision and recall",
       &h->scores->f1, .stride = SCORES},
      {"+support", LABELLED_INT64, "+class", NULL, "samples of the class", h->support},
      {"+reliability_count", LABELLED_INT64, "model/bin", NULL, "predictions of the confidence",
       h->bins->count, .stride = BINS, .block = BIN},
      {"+reliability_accuracy", LABELLED_DOUBLE, "model/bin", "1",
       "fraction of them that are correct", h->bins->accuracy, .stride = BINS, .block = BIN},
      {"+reliability_confidence", LABELLED_DOUBLE, "model/bin", "1", "mean of their confidence",
       h->bins->confidence, .stride = BINS, .block = BIN},
      {"+label", LABELLED_INT64, "sample", NULL, "class of the sample", h->labels},
      {"+predicted", LABELLED_INT64, "model/sample", NULL, "class predicted, -1 for none",
       h->predicted},
      {"+confidence", LABELLED_DOUBLE, "model/sample", "1", "output of the class predicted",
       h->confidence},
      {"+confusion", LABELLED_INT64, "model/+class/+predicted_class", NULL,
       "samples by true and predicted class", h->confusion},
      {NULL}};
  labelled_write_prefixed(l, h->prefix, table);
  if (h->confusion) return;
  labelled_summarize(l, "There is no confusion matrix of more than %d classes.",
                     CLASSES_MOST_CONFUSED);
}

static void write_comparisons(labelled *l, const class_head *h) {
  const mcnemar *c = h->comparisons;
  enum { TESTS = sizeof *c };
  const labelled_variable table[] = {
      {"+only_right", LABELLED_INT64, "model/other_model", NULL,
       "samples that the model classifies correctly and the other one does not", &c->first,
       .stride = TESTS},
      {"+mcnemar_p", LABELLED_DOUBLE, "model/other_model", "1",
       "two-sided p-value of McNemar's test", &c->p, .stride = TESTS},
      {"+mcnemar_p_holm", LABELLED_DOUBLE, "model/other_model", "1",
       "the same, corrected for all pairs of models by Holm's method", &c->p_holm, .stride = TESTS},
      {"+mcnemar_statistic", LABELLED_DOUBLE, "model/other_model", "1",
       "chi-square with continuity correction; none where the test is exact", &c->statistic,
       .stride = TESTS},
      {"+mcnemar_exact", LABELLED_INT64, "model/other_model", NULL,
       "1 where the test is the exact binomial one", &c->exact, .stride = TESTS},
      {NULL}};
  labelled_write_prefixed(l, h->prefix, table);
}

/* ---- Summary ---- */

/* An entry's values at the levels of a perturbation. */
static void summarize_levels(labelled *l, const evaluate_result *r, size_t q, size_t i, size_t p) {
  const ls_perturbation *own = &r->options->perturbations[p];
  ls_text text = {0};
  for (size_t k = 0; k < own->count; k++) {
    ls_text_add(&text, "%s %.4f at %g", k > 0 ? "," : "", r->curves[p][curve_at(r, p, q, i, k)],
                own->levels[k]);
  }
  labelled_summarize(l, "%s, %s: %s%s", r->entries[i].name, own->type->name, r->quantities[q].name,
                     text.data);
  ls_text_free(&text);
}

static void summarize_plain(labelled *l, const evaluate_result *r, size_t q, size_t i) {
  const double *value = r->plain + q * r->entry_count + i;
  const char *who = r->entries[i].name, *name = r->quantities[q].name;
  if (isnan(*value)) return;
  if (r->quantities[q].kind != QUANTITY_ACCURACY) {
    labelled_summarize(l, "%s: %s %.4f", who, name, *value);
  } else {
    labelled_summarize(l, "%s: %s %.4f (95 %% interval %.4f to %.4f)", who, name, *value,
                       value[r->entry_count], value[2 * r->entry_count]);
  }
}

/* Each accuracy; the loss where no classes are predicted. */
static void summarize(labelled *l, const evaluate_result *r) {
  for (size_t q = 0; q < r->quantity_count; q++) {
    bool accuracy = r->quantities[q].kind == QUANTITY_ACCURACY;
    if (!accuracy && (q > 0 || r->head_count > 0)) continue;
    for (size_t i = 0; i < r->entry_count; i++) summarize_plain(l, r, q, i);
    for (size_t p = 0; p < r->options->perturbation_count; p++) {
      for (size_t i = 0; i < r->entry_count; i++) summarize_levels(l, r, q, i, p);
    }
  }
}

void evaluate_write(labelled *l, const void *result) {
  const evaluate_result *r = result;
  labelled_attribute(l, "dataset", r->inputs->dataset->path);
  labelled_attribute(l, "split", ls_split_names[r->options->split]);
  write_axes(l, r);
  write_quantities(l, r);
  for (size_t h = 0; h < r->head_count; h++) {
    write_head(l, &r->heads[h]);
    if (r->entry_count > 1) write_comparisons(l, &r->heads[h]);
  }
  summarize(l, r);
}
