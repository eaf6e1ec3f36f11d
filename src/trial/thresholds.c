/* Choosing thresholds: counting samples chunk by chunk, comparing scores. */
#include "trial/thresholds.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/families.h"
#include "trial/plan_layout.h"

#include <math.h>
#include <stdlib.h>

/* Their thresholds are in one attribute of model files. */
enum { MOST_LABELS = 4096 };

/* What the head maximizes, or LS_SCORE_NONE. */
static ls_score score_of(const ls_plan *plan, size_t head) {
  return (ls_score)ls_recipe_objective(&plan->recipe, head)->tune_threshold;
}

static size_t width_of(const ls_plan *plan, size_t head) {
  return (size_t)ls_shape_size(&plan->model->heads[head].output);
}

static bool has_classes(const ls_plan *plan, size_t head) {
  return plan->model->heads[head].spec.target.classes > 0;
}

/* Whether the head's outputs are probabilities of labels, which a sample has or has not. */
static bool has_labels(const ls_plan *plan, size_t head) {
  const ls_head_spec *spec = &plan->model->heads[head].spec;
  return !has_classes(plan, head) && !spec->target.input &&
         (spec->loss.type == &ls_loss_binary_crossentropy.component ||
          spec->loss.type == &ls_loss_binary_focal_crossentropy.component);
}

int thresholds_check(const ls_plan *plan) {
  for (size_t h = 0; h < plan->model->head_count; h++) {
    const ls_head_spec *spec = &plan->model->heads[h].spec;
    const bool classes = has_classes(plan, h) && !spec->target.input;
    if (score_of(plan, h) == LS_SCORE_NONE || (classes && width_of(plan, h) <= 2)) continue;
    if (has_labels(plan, h) && width_of(plan, h) <= MOST_LABELS) continue;
    return ls_fail(LS_INVALID,
                   "%s: tune_threshold needs two classes, or up to %d labels with "
                   "binary_crossentropy, but %s has %s",
                   spec->where, MOST_LABELS, spec->target.name,
                   classes               ? "more classes"
                   : has_labels(plan, h) ? "more labels"
                                         : "other values");
  }
  return LS_OK;
}

size_t thresholds_of_head(const ls_plan *plan, size_t head) {
  if (score_of(plan, head) == LS_SCORE_NONE) return 0;
  return has_classes(plan, head) ? 1 : width_of(plan, head);
}

size_t thresholds_of_all(const ls_plan *plan) {
  size_t count = 0;
  for (size_t h = 0; h < plan->model->head_count; h++) count += thresholds_of_head(plan, h);
  return count;
}

/* ---- Counting -------------------------------------------------------------------------------- */

static ls_real threshold(size_t k) {
  return (ls_real)((double)k / THRESHOLDS);
}

void thresholds_count(threshold_counts *counts, bool is, ls_real probability) {
  const double guess = fmin(fmax((double)probability * THRESHOLDS, 0), THRESHOLDS);
  size_t above = isnan(probability) ? 0 : (size_t)guess;
  while (above < THRESHOLDS && probability > threshold(above)) above++;
  while (above > 0 && !(probability > threshold(above - 1))) above--;
  counts->of[is][above]++;
}

typedef struct counting {
  const ls_plan *plan;
  threshold_counts *counts; /* [thresholds_of_all] */
} counting;

static void count_classes(threshold_counts *counts, const ls_outputs *o) {
  for (size_t i = 0; i < o->n; i++) {
    thresholds_count(counts, o->labels[i] == 1, o->y[(i + 1) * o->width - 1]);
  }
}

static void count_labels(threshold_counts *counts, const ls_outputs *o) {
  for (size_t i = 0; i < o->n * o->width; i++) {
    thresholds_count(&counts[i % o->width], o->values[i] > (ls_real)0.5, o->y[i]);
  }
}

/* An evaluation_take: counts the samples of a chunk for all heads that tune. */
static void count_chunk(void *context, ls_workspace *workspace, size_t chunk) {
  const counting *c = context;
  const ls_model *model = c->plan->model;
  threshold_counts *counts = c->counts;
  (void)chunk;
  for (size_t h = 0; h < model->head_count; h++) {
    const size_t count = thresholds_of_head(c->plan, h);
    if (count == 0) continue;
    const ls_outputs o = ls_model_activated(model, workspace, h);
    (has_classes(c->plan, h) ? count_classes : count_labels)(counts, &o);
    counts += count;
  }
}

/* ---- Choosing -------------------------------------------------------------------------------- */

static double ratio(double part, double all) {
  return all > 0 ? part / all : 0;
}

/* The score where of the samples of the two classes so many are predicted to be of the second. */
static double score_with(ls_score score, double negatives, double positives, double false_ones,
                         double true_ones) {
  switch (score) {
  case LS_SCORE_F1:
    return ratio(2 * true_ones, true_ones + false_ones + positives);
  case LS_SCORE_BALANCED_ACCURACY:
    return (ratio(true_ones, positives) + ratio(negatives - false_ones, negatives)) / 2;
  default:
    return ratio(true_ones + negatives - false_ones, positives + negatives);
  }
}

double thresholds_best(const threshold_counts *counts, ls_score score) {
  double all[2] = {0}, above[2], best = -1, chosen = 0.5;
  for (size_t k = 0; k <= THRESHOLDS; k++) {
    for (int c = 0; c < 2; c++) all[c] += counts->of[c][k];
  }
  above[0] = all[0];
  above[1] = all[1];
  for (size_t k = 0; k < THRESHOLDS; k++) {
    for (int c = 0; c < 2; c++) above[c] -= counts->of[c][k];
    const double value = score_with(score, all[0], all[1], above[0], above[1]);
    if (value <= best) continue;
    best = value;
    chosen = (double)k / THRESHOLDS;
  }
  return chosen;
}

/* ---- All ranks ------------------------------------------------------------------------------- */

static int allocate(const evaluation *e, threshold_counts **counts, ls_workspace **workspace) {
  const ls_layout layout = ls_plan_evaluation_layout(e->samples, 1);
  *counts = ls_new(thresholds_of_all(e->plan), sizeof **counts);
  if (!*counts) return LS_FAILED;
  return ls_workspace_create_separate(workspace, e->plan->model, ls_layout_largest_shard(&layout));
}

int thresholds_tune(double *thresholds, const evaluation *e, const ls_real *weights) {
  const size_t all = thresholds_of_all(e->plan);
  counting c = {.plan = e->plan};
  ls_workspace *workspace = NULL;
  int status = ls_group_agree(e->group, allocate(e, &c.counts, &workspace));
  if (status == LS_OK) {
    evaluation_each_chunk(e, workspace, weights, count_chunk, &c);
    status = ls_group_sum(e->group, &c.counts->of[0][0], all * sizeof *c.counts / sizeof(double));
  }
  for (size_t h = 0, at = 0; status == LS_OK && h < e->plan->model->head_count; h++) {
    for (size_t k = thresholds_of_head(e->plan, h); k > 0; k--, at++) {
      thresholds[at] = thresholds_best(&c.counts[at], score_of(e->plan, h));
    }
  }
  ls_workspace_free(&workspace);
  free(c.counts);
  return status;
}
