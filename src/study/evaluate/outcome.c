/* Running a model: sums by chunks, and predictions by samples, gathered on all ranks. */
#include "study/evaluate/result.h"

#include "lockstep/error.h"
#include "trial/measure_sums.h"

/* Adds up the measures of a chunk. */
static int measure(void *context, const ls_chunk *chunk) {
  const ls_model *model = chunk->model->plan->model;
  measure_sums *sums = context;
  double *own = measure_sums_row(sums, chunk->number);
  ls_model_add_metrics(model, chunk->workspace, own, sums->counts);
  ls_model_loss(model, chunk->workspace, own);
  return LS_OK;
}

int outcome_create(outcome *out, const ls_inputs *inputs, const ls_inference *inference) {
  const ls_trained *trained = inference->model;
  const ls_model *model = trained->plan->model;
  *out = (outcome){.samples = inputs->count};
  ls_gathered gathered[LS_MAX_HEADS + 1] = {{NULL}}, *next = gathered;
  for (size_t h = 0; h < model->head_count; h++) {
    if (classes_of_head(&model->heads[h]) == 0) continue;
    out->predictions[h] = ls_memory_new(&out->memory, out->samples, sizeof **out->predictions);
    *next++ = (ls_gathered){out->predictions[h], sizeof **out->predictions, classes_take, h};
  }
  measure_sums sums;
  ls_inference own = *inference;
  own.visit = measure;
  own.visit_context = &sums;
  own.gathered = gathered;
  int status = measure_sums_create(&sums, model, inputs->chunks, 0);
  if (status == LS_OK) status = ls_memory_status(&out->memory);
  status = ls_group_agree(inputs->world, status);
  if (status == LS_OK) status = ls_infer(inputs, &own);
  if (status == LS_OK) status = measure_sums_reduce(&sums, inputs->world);
  if (status == LS_OK) {
    measure_sums_measure(&sums, out->samples, out->measures);
    out->measures[0] += ls_model_penalty(model, trained->weights);
  }
  measure_sums_destroy(&sums);
  if (status != LS_OK) outcome_destroy(out);
  return status;
}

void outcome_destroy(outcome *o) {
  ls_memory_free(&o->memory);
  *o = (outcome){0};
}
