/* Running a model: sums by chunks, and predictions by samples, gathered on all ranks. */
#include "study/evaluate/result.h"

#include "lockstep/error.h"

typedef struct visitor {
  const ls_trained *model;
  outcome *o;
  double *sums; /* [chunk, measure] */
} visitor;

static int visit(void *context, const ls_chunk *chunk) {
  const visitor *v = context;
  const ls_model *model = v->model->plan->model;
  double *sums = v->sums + chunk->number * model->measure_count;
  ls_model_add_metrics(model, chunk->workspace, sums);
  ls_model_loss(model, chunk->workspace, sums);
  for (size_t h = 0; h < model->head_count; h++) {
    if (v->o->predictions[h]) {
      classes_predict(v->o->predictions[h] + chunk->first, v->model, h, chunk);
    }
  }
  return LS_OK;
}

/* As in training: totals in the order of chunks, and the penalties of the weights. */
static void find_means(const visitor *v, size_t chunks) {
  const ls_model *model = v->model->plan->model;
  size_t measures = model->measure_count;
  for (size_t k = 0; k < measures; k++) {
    double total = 0;
    for (size_t i = 0; i < chunks; i++) total += v->sums[i * measures + k];
    v->o->means[k] = total / (double)v->o->samples;
  }
  v->o->means[0] += ls_model_penalty(model, v->model->weights);
}

int outcome_create(outcome *out, const ls_inputs *inputs, const ls_inference *inference) {
  const ls_model *model = inference->model->plan->model;
  size_t samples = inputs->count, sums = inputs->chunks * model->measure_count;
  *out = (outcome){.samples = samples};
  visitor v = {inference->model, out, ls_memory_new(&out->memory, sums, sizeof *v.sums)};
  ls_gathered gathered[LS_MAX_HEADS + 1] = {{NULL}}, *next = gathered;
  for (size_t h = 0; h < model->head_count; h++) {
    if (classes_of_head(&model->heads[h]) == 0) continue;
    out->predictions[h] = ls_memory_new(&out->memory, samples, sizeof **out->predictions);
    *next++ = (ls_gathered){out->predictions[h], sizeof **out->predictions};
  }
  ls_inference own = *inference;
  own.visit = visit;
  own.visit_context = &v;
  own.gathered = gathered;
  int status = ls_group_agree(inputs->world, ls_memory_status(&out->memory));
  if (status == LS_OK) status = ls_infer(inputs, &own);
  if (status == LS_OK) status = ls_group_sum(inputs->world, v.sums, sums);
  if (status == LS_OK) find_means(&v, inputs->chunks);
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
