/* The predictions of an ensemble from the outputs of its models. */
#include "study/predict/combine.h"

#include "lockstep/error.h"

#include <math.h>
#include <string.h>

static void allocate(ls_memory *m, head_predictions *p, const ensemble_head *head, size_t capacity,
                     bool several) {
  p->mean = ls_memory_new(m, capacity * head->count, sizeof *p->mean);
  if (several) p->spread = ls_memory_new(m, capacity * head->count, sizeof *p->spread);
  if (head->label_thresholds) p->label = ls_memory_new(m, capacity * head->count, sizeof *p->label);
  if (head->classes == 0) return;
  p->class = ls_memory_new(m, capacity, sizeof *p->class);
  if (!several) return;
  p->vote = ls_memory_new(m, capacity, sizeof *p->vote);
  p->votes = ls_memory_new(m, capacity, sizeof *p->votes);
  p->tally = ls_memory_new(m, head->classes, sizeof *p->tally);
}

int predictions_create(ls_memory *memory, head_predictions **out, const ensemble *e,
                       size_t capacity) {
  *out = ls_memory_new(memory, e->head_count, sizeof **out);
  for (size_t h = 0; *out && h < e->head_count; h++) {
    allocate(memory, &(*out)[h], &e->heads[h], capacity, e->count > 1);
  }
  return ls_memory_status(memory);
}

/* The outputs [width] of model m for sample i. */
static const ls_real *outputs_of(const ensemble *e, size_t h, ls_real *const *y, size_t m,
                                 size_t i) {
  return y[m * e->head_count + h] + i * e->heads[h].width;
}

/* Number k of a sample whose outputs are y [width]. */
static double value_of(const ensemble_head *head, const ls_real *y, size_t k) {
  if (head->count == head->width) return (double)y[k];
  return k == 0 ? 1 - (double)y[0] : (double)y[0];
}

/* ---- Means ----------------------------------------------------------------------------------- */

/* Mean and spread of number k of sample i. */
static void average(head_predictions *p, const ensemble *e, size_t h, ls_real *const *y, size_t i,
                    size_t k) {
  const ensemble_head *head = &e->heads[h];
  double sum = 0, squares = 0;
  for (size_t m = 0; m < e->count; m++) {
    sum += value_of(head, outputs_of(e, h, y, m, i), k);
  }
  const double mean = sum / (double)e->count;
  p->mean[i * head->count + k] = (float)mean;
  if (!p->spread) return;
  for (size_t m = 0; m < e->count; m++) {
    double d = value_of(head, outputs_of(e, h, y, m, i), k) - mean;
    squares += d * d;
  }
  p->spread[i * head->count + k] = (float)sqrt(squares / (double)e->count);
}

static int check_finite(const ensemble *e, size_t h, ls_real *const *y, size_t i, size_t sample) {
  const size_t width = e->heads[h].width;
  for (size_t m = 0; m < e->count; m++) {
    for (size_t k = 0; k < width; k++) {
      if (isfinite((double)outputs_of(e, h, y, m, i)[k])) continue;
      return ls_fail(LS_FAILED, "%s: its output for sample %zu is not a number", e->paths[m],
                     sample);
    }
  }
  return LS_OK;
}

/* ---- Classes --------------------------------------------------------------------------------- */

/* The class that one model predicts; `threshold` is its own, of two classes. */
static size_t best_class(const ensemble_head *head, double threshold, const ls_real *y) {
  size_t best = 0;
  if (threshold != 0.5) return value_of(head, y, 1) > (double)(ls_real)threshold;
  for (size_t k = 1; k < head->classes; k++) {
    if (value_of(head, y, k) > value_of(head, y, best)) best = k;
  }
  return best;
}

static void vote(head_predictions *p, const ensemble *e, size_t h, ls_real *const *y, size_t i) {
  const ensemble_head *head = &e->heads[h];
  const float *mean = p->mean + i * head->count;
  size_t best = 0;
  memset(p->tally, 0, head->classes * sizeof *p->tally);
  for (size_t m = 0; m < e->count; m++) {
    const double threshold = ls_predictor_threshold(e->models[m], h);
    p->tally[best_class(head, threshold, outputs_of(e, h, y, m, i))]++;
  }
  for (size_t k = 1; k < head->classes; k++) {
    bool equal = p->tally[k] == p->tally[best];
    if (p->tally[k] > p->tally[best] || (equal && mean[k] > mean[best])) best = k;
  }
  p->vote[i] = (int32_t)best;
  p->votes[i] = (int32_t)p->tally[best];
}

static void classify(head_predictions *p, const ensemble_head *head, size_t i) {
  const float *mean = p->mean + i * head->count;
  size_t best = 0;
  for (size_t k = 1; k < head->classes; k++) {
    if (mean[k] > mean[best]) best = k;
  }
  if (head->threshold != 0.5) best = mean[1] > (float)head->threshold;
  p->class[i] = (int32_t)best;
}

static void decide_labels(head_predictions *p, const ensemble_head *head, size_t i) {
  for (size_t k = 0; k < head->count; k++) {
    const size_t at = i * head->count + k;
    p->label[at] = p->mean[at] > (float)head->label_thresholds[k];
  }
}

int predictions_combine(head_predictions *out, const ensemble *e, ls_real *const *y, size_t first,
                        size_t n) {
  for (size_t h = 0; h < e->head_count; h++) {
    head_predictions *p = &out[h];
    for (size_t i = 0; i < n; i++) {
      int status = check_finite(e, h, y, i, first + i);
      if (status != LS_OK) return status;
      for (size_t k = 0; k < e->heads[h].count; k++) average(p, e, h, y, i, k);
      if (p->label) decide_labels(p, &e->heads[h], i);
      if (p->class) classify(p, &e->heads[h], i);
      if (p->vote) vote(p, e, h, y, i);
    }
  }
  return LS_OK;
}
