/* Running a model: sums by chunks, and predictions by samples, gathered on all ranks. */
#include "study/evaluate/result.h"

#include "lockstep/error.h"

/* Adds up the measures of a chunk in sums [chunk, measure]. */
static int measure(void *sums, const ls_chunk *chunk) {
  const ls_model *model = chunk->model->plan->model;
  double *own = (double *)sums + chunk->number * model->measure_count;
  ls_model_add_metrics(model, chunk->workspace, own);
  ls_model_loss(model, chunk->workspace, own);
  return LS_OK;
}

/* As in training: totals in the order of chunks, and the penalties of the weights. */
static void find_means(outcome *o, const ls_trained *trained, const double *sums, size_t chunks) {
  const ls_model *model = trained->plan->model;
  size_t measures = model->measure_count;
  for (size_t k = 0; k < measures; k++) {
    double total = 0;
    for (size_t i = 0; i < chunks; i++) total += sums[i * measures + k];
    o->means[k] = total / (double)o->samples;
  }
  o->means[0] += ls_model_penalty(model, trained->weights);
}

int outcome_create(outcome *out, const ls_inputs *inputs, const ls_inference *inference) {
  const ls_model *model = inference->model->plan->model;
  size_t samples = inputs->count, count = inputs->chunks * model->measure_count;
  *out = (outcome){.samples = samples};
  double *sums = ls_memory_new(&out->memory, count, sizeof *sums);
  ls_gathered gathered[LS_MAX_HEADS + 1] = {{NULL}}, *next = gathered;
  for (size_t h = 0; h < model->head_count; h++) {
    if (classes_of_head(&model->heads[h]) == 0) continue;
    out->predictions[h] = ls_memory_new(&out->memory, samples, sizeof **out->predictions);
    *next++ = (ls_gathered){out->predictions[h], sizeof **out->predictions, classes_take, h};
  }
  ls_inference own = *inference;
  own.visit = measure;
  own.visit_context = sums;
  own.gathered = gathered;
  int status = ls_group_agree(inputs->world, ls_memory_status(&out->memory));
  if (status == LS_OK) status = ls_infer(inputs, &own);
  if (status == LS_OK) status = ls_group_sum(inputs->world, sums, count);
  if (status == LS_OK) find_means(out, inference->model, sums, inputs->chunks);
  if (status != LS_OK) outcome_destroy(out);
  return status;
}

void outcome_destroy(outcome *o) {
  ls_memory_free(&o->memory);
  *o = (outcome){0};
}

size_t outcome_count(const prediction *p, size_t samples) {
  size_t right = 0;
  for (size_t i = 0; i < samples; i++) right += p[i].predicted == p[i].truth;
  return right;
}

size_t outcome_count_top(const prediction *p, size_t samples, size_t k) {
  size_t within = 0;
  for (size_t i = 0; i < samples; i++) within += p[i].above < k;
  return within;
}

reliability outcome_reliability(const prediction *p, size_t samples) {
  reliability r = {0};
  for (size_t i = 0; i < samples; i++) {
    statistics_add(&r, p[i].probability, p[i].predicted == p[i].truth);
  }
  statistics_end(&r);
  return r;
}
