/* The file of an evaluation. */
#include "study/evaluate/evaluation.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "study/model/labelled.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Axes --------------------------------------------------------------------------------------
 */

static void write_integers(labelled *l, const char *name, const char *long_name, size_t count,
                           const uint32_t *numbers) {
  int64_t *values = ls_new(count, sizeof *values);
  if (!values) l->status = LS_FAILED;
  for (size_t i = 0; values && i < count; i++) values[i] = numbers ? numbers[i] : (int64_t)i;
  if (values) labelled_numbers(l, name, long_name, NULL, H5T_NATIVE_INT64, count, values);
  free(values);
}

static void write_models(labelled *l, const evaluation *e) {
  const char **names = ls_new(e->entry_count, sizeof *names);
  if (!names) l->status = LS_FAILED;
  for (size_t i = 0; names && i < e->entry_count; i++) names[i] = e->entries[i].name;
  if (names) labelled_texts(l, "model", "model", e->entry_count, names);
  if (names && e->entry_count > 1) {
    labelled_texts(l, "other_model", "model to compare with", e->entry_count, names);
  }
  for (size_t i = 0; names && i < e->entry_count; i++) names[i] = e->entries[i].model->path;
  if (names && l->status == LS_OK) {
    l->status = ls_h5_set_texts(l->file, "model", "files", e->entry_count, names);
  }
  free(names);
}

static void write_axes(labelled *l, const evaluation *e) {
  write_models(l, e);
  write_integers(l, "sample", "number of the sample in its part of the dataset", e->inputs->count,
                 e->inputs->numbers);
  double middle[RELIABILITY_BINS];
  for (int i = 0; i < RELIABILITY_BINS; i++) middle[i] = (i + 0.5) / RELIABILITY_BINS;
  if (e->head_count > 0) {
    labelled_numbers(l, "bin", "middle of a bin of confidence", "1", H5T_NATIVE_DOUBLE,
                     RELIABILITY_BINS, middle);
  }
  for (size_t p = 0; p < e->options->perturbation_count; p++) {
    const ls_perturbation *own = &e->options->perturbations[p];
    labelled_numbers(l, own->type->name, own->type->level, own->type->units, H5T_NATIVE_DOUBLE,
                     own->count, own->levels);
  }
}

/* ---- Quantities --------------------------------------------------------------------------------
 */

static void write_quantities(labelled *l, const evaluation *e) {
  for (size_t q = 0; q < e->quantity_count; q++) {
    const quantity *own = &e->quantities[q];
    labelled_variable(l, own->name, own->long_name, "1", H5T_NATIVE_DOUBLE, 1,
                      (const char *const[]){"model"}, e->plain_values + q * e->entry_count);
  }
  for (size_t p = 0; p < e->options->perturbation_count; p++) {
    const char *level = e->options->perturbations[p].type->name;
    for (size_t q = 0; q < e->quantity_count; q++) {
      const quantity *own = &e->quantities[q];
      char name[256];
      snprintf(name, sizeof name, "%s_%s", own->name, level);
      labelled_variable(l, name, own->long_name, "1", H5T_NATIVE_DOUBLE, 2,
                        (const char *const[]){"model", level},
                        e->curves[p] + curve_at(e, p, q, 0, 0));
    }
  }
}

/* ---- Heads that tell classes -------------------------------------------------------------------
 */

/* Names of a head's axes and variables. */
typedef struct names {
  const char *prefix;
  char buffer[128];
} names;

static const char *named(names *n, const char *name) {
  snprintf(n->buffer, sizeof n->buffer, "%s%s", n->prefix, name);
  return n->buffer;
}

/* A variable of numbers that are whole, or shares. */
static void write_variable(labelled *l, const char *name, const char *long_name, bool whole,
                           size_t rank, const char *const *axes, size_t count, double *values) {
  hid_t type = H5T_NATIVE_DOUBLE;
  if (whole) { /* in the same memory */
    for (size_t i = 0; i < count; i++) {
      int64_t number = (int64_t)values[i];
      memcpy(values + i, &number, sizeof number);
    }
    type = H5T_NATIVE_INT64;
  }
  labelled_variable(l, name, long_name, whole ? NULL : "1", type, rank, axes, values);
}

/* Arrays over models. NaN or -1 where a model hasn't got the head. */
typedef struct class_arrays {
  double *confusion, *scores[3];  /* [model, true, predicted], [model, class] */
  double *support;                /* [class] */
  double *bins[3];                /* [model, bin]: count, accuracy, confidence */
  double *predicted, *confidence; /* [model, sample] */
  double *label;                  /* [sample] */
} class_arrays;

static void fill_entry(class_arrays *a, const evaluation *e, size_t h, size_t i) {
  size_t classes = e->heads[h].classes, samples = e->inputs->count;
  size_t head = evaluation_head(e, e->entries[i].model, h);
  const outcome *o = &e->plain[i];
  double *confusion = a->confusion + i * classes * classes;
  for (size_t s = 0; s < samples; s++) {
    static const prediction none = {-1, -1, NAN, NAN};
    const prediction *p = head == SIZE_MAX ? &none : &o->predictions[s * o->heads + head];
    a->predicted[i * samples + s] = p->predicted;
    a->confidence[i * samples + s] = p->confidence;
    if (i == 0) {
      a->label[s] = p->truth;
      a->support[(size_t)p->truth]++;
    }
    if (p->predicted >= 0) confusion[(size_t)p->truth * classes + (size_t)p->predicted]++;
  }
  for (size_t c = 0; c < classes; c++) {
    class_scores scores = {NAN, NAN, NAN};
    if (head != SIZE_MAX) scores = statistics_class(confusion, classes, c, a->support[c]);
    a->scores[0][i * classes + c] = scores.precision;
    a->scores[1][i * classes + c] = scores.recall;
    a->scores[2][i * classes + c] = scores.f1;
  }
  reliability r = {0};
  if (head != SIZE_MAX) r = outcome_reliability(o, head);
  for (int b = 0; b < RELIABILITY_BINS; b++) {
    a->bins[0][i * RELIABILITY_BINS + (size_t)b] = r.count[b];
    a->bins[1][i * RELIABILITY_BINS + (size_t)b] = head == SIZE_MAX ? NAN : r.accuracy[b];
    a->bins[2][i * RELIABILITY_BINS + (size_t)b] = head == SIZE_MAX ? NAN : r.confidence[b];
  }
}

static void write_arrays(labelled *l, const class_arrays *a, const evaluation *e, size_t h) {
  names c = {.prefix = e->heads[h].prefix}, k = c, v = c;
  const char *own = named(&c, "class"), *other = named(&k, "predicted_class");
  size_t n = e->entry_count, classes = e->heads[h].classes, samples = e->inputs->count;
  const struct {
    const char *name, *long_name, *axes[3];
    size_t rank, count;
    bool whole;
    double *values;
  } variables[] = {
      {"confusion",
       "samples by true and predicted class",
       {"model", own, other},
       3,
       n * classes * classes,
       true,
       a->confusion},
      {"precision",
       "share of those predicted as the class that are of it",
       {"model", own},
       2,
       n * classes,
       false,
       a->scores[0]},
      {"recall",
       "share of those of the class that are predicted as it",
       {"model", own},
       2,
       n * classes,
       false,
       a->scores[1]},
      {"f1",
       "harmonic mean of precision and recall",
       {"model", own},
       2,
       n * classes,
       false,
       a->scores[2]},
      {"support", "samples of the class", {own}, 1, classes, true, a->support},
      {"reliability_count",
       "predictions of the confidence",
       {"model", "bin"},
       2,
       n * RELIABILITY_BINS,
       true,
       a->bins[0]},
      {"reliability_accuracy",
       "share of them that are right",
       {"model", "bin"},
       2,
       n * RELIABILITY_BINS,
       false,
       a->bins[1]},
      {"reliability_confidence",
       "mean of their confidence",
       {"model", "bin"},
       2,
       n * RELIABILITY_BINS,
       false,
       a->bins[2]},
      {"label", "class of the sample", {"sample"}, 1, samples, true, a->label},
      {"predicted",
       "class predicted, -1 for none",
       {"model", "sample"},
       2,
       n * samples,
       true,
       a->predicted},
      {"confidence",
       "output of the class predicted",
       {"model", "sample"},
       2,
       n * samples,
       false,
       a->confidence},
  };
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    write_variable(l, named(&v, variables[i].name), variables[i].long_name, variables[i].whole,
                   variables[i].rank, variables[i].axes, variables[i].count, variables[i].values);
  }
}

static void write_head(labelled *l, const evaluation *e, size_t h) {
  size_t n = e->entry_count, classes = e->heads[h].classes, samples = e->inputs->count;
  size_t bins = RELIABILITY_BINS;
  names v = {.prefix = e->heads[h].prefix};
  write_integers(l, named(&v, "class"), "class", classes, NULL);
  write_integers(l, named(&v, "predicted_class"), "class predicted", classes, NULL);
  size_t per_model = classes * classes + 3 * classes + 3 * bins + 2 * samples;
  double *memory = ls_new(n * per_model + classes + samples, sizeof *memory), *at = memory;
  if (!memory) {
    l->status = LS_FAILED;
    return;
  }
  class_arrays a;
  a.confusion = at, at += n * classes * classes;
  for (int k = 0; k < 3; k++) a.scores[k] = at, at += n * classes;
  for (int k = 0; k < 3; k++) a.bins[k] = at, at += n * bins;
  a.predicted = at, at += n * samples;
  a.confidence = at, at += n * samples;
  a.support = at, at += classes;
  a.label = at;
  for (size_t i = 0; i < n; i++) fill_entry(&a, e, h, i);
  write_arrays(l, &a, e, h);
  free(memory);
}

/* Comparisons of all pairs on the inputs as they are. */
static void write_comparisons(labelled *l, const evaluation *e, size_t h) {
  size_t n = e->entry_count, pairs = n * n;
  double *values = ls_new(4 * pairs, sizeof *values);
  if (!values) l->status = LS_FAILED;
  for (size_t i = 0; values && i < pairs; i++) {
    mcnemar m = {.statistic = NAN, .p = NAN};
    evaluation_compare(e, h, i / n, i % n, &m);
    values[i] = (double)m.first;
    values[pairs + i] = m.p;
    values[2 * pairs + i] = m.statistic;
    values[3 * pairs + i] = m.exact;
  }
  static const char *const texts[][2] = {
      {"only_right", "samples that the model gets right and the other one wrong"},
      {"mcnemar_p", "two-sided p-value of McNemar's test"},
      {"mcnemar_statistic", "chi-square with continuity correction; none where the test is exact"},
      {"mcnemar_exact", "1 where the test is the exact binomial one"}};
  names v = {.prefix = e->heads[h].prefix};
  for (size_t k = 0; values && k < 4; k++) {
    write_variable(l, named(&v, texts[k][0]), texts[k][1], k == 0 || k == 3, 2,
                   (const char *const[]){"model", "other_model"}, pairs, values + k * pairs);
  }
  free(values);
}

/* ---- In words ----------------------------------------------------------------------------------
 */

/* A model's values at the levels of a perturbation. */
static void summarize_levels(labelled *l, const evaluation *e, size_t q, size_t i, size_t p) {
  const ls_perturbation *own = &e->options->perturbations[p];
  ls_text text = {0};
  for (size_t k = 0; k < own->count; k++) {
    ls_text_add(&text, "%s %.4f at %g", k > 0 ? "," : "", e->curves[p][curve_at(e, p, q, i, k)],
                own->levels[k]);
  }
  labelled_summarize(l, "%s, %s: %s%s", e->entries[i].name, own->type->name, e->quantities[q].name,
                     text.data);
  ls_text_free(&text);
}

/* Each accuracy; the loss where no classes are told. */
static void summarize(labelled *l, const evaluation *e) {
  for (size_t q = 0; q < e->quantity_count; q++) {
    bool accuracy = e->quantities[q].kind == QUANTITY_ACCURACY;
    if (!accuracy && (q > 0 || e->head_count > 0)) continue;
    for (size_t i = 0; i < e->entry_count; i++) {
      const double *value = e->plain_values + q * e->entry_count + i;
      if (isnan(*value)) continue;
      ls_text range = {0};
      if (accuracy) {
        ls_text_add(&range, " (95 %% interval %.4f to %.4f)", value[e->entry_count],
                    value[2 * e->entry_count]);
      }
      labelled_summarize(l, "%s: %s %.4f%s", e->entries[i].name, e->quantities[q].name, *value,
                         accuracy ? range.data : "");
      ls_text_free(&range);
    }
    for (size_t p = 0; p < e->options->perturbation_count; p++) {
      for (size_t i = 0; i < e->entry_count; i++) summarize_levels(l, e, q, i, p);
    }
  }
}

int evaluation_write(const evaluation *e) {
  labelled l;
  labelled_create(&l, e->options->output, "Evaluation of trained models", &e->options->notes);
  static const char *const splits[] = {"train", "validation", "test"};
  if (l.status == LS_OK) {
    l.status = ls_h5_set_text(l.file, ".", "dataset", e->inputs->dataset->path);
  }
  if (l.status == LS_OK) l.status = ls_h5_set_text(l.file, ".", "split", splits[e->options->split]);
  write_axes(&l, e);
  write_quantities(&l, e);
  for (size_t h = 0; h < e->head_count; h++) {
    write_head(&l, e, h);
    if (e->entry_count > 1) write_comparisons(&l, e, h);
  }
  summarize(&l, e);
  return labelled_close(&l, l.status == LS_OK ? evaluation_draw(&l, e) : LS_OK);
}
