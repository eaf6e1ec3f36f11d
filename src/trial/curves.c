/* Curves of a trial: their names, those that callbacks watch, those that figures draw. */
#include "trial/curves.h"

#include "base/memory.h"
#include "job/figures.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `part` names the samples in the long name: "", "validation " or "test ". */
static void name_curve(ls_curve *curve, const char *prefix, const char *part,
                       const ls_measure *measure) {
  snprintf(curve->name, sizeof curve->name, "%s%s", prefix, measure->name);
  snprintf(curve->long_name, sizeof curve->long_name, "%s%s", part, measure->name);
  curve->units = "1";
  curve->better = measure->higher_is_better ? 1 : -1;
}

static void list_curves(ls_plan *plan) {
  for (int validation = 0; validation < 2; validation++) {
    for (size_t i = 0; i < plan->model->measure_count; i++) {
      name_curve(&plan->curves[plan->curve_count++], validation ? "val_" : "",
                 validation ? "validation " : "", &plan->model->measures[i]);
    }
  }
  for (size_t i = 0; i < plan->model->measure_count; i++) {
    name_curve(&plan->finals[i], "test_", "test ", &plan->model->measures[i]);
  }
  plan->curves[plan->curve_count++] =
      (ls_curve){"learning_rate", "learning rate at the beginning of the epoch", "1", 0};
  plan->curves[plan->curve_count++] =
      (ls_curve){"epoch_seconds", "duration of the epoch with its validation", "s", 0};
}

/* Whether the results file has a variable of that name for a curve: the curve itself, its final
 * value, its best one. */
static bool is_of_curve(const char *name, const ls_curve *curve) {
  if (strcmp(name, curve->name) == 0) return true;
  static const char *const prefixes[] = {"final_", "best_"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    size_t length = strlen(prefixes[i]);
    if (strncmp(name, prefixes[i], length) == 0 && strcmp(name + length, curve->name) == 0) {
      return true;
    }
  }
  return false;
}

/* Number k of the curves and, behind them, the final values. */
static const ls_curve *curve_or_final(const ls_plan *plan, size_t k) {
  return k < plan->curve_count ? &plan->curves[k] : &plan->finals[k - plan->curve_count];
}

/* Checks that the variables of the results file have different names: heads, metrics and variables
 * of the sweep may be named such that they have not. */
static int check_names(const ls_plan *plan, const ls_job *job) {
  const ls_axis *axes;
  size_t axis_count = ls_job_variables(job, &axes);
  size_t count = plan->curve_count;
  if (plan->split.test_count > 0) count += plan->model->measure_count;
  for (size_t i = 0; i < count; i++) {
    const ls_curve *curve = curve_or_final(plan, i);
    for (size_t k = 0; k < axis_count; k++) {
      if (!is_of_curve(axes[k].name, curve)) continue;
      return ls_job_fail(job, "sweep", axes[k].name,
                         "the results have a curve '%s' (expected another name, such as 'my_%s')",
                         curve->name, axes[k].name);
    }
    for (size_t k = 0; k < count; k++) {
      if (k == i || !is_of_curve(curve->name, curve_or_final(plan, k))) continue;
      bool heads = plan->recipe.heads.count > 0;
      return ls_job_fail(job, heads ? "heads" : "train", heads ? NULL : "metrics",
                         "the results would have two variables named '%s' (expected %s)",
                         curve->name, heads ? "other names of heads" : "each metric once");
    }
  }
  return LS_OK;
}

/* Checks that names do not read like those of other things: of validation curves, of metrics. */
static int check_words(const ls_plan *plan, const ls_job *job) {
  const ls_axis *axes;
  size_t axis_count = ls_job_variables(job, &axes);
  for (size_t i = 0; i < plan->recipe.heads.count; i++) {
    const char *name = plan->recipe.heads.items[i].name;
    if (strncmp(name, "val_", 4) != 0) continue;
    return ls_job_fail(job, "heads", name,
                       "names of validation curves begin with val_ (expected another name)");
  }
  for (size_t i = 0; i < axis_count; i++) {
    const char *name = axes[i].name;
    if (!ls_family_find(&ls_metrics, name) && !ls_family_find(&ls_losses, name)) continue;
    return ls_job_fail(job, "sweep", name,
                       "is the name of a metric or loss (expected another name, such as 'my_%s')",
                       name);
  }
  return LS_OK;
}

/* The curve that a section of `train` watches: a measure or its val_..., and whether more of it is
 * better. */
static int find_monitor(const ls_plan *plan, const ls_job *job, const char *section,
                        const char *name, int mode, size_t *curve, bool *higher) {
  size_t measures = plan->model->measure_count, i = 0;
  while (i < 2 * measures && strcmp(plan->curves[i].name, name) != 0) i++;
  if (i == 2 * measures) {
    return ls_job_fail(job, "train", section,
                       "monitor: unknown curve '%s' (expected one such as '%s')", name,
                       plan->curves[plan->headline].name);
  }
  *curve = i;
  *higher = mode == LS_MONITOR_AUTO ? plan->model->measures[i % measures].higher_is_better
                                    : mode == LS_MONITOR_MAX;
  return LS_OK;
}

static int choose_monitors(ls_plan *plan, const ls_job *job) {
  const ls_early_stopping_args *stopping = &plan->recipe.train.early_stopping;
  const ls_plateau_args *plateau = &plan->recipe.train.reduce_lr_on_plateau;
  size_t measures = plan->model->measure_count, first_metric = plan->model->heads[0].first_metric;
  plan->headline = measures + (first_metric < measures ? first_metric : 0);
  plan->monitor = plan->headline;
  plan->monitor_higher = plan->model->measures[plan->headline % measures].higher_is_better;
  int status = LS_OK;
  if (stopping->monitor) {
    status = find_monitor(plan, job, "early_stopping", stopping->monitor, stopping->mode,
                          &plan->monitor, &plan->monitor_higher);
  }
  if (status == LS_OK && plateau->monitor) {
    status = find_monitor(plan, job, "reduce_lr_on_plateau", plateau->monitor, plateau->mode,
                          &plan->plateau, &plan->plateau_higher);
  }
  return status;
}

/* Lists what the results file will have, for figures to name. */
static void list_names(ls_figure_metric *metrics, ls_figure_variable *variables,
                       ls_figure_names *names, const ls_plan *plan, const ls_job *job) {
  const ls_axis *axes;
  size_t axis_count = ls_job_variables(job, &axes);
  *names = (ls_figure_names){.metrics = metrics, .variables = variables};
  for (size_t i = 0; i < plan->curve_count; i++) {
    const ls_curve *c = &plan->curves[i];
    metrics[names->metric_count++] = (ls_figure_metric){c->name, true, c->better};
  }
  for (size_t i = 0; i < plan->model->measure_count && plan->split.test_count > 0; i++) {
    const ls_curve *c = &plan->finals[i];
    metrics[names->metric_count++] = (ls_figure_metric){c->name, false, c->better};
  }
  for (size_t i = 0; i < axis_count; i++) {
    const ls_axis *a = &axes[i];
    variables[names->variable_count++] = (ls_figure_variable){a->name, a->numbers, a->count};
  }
}

/* Checks that the report's figures can be drawn. */
static int check_figures(const ls_plan *plan, const ls_job *job) {
  const ls_axis *axes;
  const ls_sections *figures = &plan->recipe.figures;
  ls_figure_metric metrics[LS_MAX_CURVES + LS_MAX_MEASURES];
  ls_figure_variable *variables = ls_new(ls_job_variables(job, &axes), sizeof *variables);
  ls_figure_names names;
  if (!variables) return LS_FAILED;
  list_names(metrics, variables, &names, plan, job);
  int status = LS_OK;
  for (size_t i = 0; i < figures->count && status == LS_OK; i++) {
    status = ls_figure_check(figures->items[i].values, figures->items[i].where, &names);
  }
  free(variables);
  return status;
}

int curves_plan(ls_plan *plan, const ls_job *job) {
  list_curves(plan);
  int status = check_names(plan, job);
  if (status == LS_OK) status = check_words(plan, job);
  if (status == LS_OK) status = choose_monitors(plan, job);
  if (status == LS_OK && plan->recipe.figures.count > 0) status = check_figures(plan, job);
  return status;
}
