/* Files of a trial. */
#include "trial/saving.h"

#include "base/activity.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "store/checkpoint/checkpoint.h"
#include "store/checkpoint/model_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* ---- How often ---------------------------------------------------------------------------------
 */

int ls_every_read(ls_every *out, const char *option, const char *text) {
  static const struct {
    const char *word;
    ls_every_unit unit;
  } units[] = {{"", LS_EVERY_SECONDS},       {"s", LS_EVERY_SECONDS},
               {"second", LS_EVERY_SECONDS}, {"seconds", LS_EVERY_SECONDS},
               {"step", LS_EVERY_STEPS},     {"steps", LS_EVERY_STEPS},
               {"epoch", LS_EVERY_EPOCHS},   {"epochs", LS_EVERY_EPOCHS}};
  char *end = NULL;
  out->count = strtod(text, &end);
  for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++) {
    if (strcmp(end, units[i].word) != 0) continue;
    out->unit = units[i].unit;
    bool whole = out->unit == LS_EVERY_SECONDS || out->count == floor(out->count);
    if (out->count > 0 && out->count <= 1e9 && whole) return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: '%s' (expected such as 60s, 500steps or 1epoch)", option, text);
}

bool saving_due_after_step(const saving *s, const trainer *t) {
  if (!s->files) return false;
  const ls_every *every = &s->files->every;
  double interval = every->count > 0 ? every->count : fmax(30, 100 * s->takes);
  switch (every->unit) {
  case LS_EVERY_SECONDS:
    return ls_clock_seconds() - s->written >= interval;
  case LS_EVERY_STEPS:
    return (t->updater.step + 1) % (int64_t)every->count == 0;
  case LS_EVERY_EPOCHS:
    break;
  }
  return false;
}

bool saving_due_after_epoch(const saving *s, const trial_state *c) {
  return s->files && s->files->every.unit == LS_EVERY_EPOCHS &&
         (c->epoch + 1) % (size_t)s->files->every.count == 0;
}

/* ---- Places ------------------------------------------------------------------------------------
 */

static char *folder_of(const char *results, size_t trial) {
  char *models = NULL;
  if (ls_models_folder(&models, results) != LS_OK) return NULL;
  ls_text text = {0};
  ls_text_add(&text, "%s/trial_%zu", models, trial + 1);
  free(models);
  return ls_text_take(&text);
}

static char *path_of(const char *folder, const char *name) {
  ls_text text = {0};
  ls_text_add(&text, "%s/%s.h5", folder, name);
  return ls_text_take(&text);
}

static int make_paths(saving *s, const trainer *t) {
  s->folder = folder_of(s->files->results, s->files->trial);
  if (!s->folder) return LS_FAILED;
  s->last = path_of(s->folder, "last");
  s->previous = path_of(s->folder, "previous");
  s->best = path_of(s->folder, "best");
  s->sums = ls_new(t->sum_count, sizeof *s->sums);
  ls_job_trial_name(s->files->job, s->files->trial, s->trial_name, sizeof s->trial_name);
  for (size_t i = 0; i < t->plan->curve_count; i++) s->curve_names[i] = t->plan->curves[i].name;
  return s->last && s->previous && s->best && s->sums ? LS_OK : LS_FAILED;
}

/* Rank 0's part. Makes the folder before training, lest that be in vain. */
static int prepare_folder(const saving *s) {
  int status = ls_make_directories(s->folder);
  if (status != LS_OK || s->files->resume) return status;
  unlink(s->last);
  unlink(s->previous);
  unlink(s->best);
  return LS_OK;
}

int saving_create(saving *s, const ls_trial_files *files, const trainer *t) {
  *s = (saving){.files = files, .written = ls_clock_seconds()};
  if (!files) return LS_OK;
  int status = make_paths(s, t);
  if (status == LS_OK && t->group->rank == 0) status = prepare_folder(s);
  return ls_group_agree(t->group, status);
}

void saving_destroy(saving *s) {
  free(s->folder);
  free(s->last);
  free(s->previous);
  free(s->best);
  free(s->sums);
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

static ls_checkpoint describe(saving *s, const trainer *t, const trial_state *c) {
  const ls_plan *plan = t->plan;
  ls_checkpoint out = {.job = ls_job_text(s->files->job),
                       .trial = s->files->trial,
                       .trial_name = s->trial_name,
                       .dataset = plan->dataset->path,
                       .shards = t->shards,
                       .partition = ls_reducer_share(t->reducer),
                       .idle = t->group->rank > 0 &&
                               plan->recipe.train.reduction == LS_REDUCE_ALLREDUCE,
                       .best = c->best,
                       .rows = c->rows,
                       .curve_count = plan->curve_count,
                       .row_capacity = plan->epochs,
                       .curve_names = s->curve_names,
                       .sums = s->sums,
                       .sum_count = t->sum_count};
  while (out.slot_count < LS_MAX_SLOTS && t->updater.slots[out.slot_count]) out.slot_count++;
  return out;
}

int saving_write(saving *s, const trainer *t, const trial_state *c, const ls_snapshot *now) {
  if (!s->files) return LS_OK;
  const ls_model *model = t->plan->model;
  double start = ls_clock_seconds();
  ls_activity_phase(LS_PHASE_SAVING, c->epoch, c->step);
  ls_checkpoint file = describe(s, t, c);
  bool first = t->group->rank == 0;
  int status = ls_group_agree(t->group, first ? t->watch->write(t->watch->context) : LS_OK);
  if (status == LS_OK && now->scalars.step > 0) {
    status = trainer_total_sums(t, s->sums);
  }
  if (status == LS_OK && c->stopping.state.best_epoch != s->best_saved) {
    file.now = c->best;
    status = ls_checkpoint_write(s->best, NULL, model, &file, t->group);
    if (status == LS_OK) s->best_saved = c->stopping.state.best_epoch;
  }
  file.now = *now;
  if (status == LS_OK) status = ls_checkpoint_write(s->last, s->previous, model, &file, t->group);
  s->written = ls_clock_seconds();
  s->takes = s->written - start;
  return status;
}

/* ---- Going on ----------------------------------------------------------------------------------
 */

/* On rank 0: whether the file is of this trial, and its weights those that were saved. */
static int check_origin(const saving *s, const trainer *t, const char *path,
                        const ls_snapshot *now) {
  char *job = NULL;
  size_t trial = 0, bytes = t->plan->model->param_count * sizeof(ls_real);
  int status = ls_model_file_job(path, &job, &trial);
  if (status == LS_OK &&
      (trial != s->files->trial || !ls_job_same(job, ls_job_text(s->files->job)))) {
    status = ls_fail(LS_INVALID, "%s: is of another job or trial", path);
  }
  if (status == LS_OK &&
      XXH3_64bits(ls_reducer_weights(t->reducer), bytes) != now->scalars.weights_hash) {
    status = ls_fail(LS_INVALID, "%s: its weights are not those that were saved", path);
  }
  free(job);
  return status;
}

/* Collective. */
static int resume_from(saving *s, const char *path, trainer *t, trial_state *c) {
  ls_checkpoint file = describe(s, t, c);
  file.now = trial_state_snapshot(c, t);
  int status = ls_checkpoint_read(path, t->plan->model, &file, t->group);
  if (status == LS_OK) status = trial_state_resume(c, t, &file.now.scalars);
  if (status == LS_OK && t->group->rank == 0) status = check_origin(s, t, path, &file.now);
  status = ls_group_agree(t->group, status);
  if (status != LS_OK) return status;
  c->best.scalars = file.best.scalars;
  s->best_saved = access(s->best, F_OK) == 0 ? c->stopping.state.best_epoch : 0;
  if (c->step > 0) trainer_take_sums(t, s->sums);
  return ls_group_broadcast(t->group, &s->best_saved, sizeof s->best_saved, 0);
}

int saving_resume(saving *s, trainer *t, trial_state *c, bool *found) {
  *found = false;
  if (!s->files || !s->files->resume) return LS_OK;
  ls_activity_phase(LS_PHASE_RESUMING, 0, 0);
  const char *paths[] = {s->last, s->previous};
  bool exists[] = {access(s->last, F_OK) == 0, access(s->previous, F_OK) == 0};
  int status = ls_group_agree(t->group, trial_state_reserve_best(c, t));
  if (status == LS_OK) status = ls_group_broadcast(t->group, exists, sizeof exists, 0);
  for (int i = 0; i < 2 && status == LS_OK && !*found; i++) {
    if (!exists[i]) continue;
    status = resume_from(s, paths[i], t, c);
    *found = status == LS_OK;
    if (status != LS_INVALID) continue;
    if (t->group->rank == 0) fprintf(stderr, "lockstep: warning: %s\n", ls_error_message());
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
