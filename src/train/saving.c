/* Model files of a trial. */
#include "saving.h"

#include "lockstep/error.h"
#include "lockstep/model_file.h"
#include "lockstep/paths.h"
#include "lockstep/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

/* results/NAME.h5 -> results/NAME/trial_N, and what follows; NULL, with the error recorded, without
 * memory. */
static char *trial_path(const char *results, size_t trial, const char *rest) {
  char *models = NULL;
  if (ls_models_folder(&models, results) != LS_OK) return NULL;
  ls_text text = {0};
  ls_text_add(&text, "%s/trial_%zu%s", models, trial + 1, rest);
  free(models);
  return ls_text_take(&text);
}

int saving_begin(const char *results, size_t trial) {
  char *folder = trial_path(results, trial, "");
  int status = folder ? ls_make_directories(folder) : LS_FAILED;
  free(folder);
  return status;
}

static int write_file(const char *path, const ls_job *job, size_t trial, const ls_plan *plan,
                      const ls_snapshot *snapshot) {
  char name[256];
  ls_job_trial_name(job, trial, name, sizeof name);
  ls_model_file_metric metrics[LS_MAX_CURVES];
  size_t count = 2 * plan->model->measure_count;
  for (size_t i = 0; i < count; i++) {
    metrics[i] = (ls_model_file_metric){plan->curves[i].name, snapshot->curves[i]};
  }
  size_t bytes = plan->model->param_count * sizeof *snapshot->weights;
  ls_model_file_origin origin = {.job = ls_job_text(job),
                                 .trial = trial,
                                 .trial_name = name,
                                 .dataset = plan->dataset->path,
                                 .epoch = snapshot->epoch,
                                 .weights_hash = XXH3_64bits(snapshot->weights, bytes),
                                 .metrics = metrics,
                                 .metric_count = count};
  return ls_model_file_write(path, plan->model, snapshot->weights, &origin);
}

int saving_write(const char *results, const ls_job *job, size_t trial, const ls_plan *plan,
                 const ls_snapshot *snapshot) {
  char file[64];
  snprintf(file, sizeof file, "/%s.h5", snapshot->name);
  char *path = trial_path(results, trial, file);
  int status = path ? write_file(path, job, trial, plan, snapshot) : LS_FAILED;
  free(path);
  return status;
}
