/* Trained models that predict together. */
#include "study/predict/ensemble.h"

#include "lockstep/error.h"

#include <math.h>
#include <string.h>

/* ---- Comparing models ------------------------------------------------------------------------ */

static bool same_text(const char *one, const char *other) {
  return one && other ? strcmp(one, other) == 0 : one == other;
}

static int fail_different(const ensemble *e, size_t model, const char *what) {
  return ls_fail(LS_INVALID, "%s and %s cannot predict together: they differ in %s", e->paths[0],
                 e->paths[model], what);
}

/* What a model calls a class, or an element of an output of values. */
static const char *name_of(const ls_predictor *model, size_t head, size_t element) {
  const char *class = ls_predictor_class_name(model, head, element);
  return class ? class : ls_predictor_value_name(model, head, element);
}

static bool same_names(const ls_predictor *one, const ls_predictor *other, size_t head,
                       size_t count) {
  bool same = true;
  for (size_t k = 0; same && k < count; k++) {
    same = same_text(name_of(one, head, k), name_of(other, head, k));
  }
  return same;
}

static int compare_heads(const ensemble *e, size_t model) {
  const ls_predictor *one = e->models[0], *other = e->models[model];
  if (ls_predictor_output_count(other) != e->head_count) {
    return fail_different(e, model, "the number of heads");
  }
  for (size_t h = 0; h < e->head_count; h++) {
    const ls_shape shape = ls_predictor_output(other, h);
    if (!same_text(ls_predictor_output_name(one, h), ls_predictor_output_name(other, h))) {
      return fail_different(e, model, "the names of heads");
    }
    if ((size_t)ls_shape_size(&shape) != e->heads[h].width) {
      return fail_different(e, model, "the outputs of heads");
    }
    const bool classes = e->heads[h].classes > 0;
    if (ls_predictor_class_count(other, h) != e->heads[h].classes) {
      return fail_different(e, model, "the classes");
    }
    if (!same_names(one, other, h, e->heads[h].count)) {
      return fail_different(e, model, classes ? "the classes" : "the names of values");
    }
  }
  return LS_OK;
}

static int compare(const ensemble *e, size_t model) {
  const ls_predictor *one = e->models[0], *other = e->models[model];
  const ls_shape shape = ls_predictor_input(other);
  if ((size_t)ls_shape_size(&shape) != e->input_size) {
    return fail_different(e, model, "the size of inputs");
  }
  if (ls_predictor_is_described(one) != ls_predictor_is_described(other)) {
    return fail_different(e, model, "what their files record: an earlier version wrote one");
  }
  if (!same_text(ls_predictor_encoding(one), ls_predictor_encoding(other)) ||
      ls_predictor_scale(one) != ls_predictor_scale(other)) {
    return fail_different(e, model, "how inputs were made for training");
  }
  return compare_heads(e, model);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static void list_labels(ensemble *e, size_t h) {
  ensemble_head *head = &e->heads[h];
  head->labels = ls_memory_new(&e->memory, head->count, sizeof *head->labels);
  head->named = name_of(e->models[0], h, 0);
  for (size_t k = 0; head->labels && k < head->count; k++) {
    const char *name = name_of(e->models[0], h, k);
    head->labels[k] = name ? name : ls_memory_text(&e->memory, "%zu", k);
  }
}

static int list_heads(ensemble *e) {
  const ls_predictor *first = e->models[0];
  const ls_shape input = ls_predictor_input(first);
  e->input_size = (size_t)ls_shape_size(&input);
  e->head_count = ls_predictor_output_count(first);
  e->heads = ls_memory_new(&e->memory, e->head_count, sizeof *e->heads);
  for (size_t h = 0; e->heads && h < e->head_count; h++) {
    const ls_shape shape = ls_predictor_output(first, h);
    ensemble_head *head = &e->heads[h];
    *head = (ensemble_head){.name = ls_predictor_output_name(first, h),
                            .width = (size_t)ls_shape_size(&shape),
                            .classes = ls_predictor_class_count(first, h)};
    head->count = head->classes > 0 ? head->classes : head->width;
    list_labels(e, h);
  }
  return ls_memory_status(&e->memory);
}

/* Of labels; NaN where a model has none. */
static double average_label(const ensemble *e, size_t head, size_t element) {
  double sum = 0;
  for (size_t i = 0; i < e->count; i++) {
    sum += ls_predictor_label_threshold(e->models[i], head, element);
  }
  return sum / (double)e->count;
}

static int average_labels(ensemble *e, size_t head) {
  ensemble_head *out = &e->heads[head];
  if (isnan(average_label(e, head, out->count - 1))) return LS_OK;
  out->label_thresholds = ls_memory_new(&e->memory, out->count, sizeof(double));
  for (size_t k = 0; out->label_thresholds && k < out->count; k++) {
    out->label_thresholds[k] = average_label(e, head, k);
  }
  return ls_memory_status(&e->memory);
}

static int average_thresholds(ensemble *e) {
  int status = LS_OK;
  for (size_t h = 0; h < e->head_count && status == LS_OK; h++) {
    double sum = 0;
    for (size_t i = 0; i < e->count; i++) sum += ls_predictor_threshold(e->models[i], h);
    e->heads[h].threshold = sum / (double)e->count;
    status = average_labels(e, h);
  }
  return status;
}

int ensemble_open(ensemble *e, const char *const *paths, size_t count) {
  *e = (ensemble){.paths = paths};
  e->models = ls_memory_new(&e->memory, count, sizeof(ls_predictor *));
  int status = ls_memory_status(&e->memory);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = ls_predictor_open(&e->models[i], paths[i]);
    if (status == LS_OK) e->count++;
    if (status == LS_OK) status = i == 0 ? list_heads(e) : compare(e, i);
  }
  if (status == LS_OK) status = average_thresholds(e);
  if (status != LS_OK) ensemble_close(e);
  return status;
}

void ensemble_close(ensemble *e) {
  for (size_t i = 0; i < e->count; i++) ls_predictor_close(&e->models[i]);
  ls_memory_free(&e->memory);
  *e = (ensemble){0};
}
