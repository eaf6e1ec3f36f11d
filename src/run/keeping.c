/* Keeping the models of the best trials. */
#include "run/keeping.h"

#include "base/memory.h"
#include "base/paths.h"
#include "lockstep/error.h"
#include "trial/retention.h"
#include "trial/saving.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int keeping_create(keeping *k, const ls_job *job, const ls_plan *plan, const char *models) {
  const ls_choice *chosen = &plan->recipe.keep_models;
  const ls_curve *headline = &plan->curves[plan->headline];
  *k = (keeping){
      .models = models, .most = SIZE_MAX, .trials = ls_job_trials(job), .better = headline->better};
  snprintf(k->metric, sizeof k->metric, "%s", headline->name);
  if (chosen->type == &ls_keep_none) k->most = 0;
  if (chosen->type == &ls_keep_best) {
    k->most = (size_t)((const ls_keep_best_args *)chosen->args)->count;
  }
  if (k->most == SIZE_MAX) return LS_OK;
  if (k->most > k->trials) k->most = k->trials;
  k->kept = ls_new(k->most, sizeof *k->kept);
  return k->kept ? LS_OK : LS_FAILED;
}

void keeping_destroy(keeping *k) {
  free(k->kept);
  *k = (keeping){0};
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static bool is_better(const kept_trial *a, const kept_trial *b) {
  return a->score != b->score ? a->score > b->score : a->trial < b->trial;
}

static int compare(const void *a, const void *b) {
  return is_better(a, b) ? -1 : is_better(b, a);
}

static size_t find_worst(const keeping *k) {
  size_t worst = 0;
  for (size_t i = 1; i < k->count; i++) {
    if (is_better(&k->kept[worst], &k->kept[i])) worst = i;
  }
  return worst;
}

bool keeping_wants(const keeping *k, size_t trial, double value) {
  const kept_trial own = {trial, k->better * value};
  if (k->most == SIZE_MAX) return true;
  if (!isfinite(value)) return false;
  return k->count < k->most || (k->most > 0 && is_better(&own, &k->kept[find_worst(k)]));
}

/* ---- Trials that end ------------------------------------------------------------------------- */

int keeping_leave_out(const keeping *k, size_t trial) {
  return k->most == SIZE_MAX ? LS_OK : ls_trial_remove_files(k->models, trial);
}

int keeping_end(keeping *k, size_t trial, double value) {
  if (k->most == SIZE_MAX) return LS_OK;
  if (!keeping_wants(k, trial, value)) return keeping_leave_out(k, trial);
  size_t at = k->count < k->most ? k->count : find_worst(k);
  int status = at < k->count ? keeping_leave_out(k, k->kept[at].trial) : LS_OK;
  if (at == k->count) k->count++;
  k->kept[at] = (kept_trial){trial, k->better * value};
  return status;
}

/* ---- Trials of earlier runs ------------------------------------------------------------------ */

/* Takes over what is in an open folder. `values` [trial] */
static int take_over(keeping *k, DIR *folder, const ls_results *results, const double *values) {
  int status = LS_OK;
  for (struct dirent *entry; status == LS_OK && (entry = readdir(folder));) {
    size_t number = 0;
    int end = 0;
    if (sscanf(entry->d_name, "trial_%zu%n", &number, &end) != 1 || entry->d_name[end]) continue;
    if (number == 0 || number > k->trials) continue;
    if (!ls_trial_is_final(ls_results_state(results, number - 1))) continue;
    status = keeping_end(k, number - 1, values[number - 1]);
  }
  return status;
}

int keeping_resume(keeping *k, const ls_results *results) {
  char *path = NULL, name[LS_MAX_NAME + 8];
  if (k->most == SIZE_MAX) return LS_OK;
  snprintf(name, sizeof name, "final_%s", k->metric);
  int status = ls_models_folder(&path, k->models);
  DIR *folder = status == LS_OK ? opendir(path) : NULL;
  double *values = folder ? ls_new(k->trials, sizeof *values) : NULL;
  if (folder) {
    status = values ? ls_results_read(results, name, values) : LS_FAILED;
    if (status == LS_OK) status = take_over(k, folder, results, values);
    closedir(folder);
  }
  free(values);
  free(path);
  return status;
}

/* ---- The best of all ------------------------------------------------------------------------- */

/* On rank 0: `scores` [trial] are those of kept trials, -INFINITY for all others. */
static int keep_best(keeping *k, const double *scores) {
  kept_trial *all = ls_new(k->trials, sizeof *all);
  size_t count = 0;
  if (!all) return LS_FAILED;
  for (size_t t = 0; t < k->trials; t++) {
    if (scores[t] > -INFINITY) all[count++] = (kept_trial){t, scores[t]};
  }
  qsort(all, count, sizeof *all, compare);
  int status = LS_OK;
  for (size_t i = k->most; i < count && status == LS_OK; i++) {
    status = keeping_leave_out(k, all[i].trial);
  }
  free(all);
  return status;
}

int keeping_finish(keeping *k, const ls_group *world) {
  if (k->most == 0 || k->most == SIZE_MAX) return LS_OK;
  double *scores = ls_new(k->trials, sizeof *scores);
  int status = ls_group_agree(world, scores ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    for (size_t t = 0; t < k->trials; t++) scores[t] = -INFINITY;
    for (size_t i = 0; i < k->count; i++) scores[k->kept[i].trial] = k->kept[i].score;
    status = ls_group_max(world, scores, k->trials);
  }
  const bool keeps = world->rank == 0;
  if (status == LS_OK) status = ls_group_agree(world, keeps ? keep_best(k, scores) : LS_OK);
  free(scores);
  return status;
}
