/* The analysis of errors: predictions of a classifier, its confusion matrix and its mistakes, then
 * the output. */
#include "study/errors/result.h"

#include "lockstep/error.h"
#include "study/model/output.h"

#include <math.h>
#include <stdlib.h>

/* ---- Running ---- */

/* Collective: sets an array for the samples. */
static int run(const errors_result *r, const ls_gathered *array, const ls_samples *samples,
               const ls_group *world) {
  const ls_gathered gathered[] = {*array, {NULL}};
  const ls_inference inference = {.model = r->model,
                                  .through = r->options->through,
                                  .perturbation = r->options->perturbation,
                                  .seed = r->options->seed,
                                  .gathered = gathered};
  return ls_infer_samples(&inference, r->part, samples, world);
}

/* Collective. */
static int predict(errors_result *r, const ls_group *world) {
  const ls_gathered predictions = {r->predictions, sizeof *r->predictions, classes_take,
                                   r->classes.head};
  int status = run(r, &predictions, &r->samples, world);
  for (size_t i = 0; i < r->samples.count && status == LS_OK; i++) {
    if (!isnan(r->predictions[i].probability)) continue;
    status = ls_fail(LS_FAILED, "%s: its output for sample %u is not a number", r->model->path,
                     r->samples.numbers[i]);
  }
  return status;
}

/* Collective: the inputs of the mistakes that are shown. */
static int take_images(errors_result *r, const ls_group *world) {
  size_t size = (size_t)ls_shape_size(&r->model->plan->dataset->shape);
  uint32_t *numbers = ls_memory_new(&r->memory, r->shown, sizeof *numbers);
  r->images = ls_memory_new(&r->memory, r->shown * size, sizeof *r->images);
  int status = ls_group_agree(world, ls_memory_status(&r->memory));
  if (status != LS_OK || r->shown == 0) return status;
  for (size_t i = 0; i < r->shown; i++) numbers[i] = r->mistakes[i].index;
  const ls_gathered images = {r->images, size * sizeof *r->images, ls_take_seen};
  const ls_samples samples = {numbers, r->shown};
  return run(r, &images, &samples, world);
}

/* ---- Counting ---- */

static int more_confident(const void *a, const void *b) {
  const mistake *x = a, *y = b;
  double p = x->p.probability, q = y->p.probability;
  return p != q ? (p < q) - (p > q) : (x->index > y->index) - (x->index < y->index);
}

static void count(errors_result *r, int64_t *totals) {
  size_t k = r->classes.count, side = r->side;
  for (size_t i = 0; i < r->samples.count; i++) {
    const prediction *p = &r->predictions[i];
    size_t truth = (size_t)p->truth, predicted = (size_t)p->predicted;
    totals[truth]++;
    if (predicted < k) r->counts[truth * side + predicted]++; /* an output may be wider */
    if (truth != predicted) r->mistakes[r->count++] = (mistake){r->samples.numbers[i], *p};
  }
  for (size_t i = 0; i < k * k; i++) {
    int64_t own = r->counts[i / k * side + i % k];
    r->fractions[i] = (double)own / (double)totals[i / k];
    r->counts[i / k * side + k] += own;
    r->counts[k * side + i % k] += own;
    r->counts[k * side + k] += own;
  }
  qsort(r->mistakes, r->count, sizeof *r->mistakes, more_confident);
}

/* The model, with what its inputs go through. */
static const char *describe(errors_result *r) {
  const ls_errors_options *o = r->options;
  const char *name = r->model->name;
  if (o->through) name = ls_memory_text(&r->memory, "%s after %s", name, o->through->name);
  if (!o->perturbation) return name;
  return ls_memory_text(&r->memory, "%s, %s %g", name, o->perturbation->type->name,
                        o->perturbation->levels[0]);
}

static int find_mistakes(errors_result *r) {
  size_t k = r->classes.count, n = r->samples.count;
  if (k > CLASSES_MOST_CONFUSED) {
    return ls_fail(LS_INVALID, "%s: has %zu classes (expected up to %d: the confusion matrix)",
                   r->model->path, k, CLASSES_MOST_CONFUSED);
  }
  r->mistakes = ls_memory_new(&r->memory, n, sizeof *r->mistakes);
  r->side = k + 1;
  r->counts = ls_memory_new(&r->memory, r->side * r->side, sizeof *r->counts);
  r->fractions = ls_memory_new(&r->memory, k * k, sizeof *r->fractions);
  int64_t *totals = ls_memory_new(&r->memory, k, sizeof *totals);
  if (ls_memory_status(&r->memory) != LS_OK) return LS_FAILED;
  count(r, totals);
  r->shown = r->count < r->options->shown ? r->count : r->options->shown;
  r->summary = ls_memory_text(&r->memory, "%s: %zu of %zu samples misclassified (%.2f %%)",
                              describe(r), r->count, n, 100.0 * (double)r->count / (double)n);
  return ls_memory_status(&r->memory);
}

static int compute(errors_result *r, const ls_group *world) {
  int status = classes_create(&r->classes, r->model, r->options->head);
  if (status == LS_OK) {
    status = ls_trained_samples(&r->samples, &r->part, r->model, r->options->split);
  }
  if (status == LS_OK && r->options->perturbation) {
    status = ls_perturbation_check(r->options->perturbation, &r->model->plan->dataset->shape);
  }
  if (status == LS_OK) {
    r->predictions = ls_memory_new(&r->memory, r->samples.count, sizeof *r->predictions);
    status = ls_memory_status(&r->memory);
  }
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = predict(r, world);
  if (status == LS_OK) status = ls_group_agree(world, find_mistakes(r));
  return status == LS_OK ? take_images(r, world) : status;
}

/* ---- The output ---- */

static const ls_output output = {"Errors of a classifier", errors_write, errors_draw, errors_print};

int ls_study_errors(const ls_trained *model, const ls_errors_options *options,
                    const ls_group *world, FILE *out) {
  errors_result r = {.model = model, .options = options};
  int status = compute(&r, world);
  if (status == LS_OK) status = ls_output_save(&output, &r, &options->file, world, out);
  ls_samples_free(&r.samples);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
