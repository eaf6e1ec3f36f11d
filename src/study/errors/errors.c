/* The analysis of errors: predictions of a classifier, its confusion matrix and its mistakes, then
 * the output. */
#include "study/errors/result.h"

#include "lockstep/error.h"
#include "study/model/output.h"

#include <math.h>
#include <stdlib.h>

static int visit(void *context, const ls_chunk *chunk) {
  const errors_result *r = context;
  classes_predict(r->predictions + chunk->first, r->model, r->classes.head, chunk);
  return LS_OK;
}

/* Collective. */
static int predict(errors_result *r, const ls_group *world) {
  const ls_gathered gathered[] = {{r->predictions, sizeof *r->predictions}, {NULL}};
  ls_inference inference = {
      .model = r->model, .visit = visit, .visit_context = r, .gathered = gathered};
  int status = ls_infer_samples(&inference, r->part, &r->samples, world);
  for (size_t i = 0; i < r->samples.count && status == LS_OK; i++) {
    if (!isnan(r->predictions[i].probability)) continue;
    status = ls_fail(LS_FAILED, "%s: its output for sample %u is not a number", r->model->path,
                     r->samples.numbers[i]);
  }
  return status;
}

static int more_confident(const void *a, const void *b) {
  const mistake *x = a, *y = b;
  double p = x->p.probability, q = y->p.probability;
  return p != q ? (p < q) - (p > q) : (x->index > y->index) - (x->index < y->index);
}

static void count(errors_result *r, int64_t *totals) {
  size_t k = r->classes.count;
  for (size_t i = 0; i < r->samples.count; i++) {
    const prediction *p = &r->predictions[i];
    size_t truth = (size_t)p->truth, predicted = (size_t)p->predicted;
    totals[truth]++;
    if (predicted < k) r->confusion[truth * k + predicted]++; /* an output may be wider */
    if (truth != predicted) r->mistakes[r->count++] = (mistake){r->samples.numbers[i], *p};
  }
  for (size_t i = 0; i < k * k; i++) {
    r->fractions[i] = (double)r->confusion[i] / (double)totals[i / k];
  }
  qsort(r->mistakes, r->count, sizeof *r->mistakes, more_confident);
}

static int read_images(errors_result *r) {
  const ls_dataset *dataset = r->model->plan->dataset;
  size_t size = (size_t)ls_shape_size(&dataset->shape);
  r->shown = r->count < r->options->shown ? r->count : r->options->shown;
  uint32_t *numbers = ls_memory_new(&r->memory, r->shown, sizeof *numbers);
  r->images = ls_memory_new(&r->memory, r->shown * size, sizeof *r->images);
  if (ls_memory_status(&r->memory) != LS_OK) return LS_FAILED;
  for (size_t i = 0; i < r->shown; i++) numbers[i] = r->mistakes[i].index;
  return ls_samples_read(r->images, dataset, r->part, r->shown, numbers);
}

/* On one rank. */
static int find_mistakes(errors_result *r) {
  size_t k = r->classes.count, n = r->samples.count;
  r->mistakes = ls_memory_new(&r->memory, n, sizeof *r->mistakes);
  r->confusion = ls_memory_new(&r->memory, k * k, sizeof *r->confusion);
  r->fractions = ls_memory_new(&r->memory, k * k, sizeof *r->fractions);
  int64_t *totals = ls_memory_new(&r->memory, k, sizeof *totals);
  if (ls_memory_status(&r->memory) != LS_OK) return LS_FAILED;
  count(r, totals);
  r->summary = ls_memory_text(&r->memory, "%s: %zu of %zu samples wrong (%.2f %%)", r->model->name,
                              r->count, n, 100.0 * (double)r->count / (double)n);
  return read_images(r);
}

static int compute(errors_result *r, const ls_group *world) {
  int status = classes_create(&r->classes, r->model, r->options->head);
  if (status == LS_OK) {
    status = ls_trained_samples(&r->samples, &r->part, r->model, r->options->split);
  }
  if (status == LS_OK) {
    r->predictions = ls_memory_new(&r->memory, r->samples.count, sizeof *r->predictions);
    status = ls_memory_status(&r->memory);
  }
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = predict(r, world);
  if (status == LS_OK && world->rank == 0) status = find_mistakes(r);
  return ls_group_agree(world, status);
}

/* ---- The output ---- */

static const ls_output output = {"Errors of a classifier", errors_write, errors_draw, errors_print};

int ls_study_errors(const ls_trained *model, const ls_errors_options *options,
                    const ls_group *world, FILE *out) {
  errors_result r = {.model = model, .options = options};
  int status = compute(&r, world);
  if (status == LS_OK) {
    status = ls_output_save(&output, &r, options->output, &options->provenance, world, out);
  }
  ls_samples_free(&r.samples);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
