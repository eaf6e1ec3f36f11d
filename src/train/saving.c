/* Model files of a trial. */
#include "saving.h"

#include "lockstep/error.h"
#include "lockstep/model_file.h"
#include "lockstep/paths.h"
#include "lockstep/text.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* results/NAME.h5 -> results/NAME/trial_N; a name without an extension gets another one. */
static void add_folder(ls_text *text, const char *results, size_t trial) {
  const char *slash = strrchr(results, '/'), *name = slash ? slash + 1 : results;
  const char *dot = strrchr(name, '.');
  ls_text_add_bytes(text, results, dot > name ? (size_t)(dot - results) : strlen(results));
  ls_text_add(text, "%s/trial_%zu", dot > name ? "" : ".models", trial + 1);
}

int saving_begin(const char *results, size_t trial) {
  ls_text text = {0};
  add_folder(&text, results, trial);
  char *folder = ls_text_take(&text);
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
  ls_text text = {0};
  add_folder(&text, results, trial);
  ls_text_add(&text, "/%s.h5", snapshot->name);
  char *path = ls_text_take(&text);
  int status = path ? write_file(path, job, trial, plan, snapshot) : LS_FAILED;
  free(path);
  return status;
}
