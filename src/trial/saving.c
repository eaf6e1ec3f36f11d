/* Writing the checkpoints of a trial, and resuming from them. */
#include "trial/saving.h"

#include "base/activity.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "store/checkpoint/checkpoint.h"
#include "store/checkpoint/model_file.h"
#include "store/results/hold.h"
#include "trial/data_description.h"
#include "trial/epoch.h"
#include "trial/learnt.h"
#include "trial/thresholds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* ---- How often ------------------------------------------------------------------------------- */

bool saving_due_after_step(const saving *s, const trainer *t) {
  if (!s->files) return false;
  const ls_interval *interval = &s->files->interval;
  const double seconds = interval->count > 0 ? interval->count : fmax(30, 100 * s->takes);
  switch (interval->unit) {
  case LS_INTERVAL_SECONDS:
    return ls_clock_seconds() - s->written >= seconds;
  case LS_INTERVAL_STEPS:
    return (t->updater.step + 1) % (int64_t)interval->count == 0;
  case LS_INTERVAL_EPOCHS:
    break;
  }
  return false;
}

bool saving_due_after_epoch(const saving *s, const trial_state *state) {
  return s->files && s->files->interval.unit == LS_INTERVAL_EPOCHS &&
         (state->epoch + 1) % (size_t)s->files->interval.count == 0;
}

/* ---- Paths ----------------------------------------------------------------------------------- */

static char *path_of(const char *folder, const char *name) {
  ls_text text = {0};
  ls_text_add(&text, "%s/%s.h5", folder, name);
  return ls_text_take(&text);
}

static int make_paths(saving *s, const trainer *t) {
  int status = ls_trial_folder(&s->folder, s->files->results, s->files->trial);
  if (status != LS_OK) return status;
  s->last = path_of(s->folder, "last");
  s->previous = path_of(s->folder, "previous");
  s->best = path_of(s->folder, "best");
  s->sums = ls_new(measure_sums_count(&t->sums), sizeof *s->sums);
  ls_job_trial_name(s->files->job, s->files->trial, s->trial_name, sizeof s->trial_name);
  for (size_t i = 0; i < t->plan->curve_count; i++) s->curve_names[i] = t->plan->curves[i].name;
  return s->last && s->previous && s->best && s->sums ? LS_OK : LS_FAILED;
}

int ls_trial_remove_files(const char *results, size_t trial) {
  static const char *const names[] = {"last", "previous", "best"};
  char *folder = NULL;
  int status = ls_trial_folder(&folder, results, trial);
  bool there = folder && access(folder, F_OK) == 0;
  for (size_t i = 0; there && i < sizeof names / sizeof *names && status == LS_OK; i++) {
    char *path = path_of(folder, names[i]);
    if (!path) status = LS_FAILED;
    if (path && unlink(path) != 0 && errno != ENOENT) {
      status = ls_fail(LS_FAILED, "%s: cannot be removed: %s", path, strerror(errno));
    }
    free(path);
  }
  if (there && status == LS_OK) rmdir(folder);
  free(folder);
  return status;
}

/* On rank 0: from now on other programs can read the file, but not open it for writing. */
static void hold(const trainer *t, int *held, const char *path) {
  if (t->group->rank != 0) return;
  if (*held > 0) close(*held);
  *held = ls_hold_shared(path);
}

/* On rank 0: creates the folder, before training so that a failure is found at once, or before the
 * first file. */
static int prepare_folder(saving *s) {
  struct stat info;
  if (s->prepared) return LS_OK;
  s->prepared = true;
  if (lstat(s->folder, &info) == 0 && S_ISLNK(info.st_mode)) {
    return ls_fail(LS_INVALID, "%s: is a symbolic link (expected a folder)", s->folder);
  }
  int status = ls_make_directories(s->folder);
  if (status != LS_OK || s->files->resume) return status;
  unlink(s->last);
  unlink(s->previous);
  unlink(s->best);
  return LS_OK;
}

/* 0.5, until they are tuned. */
static int create_thresholds(saving *s, size_t count) {
  s->thresholds = ls_new(count, sizeof *s->thresholds);
  s->best_thresholds = ls_new(count, sizeof *s->best_thresholds);
  if (!s->thresholds || !s->best_thresholds) return LS_FAILED;
  for (size_t k = 0; k < count; k++) s->thresholds[k] = s->best_thresholds[k] = 0.5;
  return LS_OK;
}

int saving_create(saving *s, const ls_trial_files *files, const trainer *t) {
  *s = (saving){.files = files, .written = ls_clock_seconds()};
  if (!files) return LS_OK;
  int status = make_paths(s, t);
  if (status == LS_OK) status = create_thresholds(s, thresholds_of_all(t->plan));
  if (status == LS_OK && t->group->rank == 0 && !files->late) status = prepare_folder(s);
  if (status == LS_OK && t->group->rank == 0) {
    status = ls_plan_describe_data(&s->memory, &s->data, t->plan);
  }
  if (status == LS_OK && files->resume) {
    hold(t, &s->held_last, s->last);
    hold(t, &s->held_best, s->best);
  }
  return ls_group_agree(t->group, status);
}

void saving_destroy(saving *s) {
  if (s->held_last > 0) close(s->held_last);
  if (s->held_best > 0) close(s->held_best);
  free(s->folder);
  free(s->last);
  free(s->previous);
  free(s->best);
  free(s->sums);
  free(s->thresholds);
  free(s->best_thresholds);
  ls_memory_free(&s->memory);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static ls_checkpoint describe(saving *s, const trainer *t, const trial_state *state) {
  const ls_plan *plan = t->plan;
  ls_checkpoint out = {.job = ls_job_text(s->files->job),
                       .trial = s->files->trial,
                       .trial_name = s->trial_name,
                       .dataset = plan->dataset->path,
                       .digests = s->files->digests,
                       .learnt = ls_learnt_of(t->transforms),
                       .learnt_of_targets = target_scaling_learnt(&t->targets),
                       .preprocessing = ls_preprocessing_of(t->transforms, plan->dataset->scale),
                       .data = &s->data,
                       .shards = t->shard_count,
                       .partition = ls_reducer_blocks(t->reducer),
                       .idle = t->group->rank > 0 &&
                               plan->recipe.train.reduction == LS_REDUCE_ALLREDUCE,
                       .best = state->best,
                       .rows = state->rows,
                       .curve_count = plan->curve_count,
                       .row_capacity = plan->epochs,
                       .curve_names = s->curve_names,
                       .sums = s->sums,
                       .sum_count = measure_sums_count(&t->sums)};
  target_scaling_describe(&t->targets, out.preprocessing.targets);
  while (out.slot_count < LS_MAX_ARRAYS && t->updater.slots[out.slot_count]) out.slot_count++;
  return out;
}

/* Has the next file record these thresholds [thresholds_of_all]. On rank 0. */
static void describe_thresholds(saving *s, const ls_plan *plan, const double *thresholds) {
  for (size_t h = 0; h < s->data.output_count; h++) {
    const size_t count = thresholds_of_head(plan, h);
    if (count == 0) continue;
    s->data.outputs[h].thresholds = thresholds;
    s->data.outputs[h].threshold_count = count;
    thresholds += count;
  }
}

int saving_write(saving *s, const trainer *t, const trial_state *state, const ls_snapshot *now) {
  if (!s->files) return LS_OK;
  const ls_model *model = t->plan->model;
  double start = ls_clock_seconds();
  ls_activity_phase(LS_PHASE_SAVING, state->epoch, state->step);
  ls_checkpoint file = describe(s, t, state);
  bool first = t->group->rank == 0;
  int status = first ? t->callbacks->write(t->callbacks->context) : LS_OK;
  if (first && status == LS_OK) status = prepare_folder(s);
  status = ls_group_agree(t->group, status);
  if (status == LS_OK && now->scalars.step > 0) {
    status = trainer_total_sums(t, s->sums);
  }
  if (status == LS_OK && state->stopping.state.best_epoch != s->best_saved) {
    file.now = state->best;
    describe_thresholds(s, t->plan, s->best_thresholds);
    status = ls_checkpoint_write(s->best, NULL, model, &file, t->group);
    if (status == LS_OK) s->best_saved = state->stopping.state.best_epoch;
    hold(t, &s->held_best, s->best);
  }
  file.now = *now;
  describe_thresholds(s, t->plan, s->thresholds);
  if (status == LS_OK) status = ls_checkpoint_write(s->last, s->previous, model, &file, t->group);
  hold(t, &s->held_last, s->last);
  s->written = ls_clock_seconds();
  s->takes = s->written - start;
  return status;
}

/* Collective: those of the best epoch, whose weights the trainer has for this time. */
static int tune_best(saving *s, trainer *t, const trial_state *state) {
  const ls_block_cyclic partition = ls_reducer_blocks(t->reducer);
  ls_real *weights = ls_reducer_weights(t->reducer);
  ls_real *final = ls_new(ls_block_cyclic_count(&partition), sizeof *final);
  int status = ls_group_agree(t->group, final ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    ls_block_cyclic_pack(&partition, weights, final);
    status = trial_state_restore_best(state, t);
    if (status == LS_OK) status = thresholds_tune(s->best_thresholds, &t->validation, weights);
    status = ls_group_agree(t->group, status);
    ls_block_cyclic_unpack(&partition, final, weights);
    if (status == LS_OK) status = ls_reducer_allgather(t->reducer);
  }
  free(final);
  return status;
}

int saving_tune_thresholds(saving *s, trainer *t, const trial_state *state, bool best) {
  const size_t count = thresholds_of_all(t->plan);
  if (!s->files || count == 0 || state->ended == LS_TRIAL_DIVERGED) return LS_OK;
  const ls_real *weights = ls_reducer_weights(t->reducer);
  int status = thresholds_tune(s->thresholds, &t->validation, weights);
  if (status != LS_OK || state->stopping.state.best_epoch == 0) return status;
  s->best_saved = 0; /* the file of the best epoch gets its thresholds */
  if (!best) return tune_best(s, t, state);
  memcpy(s->best_thresholds, s->thresholds, count * sizeof *s->thresholds);
  return LS_OK;
}

/* ---- Resuming -------------------------------------------------------------------------------- */

/* Checks that the data are those with which the file's training began. */
static int check_inputs(const saving *s, const char *path) {
  ls_digests past = {0};
  char *differences = NULL;
  int status = ls_model_file_digests(&past, path);
  if (status == LS_OK) status = ls_digests_differences(&differences, &past, s->files->digests);
  if (status == LS_OK && differences) {
    status = ls_fail(LS_INVALID, "%s: was trained with other data: %s", path, differences);
  }
  free(differences);
  ls_digests_free(&past);
  return status;
}

/* Checks that the file is of this trial, in this job or in one that it extends. */
static int check_trial(const saving *s, const char *path) {
  char *job = NULL;
  size_t trial = 0;
  ls_compared_job *recorded = s->files->recorded;
  int status = ls_model_file_job(path, &job, &trial);
  if (status == LS_OK) {
    status = ls_compared_job_update(recorded, s->files->job, job, LS_EXTENDS_SOME);
  }
  free(job);
  if (status != LS_OK) return status;
  if (recorded->differences) {
    return ls_fail(LS_INVALID, "%s: is a checkpoint of another job: %s", path,
                   recorded->differences);
  }
  if (trial == recorded->extension.origin[s->files->trial]) return LS_OK;
  return ls_fail(LS_INVALID, "%s: is a checkpoint of trial %zu of its job, and not of trial %zu",
                 path, trial + 1, s->files->trial + 1);
}

/* On rank 0: checks that the file is of this trial, and its weights are those that were saved. */
static int check_origin(const saving *s, const trainer *t, const char *path,
                        const ls_snapshot *now) {
  size_t bytes = t->plan->model->param_count * sizeof(ls_real);
  int status = check_trial(s, path);
  if (status == LS_OK && s->files->digests) status = check_inputs(s, path);
  if (status == LS_OK &&
      XXH3_64bits(ls_reducer_weights(t->reducer), bytes) != now->scalars.weights_hash) {
    status = ls_fail(LS_INVALID, "%s: its weights do not match their hash", path);
  }
  return status;
}

/* Checks that the snapshot is of a moment that this trial's training can have. */
static int check_progress(const trainer *t, const char *path, const ls_snapshot_scalars *now) {
  if (now->step > t->plan->steps) {
    return ls_fail(LS_INVALID, "%s: is of step %zu (expected at most %zu)", path, now->step,
                   t->plan->steps);
  }
  if (now->stopping.best_epoch <= now->epoch) return LS_OK;
  return ls_fail(LS_INVALID, "%s: its best epoch is %zu (expected at most %zu)", path,
                 now->stopping.best_epoch, now->epoch);
}

/* Collective. */
static int resume_from(saving *s, const char *path, trainer *t, trial_state *state) {
  ls_checkpoint file = describe(s, t, state);
  file.now = trial_state_snapshot(state, t);
  int status = ls_checkpoint_read(path, t->plan->model, &file, t->group);
  if (status == LS_OK) status = check_progress(t, path, &file.now.scalars);
  if (status == LS_OK) status = trial_state_resume(state, t, &file.now.scalars);
  if (status == LS_OK && t->group->rank == 0) status = check_origin(s, t, path, &file.now);
  status = ls_group_agree(t->group, status);
  bool found; /* values learnt on another processor may differ in their last bits */
  if (status == LS_OK) status = ls_learnt_restore(t->transforms, &found, path, t->group);
  if (status == LS_OK) status = target_scaling_restore(&t->targets, path, t->group);
  if (status != LS_OK) return status;
  state->best.scalars = file.best.scalars;
  s->best_saved = access(s->best, F_OK) == 0 ? state->stopping.state.best_epoch : 0;
  if (state->step > 0) trainer_restore_sums(t, s->sums);
  return ls_group_broadcast(t->group, &s->best_saved, sizeof s->best_saved, 0);
}

int saving_resume(saving *s, trainer *t, trial_state *state, bool *found) {
  *found = false;
  if (!s->files || !s->files->resume) return LS_OK;
  ls_activity_phase(LS_PHASE_RESUMING, 0, 0);
  const char *paths[] = {s->last, s->previous};
  bool exists[] = {access(s->last, F_OK) == 0, access(s->previous, F_OK) == 0};
  int status = ls_group_agree(t->group, trial_state_reserve_best(state, t));
  if (status == LS_OK) status = ls_group_broadcast(t->group, exists, sizeof exists, 0);
  for (int i = 0; i < 2 && status == LS_OK && !*found; i++) {
    if (!exists[i]) continue;
    status = resume_from(s, paths[i], t, state);
    *found = status == LS_OK;
    if (status != LS_INVALID) continue;
    if (t->group->rank == 0) ls_print(stderr, "lockstep: warning: %s\n", ls_error_message());
    status = LS_OK;
  }
  if (status == LS_OK && !*found && (exists[0] || exists[1])) {
    return ls_fail(LS_INVALID,
                   "%s: none of its checkpoints can be used (remove the folder to begin the trial "
                   "again)",
                   s->folder);
  }
  return status;
}
