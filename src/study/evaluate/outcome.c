/* Evaluating a model: sums by pieces and values by samples, gathered on all ranks. */
#include "study/evaluate/outcome.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = sizeof(prediction) / sizeof(double) };

typedef struct gathering {
  const ls_model *model;
  double *sums;            /* [piece, measure] */
  prediction *predictions; /* [sample, head] */
} gathering;

size_t outcome_classes(const ls_head *head) {
  if (head->spec.target.classes == 0 || head->spec.target.input) return 0;
  size_t width = (size_t)ls_shape_size(&head->output);
  return width == 1 ? 2 : width;
}

/* As the metric `accuracy` has it: the first of equal outputs counts, and none where one is NaN. */
static prediction predict(const ls_real *raw, const ls_real *activated, size_t width,
                          size_t truth) {
  prediction p = {.truth = (double)truth};
  if (width == 1) {
    double share = (double)activated[0];
    p.predicted = isnan(share) ? -1 : share > 0.5;
    p.confidence = share > 0.5 ? share : 1 - share;
    p.above = p.predicted != p.truth;
    return p;
  }
  size_t best = 0;
  bool ordered = true;
  for (size_t j = 0; j < width; j++) {
    if (raw[j] > raw[best]) best = j;
    ordered &= raw[j] == raw[j];
    p.above += raw[j] > raw[truth];
  }
  p.predicted = ordered ? (double)best : -1;
  p.confidence = ordered ? (double)activated[best] : NAN;
  if (!ordered) p.above = (double)width;
  return p;
}

static int visit(void *context, const ls_chunk *piece) {
  const gathering *g = context;
  const ls_model *model = g->model;
  double *sums = g->sums + piece->number * model->measure_count;
  ls_model_add_metrics(model, piece->workspace, sums);
  ls_model_loss(model, piece->workspace, sums);
  for (size_t h = 0; h < model->head_count; h++) {
    if (outcome_classes(&model->heads[h]) == 0) continue;
    ls_outputs raw = ls_model_outputs(model, piece->workspace, h);
    ls_outputs activated = ls_model_activated(model, piece->workspace, h);
    for (size_t i = 0; i < piece->n; i++) {
      g->predictions[(piece->first + i) * model->head_count + h] = predict(
          raw.y + i * raw.width, activated.y + i * raw.width, raw.width, (size_t)raw.labels[i]);
    }
  }
  return LS_OK;
}

/* As in training: totals in the order of pieces, and the penalties of the weights. */
static void take_means(outcome *o, const gathering *g, size_t pieces, const ls_real *weights) {
  size_t measures = g->model->measure_count;
  for (size_t k = 0; k < measures; k++) {
    double total = 0;
    for (size_t i = 0; i < pieces; i++) total += g->sums[i * measures + k];
    o->means[k] = total / (double)o->samples;
  }
  o->means[0] += ls_model_penalty(g->model, weights);
}

int outcome_create(outcome *out, const ls_inputs *inputs, const ls_inference *inference) {
  const ls_model *model = inference->model->plan->model;
  gathering g = {.model = model};
  *out = (outcome){.samples = inputs->count, .heads = model->head_count};
  g.sums = ls_new(inputs->pieces * model->measure_count, sizeof *g.sums);
  g.predictions = ls_new(inputs->count, model->head_count * sizeof *g.predictions);
  int status = g.sums && g.predictions ? LS_OK : LS_FAILED;
  status = ls_group_agree(inputs->world, status);
  ls_inference whole = *inference;
  whole.visit = visit;
  whole.visit_context = &g;
  if (status == LS_OK) status = ls_infer(inputs, &whole);
  if (status == LS_OK) {
    status = ls_group_sum(inputs->world, g.sums, inputs->pieces * model->measure_count);
  }
  if (status == LS_OK) {
    status = ls_group_sum(inputs->world, (double *)g.predictions,
                          inputs->count * model->head_count * FIELDS);
  }
  if (status == LS_OK) take_means(out, &g, inputs->pieces, inference->model->weights);
  free(g.sums);
  out->predictions = g.predictions;
  if (status != LS_OK) outcome_destroy(out);
  return status;
}

void outcome_destroy(outcome *o) {
  free(o->predictions);
  *o = (outcome){0};
}

bool outcome_right(const outcome *o, size_t sample, size_t head) {
  const prediction *p = &o->predictions[sample * o->heads + head];
  return p->predicted == p->truth;
}

size_t outcome_count(const outcome *o, size_t head) {
  size_t right = 0;
  for (size_t i = 0; i < o->samples; i++) right += outcome_right(o, i, head);
  return right;
}

size_t outcome_count_top(const outcome *o, size_t head, size_t k) {
  size_t within = 0;
  for (size_t i = 0; i < o->samples; i++) {
    within += o->predictions[i * o->heads + head].above < (double)k;
  }
  return within;
}

reliability outcome_reliability(const outcome *o, size_t head) {
  reliability r = {0};
  for (size_t i = 0; i < o->samples; i++) {
    statistics_add(&r, o->predictions[i * o->heads + head].confidence, outcome_right(o, i, head));
  }
  statistics_end(&r);
  return r;
}
