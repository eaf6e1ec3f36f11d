/* Evaluating models: runs the entries of an evaluation, with statistics of their predictions, then
 * writes the output. */
#include "study/evaluate/result.h"

#include "base/holm.h"
#include "lockstep/error.h"
#include "study/model/output.h"
#include "trial/measure_sums.h"

#include <math.h>
#include <string.h>

/* ---- Quantities ---- */

static double measure_value(const ls_model *model, const double *measures, const char *name) {
  for (size_t k = 0; k < model->measure_count; k++) {
    if (strcmp(model->measures[k].name, name) == 0) return measures[k];
  }
  return NAN;
}

/* Of the latest run of an entry; NaN where the entry lacks it. */
static double value_of(const evaluate_result *r, const quantity *q, const entry *e,
                       const double *measures) {
  if (q->kind == QUANTITY_MEASURE) return measure_value(e->model->plan->model, measures, q->name);
  if (e->heads[q->head] == SIZE_MAX) return NAN;
  const prediction *p = r->heads[q->head].latest;
  size_t n = r->inputs->count;
  switch (q->kind) {
  case QUANTITY_ACCURACY:
    return (double)statistics_right(p, n) / (double)n;
  case QUANTITY_LOW:
    return statistics_wilson(statistics_right(p, n), n).low;
  case QUANTITY_HIGH:
    return statistics_wilson(statistics_right(p, n), n).high;
  case QUANTITY_TOP:
    return (double)statistics_top(p, n, r->options->top_k) / (double)n;
  default:
    return statistics_reliability(p, n).error;
  }
}

/* ---- Class heads ---- */

static void fill_scores(class_head *h, size_t i) {
  for (size_t c = 0; c < h->classes; c++) {
    size_t at = i * h->classes + c;
    h->scores[at] = statistics_class(h->right[at], h->predicted_totals[at], h->support[c]);
  }
}

/* Takes an entry's predictions [sample], the first entry's first; NULL: it lacks the head. */
static void take_predictions(class_head *h, size_t i, const prediction *p, size_t samples) {
  for (size_t c = 0; c < h->classes; c++) {
    h->scores[i * h->classes + c] = (class_scores){NAN, NAN, NAN};
  }
  for (size_t b = 0; b < RELIABILITY_BINS; b++) {
    h->bins[i].accuracy[b] = h->bins[i].confidence[b] = NAN;
  }
  for (size_t s = 0; s < samples; s++) {
    h->predicted[i * samples + s] = p ? p[s].predicted : -1;
    h->confidence[i * samples + s] = p ? p[s].probability : NAN;
    if (i == 0) h->labels[s] = p[s].truth;
    if (i == 0) h->support[p[s].truth]++;
    if (p && p[s].predicted >= 0) {
      size_t row = i * h->classes + (size_t)p[s].truth;
      if (h->confusion) h->confusion[row * h->classes + (size_t)p[s].predicted]++;
      if (p[s].predicted == p[s].truth) h->right[row]++;
      h->predicted_totals[i * h->classes + (size_t)p[s].predicted]++;
    }
  }
  if (!p) return;
  h->bins[i] = statistics_reliability(p, samples);
  fill_scores(h, i);
}

/* The test of two entries, without a result where one lacks the head. */
static mcnemar compare(const evaluate_result *r, size_t head, size_t one, size_t other) {
  const class_head *h = &r->heads[head];
  size_t samples = r->inputs->count;
  if (r->entries[one].heads[head] == SIZE_MAX || r->entries[other].heads[head] == SIZE_MAX) {
    return (mcnemar){.statistic = NAN, .p = NAN, .p_holm = NAN};
  }
  int64_t first = 0, second = 0;
  for (size_t s = 0; s < samples; s++) {
    bool right = h->predicted[one * samples + s] == h->labels[s];
    bool other_right = h->predicted[other * samples + s] == h->labels[s];
    first += right && !other_right;
    second += other_right && !right;
  }
  return statistics_mcnemar(first, second);
}

/* The tests of all pairs of entries, corrected for one another. */
static int compare_pairs(evaluate_result *r, size_t head) {
  size_t n = r->entry_count, pairs = 0;
  mcnemar *found = r->heads[head].comparisons;
  double **p = ls_memory_new(&r->memory, n * n, sizeof(double *));
  if (!p) return LS_FAILED;
  for (size_t k = 0; k < n * n; k++) {
    found[k] = compare(r, head, k / n, k % n);
    if (k / n < k % n) p[pairs++] = &found[k].p_holm;
  }
  ls_holm(p, pairs);
  for (size_t k = 0; k < n * n; k++) {
    if (k / n > k % n) found[k].p_holm = found[k % n * n + k / n].p_holm;
  }
  return LS_OK;
}

/* ---- Running ---- */

static void allocate_head(evaluate_result *r, class_head *h) {
  ls_memory *m = &r->memory;
  size_t n = r->entry_count, samples = r->inputs->count, classes = h->classes;
  h->latest = ls_memory_new(m, samples, sizeof *h->latest);
  h->labels = ls_memory_new(m, samples, sizeof *h->labels);
  h->support = ls_memory_new(m, classes, sizeof *h->support);
  h->right = ls_memory_new(m, n * classes, sizeof *h->right);
  if (classes <= CLASSES_MOST_CONFUSED) {
    h->confusion = ls_memory_new(m, n * classes * classes, sizeof *h->confusion);
  }
  h->predicted_totals = ls_memory_new(m, n * classes, sizeof *h->predicted_totals);
  h->scores = ls_memory_new(m, n * classes, sizeof *h->scores);
  h->bins = ls_memory_new(m, n, sizeof *h->bins);
  h->predicted = ls_memory_new(m, n * samples, sizeof *h->predicted);
  h->confidence = ls_memory_new(m, n * samples, sizeof *h->confidence);
  h->comparisons = ls_memory_new(m, n * n, sizeof *h->comparisons);
}

static int allocate(evaluate_result *r) {
  const ls_evaluate_options *o = r->options;
  size_t values = r->quantity_count * r->entry_count;
  r->plain = ls_memory_new(&r->memory, values, sizeof *r->plain);
  r->curves = ls_memory_new(&r->memory, o->perturbation_count, sizeof *r->curves);
  for (size_t p = 0; r->curves && p < o->perturbation_count; p++) {
    r->curves[p] =
        ls_memory_new(&r->memory, values * o->perturbations[p].count, sizeof **r->curves);
  }
  for (size_t h = 0; h < r->head_count; h++) allocate_head(r, &r->heads[h]);
  return ls_memory_status(&r->memory);
}

/* Adds up the measures of a chunk. */
static int add_measures(void *context, const ls_chunk *chunk) {
  const ls_model *model = chunk->model->plan->model;
  measure_sums *sums = context;
  double *own = measure_sums_row(sums, chunk->number);
  ls_model_add_metrics(model, chunk->workspace, own, sums->counts);
  ls_model_loss(model, chunk->workspace, own);
  return LS_OK;
}

/* Collective: runs an entry on unchanged inputs, or at a level of a perturbation. Sets the measures
 * of its model, as in training, and the latest predictions; the same on all ranks. */
static int infer(evaluate_result *r, const entry *e, const ls_perturbation *perturbation,
                 size_t level, double *measures) {
  const ls_model *model = e->model->plan->model;
  measure_sums sums;
  ls_gathered gathered[LS_MAX_HEADS + 1] = {{NULL}}, *next = gathered;
  for (size_t h = 0; h < r->head_count; h++) {
    if (e->heads[h] == SIZE_MAX) continue;
    *next++ = (ls_gathered){r->heads[h].latest, sizeof(prediction), classes_take, e->heads[h]};
  }
  const ls_inference inference = {.model = e->model,
                                  .through = e->through,
                                  .perturbation = perturbation,
                                  .level = level,
                                  .seed = r->options->seed,
                                  .visit = add_measures,
                                  .visit_context = &sums,
                                  .gathered = gathered};
  int status =
      ls_group_agree(r->world, measure_sums_create(&sums, model, r->inputs->layout.shards, 0));
  if (status == LS_OK) status = ls_infer(r->inputs, &inference);
  if (status == LS_OK) status = measure_sums_reduce(&sums, r->world);
  if (status == LS_OK) {
    measure_sums_measure(&sums, r->inputs->count, measures);
    measures[0] += ls_model_penalty(model, e->model->weights);
  }
  measure_sums_destroy(&sums);
  return status;
}

/* Collective: the same for entry i. Sets values [quantity], `stride` apart. */
static int run(evaluate_result *r, size_t i, const ls_perturbation *perturbation, size_t level,
               double *values, size_t stride) {
  const entry *e = &r->entries[i];
  double measures[LS_MAX_MEASURES];
  int status = infer(r, e, perturbation, level, measures);
  for (size_t q = 0; q < r->quantity_count && status == LS_OK; q++) {
    values[q * stride] = value_of(r, &r->quantities[q], e, measures);
  }
  for (size_t h = 0; h < r->head_count && !perturbation && status == LS_OK; h++) {
    const prediction *p = e->heads[h] == SIZE_MAX ? NULL : r->heads[h].latest;
    take_predictions(&r->heads[h], i, p, r->inputs->count);
  }
  return status;
}

static int run_perturbation(evaluate_result *r, size_t p) {
  const ls_perturbation *own = &r->options->perturbations[p];
  int status = LS_OK;
  for (size_t k = 0; k < r->entry_count * own->count && status == LS_OK; k++) {
    status =
        run(r, k / own->count, own, k % own->count, r->curves[p] + k, r->entry_count * own->count);
  }
  return status;
}

static int compute(evaluate_result *r) {
  int status = ls_group_agree(r->world, allocate(r));
  for (size_t i = 0; i < r->entry_count && status == LS_OK; i++) {
    status = run(r, i, NULL, 0, r->plain + i, r->entry_count);
  }
  for (size_t p = 0; p < r->options->perturbation_count && status == LS_OK; p++) {
    status = run_perturbation(r, p);
  }
  for (size_t h = 0; h < r->head_count && status == LS_OK; h++) status = compare_pairs(r, h);
  return status;
}

/* ---- The output ---- */

/* Sets [example, ...] of one level. */
static int perturb(ls_real *out, const evaluate_result *r, const ls_perturbation *perturbation,
                   size_t level, const uint32_t *numbers) {
  const ls_shape *shape = &r->inputs->dataset->shape;
  ls_perturber perturber;
  int status = ls_perturber_create(&perturber, perturbation, level, shape, r->options->seed);
  if (status != LS_OK) return status;
  memcpy(out, r->examples, r->example_count * (size_t)ls_shape_size(shape) * sizeof *out);
  ls_perturb(&perturber, r->example_count, numbers, out);
  ls_perturber_destroy(&perturber);
  return LS_OK;
}

/* The first samples, with each perturbation at its levels, for the figures. */
static int take_examples(evaluate_result *r) {
  const ls_evaluate_options *o = r->options;
  size_t size = (size_t)ls_shape_size(&r->inputs->dataset->shape);
  uint32_t numbers[EXAMPLES];
  if (o->perturbation_count == 0) return LS_OK;
  r->example_count = r->inputs->count < EXAMPLES ? r->inputs->count : EXAMPLES;
  for (size_t i = 0; i < r->example_count; i++) numbers[i] = (uint32_t)r->samples[i];
  r->examples = ls_memory_new(&r->memory, r->example_count * size, sizeof *r->examples);
  r->perturbed = ls_memory_new(&r->memory, o->perturbation_count, sizeof *r->perturbed);
  if (ls_memory_status(&r->memory) != LS_OK) return LS_FAILED;
  int status = ls_samples_read(r->examples, r->inputs->dataset, r->part, r->example_count, numbers);
  for (size_t p = 0; p < o->perturbation_count && status == LS_OK; p++) {
    size_t levels = levels_drawn(&o->perturbations[p]);
    r->perturbed[p] =
        ls_memory_new(&r->memory, r->example_count * levels * size, sizeof **r->perturbed);
    status = ls_memory_status(&r->memory);
    for (size_t k = 0; k < levels && status == LS_OK; k++) {
      status = perturb(r->perturbed[p] + k * r->example_count * size, r, &o->perturbations[p], k,
                       numbers);
    }
  }
  return status;
}

/* On rank 0: what is only shown. */
static int prepare_output(evaluate_result *r) {
  int status = take_examples(r);
  for (size_t h = 0; h < r->head_count && status == LS_OK; h++) {
    status = classes_create(&r->heads[h].named, r->models[0], r->heads[h].name);
  }
  return status;
}

static const ls_output output = {"Evaluation of trained models", evaluate_write, evaluate_draw,
                                 evaluate_print};

int ls_study_evaluate(const ls_evaluate_options *options, const ls_group *world, FILE *out) {
  evaluate_result r = {.options = options, .world = world};
  int status = evaluate_plan(&r);
  if (status == LS_OK) status = compute(&r);
  if (status == LS_OK) {
    status = ls_group_agree(world, world->rank == 0 ? prepare_output(&r) : LS_OK);
  }
  if (status == LS_OK) status = ls_output_save(&output, &r, &options->file, world, out);
  for (size_t h = 0; h < r.head_count; h++) classes_destroy(&r.heads[h].named);
  ls_inputs_free(&r.inputs);
  ls_trained_free_all(&r.models, options->model_count);
  ls_trained_free_all(&r.throughs, options->through_count);
  ls_memory_free(&r.memory);
  return status;
}
