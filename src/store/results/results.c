/* The results file while the job runs: opening or continuing it, overwriting rows. Its structure is
 * made in structure.c. */
#include "store/results/results.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/adopt.h"
#include "store/results/continuation.h"
#include "store/results/existing.h"
#include "store/results/hold.h"
#include "store/results/lock.h"
#include "store/results/owner.h"
#include "store/results/provenance.h"
#include "store/results/slices.h"
#include "store/results/structure.h"
#include "store/results/trial_fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ls_results {
  const ls_group *world;
  hid_t file;
  int held; /* rank 0: the locked file, or -1 */
  char *path;
  char *owner;       /* what the lock must say */
  bool taken_over;   /* from a run that is gone, of which processes may linger elsewhere */
  double checked;    /* when that was last looked at; negative if it said something else */
  const ls_job *job; /* borrowed, as are the axes */
  structure_axes axes;
  size_t epochs, curve_count, final_count, trials;
  char (*curve_names)[64]; /* and, behind them, those of final values */
  int *better;             /* [curve], as in ls_results_curve */
  signed char *states;     /* [trial] */
  int *shards;
  bool records_restored; /* has a best_restored, which files of earlier versions lack */
  bool records_outcomes; /* has the final_ and best_ values, likewise */
  int (*news)[2];        /* [trial], what this rank has written of both; -1: nothing */
  int written;           /* whether it has written anything */
};

/* ---- Opening --------------------------------------------------------------------------------- */

/* Makes the file one of this job, and reads the states of its trials. On one rank alone. */
static int look_at_existing(ls_results *r, const ls_results_plan *plan, provenance *run) {
  hid_t file = -1;
  const existing_file existing = {r->path, r->owner, !r->taken_over};
  int status = existing_prepare(&existing, plan, run);
  if (status == LS_OK && plan->adopt) status = results_adopt(&existing, plan, run->id);
  if (status == LS_OK) status = ls_h5_open(&file, plan->path);
  if (status == LS_OK) status = trial_fields_read_states(file, plan->job, r->states);
  if (status == LS_OK) status = trial_fields_read_shards(file, plan->job, r->shards);
  r->records_restored = status == LS_OK && ls_h5_has(file, "best_restored");
  r->records_outcomes = status == LS_OK && ls_h5_has(file, "final_loss");
  ls_h5_close(&file);
  return status;
}

/* Begins without a file: that is made later by all ranks, but at once if trials are to be copied
 * into it, and *exists is then set. */
static int begin_new(ls_results *r, const ls_results_plan *plan, provenance *run, bool *exists) {
  int status = owner_begin(run->id, plan);
  if (status == LS_OK && plan->uses_blas) status = provenance_warn(run, plan->path, -1);
  if (status != LS_OK || !plan->adopt) return status;
  ls_results_plan target = *plan;
  target.path = r->path;
  status = structure_write(&target, &r->axes, run);
  if (status == LS_OK) status = look_at_existing(r, plan, run);
  *exists = status == LS_OK;
  return status;
}

/* Rank 0's part before all open the file: the lock, and a look at a file that is there. */
static int prepare(ls_results *r, const ls_results_plan *plan, provenance *run, bool *exists) {
  int status = ls_make_parents(r->path);
  if (status == LS_OK) status = lock_acquire(&r->owner, &r->taken_over, r->path);
  if (status == LS_OK && plan->whole) status = slices_check_free(plan->path, plan->whole);
  struct stat info;
  *exists = stat(r->path, &info) == 0;
  if (status == LS_OK && *exists && !S_ISREG(info.st_mode)) {
    status =
        ls_fail(LS_INVALID, "%s: is no file (expected the name of a results file)", plan->path);
  }
  if (status == LS_OK && plan->adopt) status = results_check_adopted(plan);
  if (status != LS_OK) return status;
  if (!*exists) return begin_new(r, plan, run, exists);
  status = look_at_existing(r, plan, run);
  if (status != LS_OK) return status;
  const continuation c = {r->path, r->owner, !r->taken_over, r->states, run};
  return continuation_record(&c, plan);
}

static int allocate(ls_results *r, const ls_results_plan *plan) {
  r->job = plan->job;
  r->trials = ls_job_trials(plan->job);
  r->epochs = plan->epochs;
  r->curve_count = plan->curve_count;
  r->states = ls_new(r->trials, sizeof *r->states);
  r->shards = ls_new(r->trials, sizeof *r->shards);
  r->final_count = plan->final_count;
  r->curve_names = ls_new(r->curve_count + r->final_count, sizeof *r->curve_names);
  r->news = ls_new(r->trials, sizeof *r->news);
  r->better = ls_new(r->curve_count, sizeof *r->better);
  int followed = ls_follow_links(&r->path, plan->path);
  if (followed != LS_OK) return followed;
  if (!r->states || !r->shards || !r->news || !r->curve_names || !r->better) return LS_FAILED;
  memset(r->news, -1, r->trials * sizeof *r->news);
  for (size_t k = 0; k < r->curve_count; k++) {
    strncpy(r->curve_names[k], plan->curves[k].name, sizeof *r->curve_names - 1);
    r->better[k] = plan->curves[k].better;
  }
  for (size_t k = 0; k < r->final_count; k++) {
    strncpy(r->curve_names[r->curve_count + k], plan->finals[k].name, sizeof *r->curve_names - 1);
  }
  structure_axes_of(&r->axes, plan->job);
  return LS_OK;
}

/* What rank 0 read goes to all. */
static int broadcast_state(ls_results *r, bool *exists) {
  bool found[3] = {*exists, r->records_restored, r->records_outcomes};
  int status = ls_group_broadcast(r->world, found, sizeof found, 0);
  *exists = found[0];
  r->records_restored = !found[0] || found[1];
  r->records_outcomes = !found[0] || found[2];
  if (status == LS_OK) {
    status = ls_group_broadcast(r->world, r->states, r->trials * sizeof *r->states, 0);
  }
  if (status != LS_OK) return status;
  return ls_group_broadcast(r->world, r->shards, r->trials * sizeof *r->shards, 0);
}

int ls_results_open(ls_results **out, const ls_results_plan *plan, const ls_group *world) {
  *out = NULL;
  bool exists = false;
  provenance run = {0};
  ls_results *r = ls_new(1, sizeof *r);
  int status = r ? LS_OK : LS_FAILED;
  if (r) {
    r->world = world;
    r->file = r->held = -1;
    status = allocate(r, plan);
  }
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = provenance_gather(&run, plan, world);
  if (status == LS_OK) {
    status = ls_group_agree(world, world->rank == 0 ? prepare(r, plan, &run, &exists) : LS_OK);
  }
  if (status == LS_OK) status = broadcast_state(r, &exists);
  if (status == LS_OK) status = ls_group_broadcast_text(world, &r->owner);
  if (status == LS_OK && exists) {
    status = ls_group_agree(world, ls_h5_open_shared(&r->file, r->path, world->comm));
  } else if (status == LS_OK) {
    ls_results_plan target = *plan;
    target.path = r->path;
    status = structure_create(&r->file, &target, &r->axes, &run, world);
  }
  if (status == LS_OK) {
    bool claims = world->rank == 0;
    status = ls_group_agree(world, claims ? owner_claim(run.id, plan) : LS_OK);
  }
  provenance_free(&run);
  if (status == LS_OK) {
    bool holds = world->rank == 0;
    status = ls_group_agree(world, holds ? hold_file(&r->held, r->path, !r->taken_over) : LS_OK);
  }
  if (status != LS_OK) {
    ls_results_close(&r);
    return status;
  }
  *out = r;
  return LS_OK;
}

/* Reads the closed file again, on rank 0: LS_FAILED unless it holds what this run has written. */
static int verify(const ls_results *r) {
  hid_t file = -1;
  signed char *states = ls_new(r->trials, sizeof *states);
  if (!states) return LS_FAILED;
  int status = ls_h5_open(&file, r->path);
  if (status == LS_OK) status = structure_check_job(file, r->path, r->job);
  if (status == LS_OK) status = trial_fields_read_states(file, r->job, states);
  bool same = status == LS_OK && memcmp(states, r->states, r->trials * sizeof *states) == 0;
  for (size_t k = 0; status == LS_OK && k < r->curve_count + r->final_count; k++) {
    ls_h5_shape shape;
    status = ls_h5_describe(file, r->curve_names[k], &shape);
  }
  ls_h5_close(&file);
  free(states);
  if (status == LS_OK && same) return LS_OK;
  char why[1024];
  snprintf(why, sizeof why, "%s", status != LS_OK ? ls_error_message() : "other states of trials");
  return ls_fail(LS_FAILED,
                 "%s: was changed by another program during the run, its results are lost (%s)",
                 r->path, why);
}

int ls_results_close(ls_results **results) {
  ls_results *r = *results;
  if (!r) return LS_OK;
  int status = LS_OK;
  if (r->file >= 0) {
    status = ls_group_max_int(r->world, &r->written, 1);
    if (status == LS_OK) status = ls_results_share(r);
    if (r->world->rank == 0 && status == LS_OK) status = ls_results_check(r);
    if (r->world->rank == 0 && status == LS_OK && r->written) status = provenance_note_end(r->file);
    status = ls_group_agree(r->world, status);
    if (status != LS_OK) ls_h5_abandon(&r->file);
    int closed = ls_h5_close(&r->file);
    if (status == LS_OK) status = closed;
    status = ls_group_agree(r->world, status);
    if (r->world->rank == 0 && status == LS_OK && r->written) status = verify(r);
  }
  if (r->held >= 0) close(r->held);
  if (r->world->rank == 0) lock_release(r->path, &r->owner);
  free(r->owner);
  free(r->path);
  free(r->states);
  free(r->shards);
  free(r->news);
  free(r->better);
  free(r->curve_names);
  free(r);
  *results = NULL;
  return status;
}

ls_trial_status ls_results_state(const ls_results *r, size_t trial) {
  return (ls_trial_status)r->states[trial];
}

size_t ls_results_shards(const ls_results *r, size_t trial) {
  return (size_t)r->shards[trial];
}

int ls_results_share(ls_results *r) {
  int status = ls_group_max_int(r->world, *r->news, 2 * r->trials);
  for (size_t t = 0; status == LS_OK && t < r->trials; t++) {
    if (r->news[t][0] >= 0) r->states[t] = (signed char)r->news[t][0];
    if (r->news[t][1] >= 0) r->shards[t] = r->news[t][1];
    r->news[t][0] = r->news[t][1] = -1;
  }
  return status;
}

int ls_results_read(const ls_results *r, const char *name, double *out) {
  return ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, out);
}

int ls_results_check(ls_results *r) {
  double now = ls_clock_seconds();
  if (r->checked > 0 && now - r->checked < LOCK_CHECK_SECONDS) return LS_OK;
  int status = lock_check(r->path, r->owner);
  r->checked = status == LS_OK ? now : -1;
  return status;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* Where a trial's element is in a dataset over [sweep...], or with `epochs` > 0 its elements of
 * epochs first .. first + epochs - 1 in one over [sweep..., epoch]. Returns the number of
 * dimensions. */
static size_t locate(const ls_results *r, size_t trial, size_t first, size_t epochs, hsize_t *start,
                     hsize_t *extent) {
  size_t rank = r->axes.count, point[LS_H5_MAX_RANK];
  ls_job_point(r->job, trial, point);
  for (size_t i = 0; i < rank; i++) {
    start[i] = point[i];
    extent[i] = 1;
  }
  if (epochs == 0) return rank;
  start[rank] = first;
  extent[rank] = epochs;
  return rank + 1;
}

static int overwrite(ls_results *r, const char *name, hid_t type, size_t trial, size_t first,
                     size_t epochs, const void *values) {
  hsize_t start[LS_H5_MAX_RANK], extent[LS_H5_MAX_RANK];
  if (locate(r, trial, first, epochs, start, extent) == 0) {
    return ls_h5_write(r->file, name, type, values);
  }
  return ls_h5_write_block(r->file, name, type, start, extent, values);
}

static int write_state(ls_results *r, size_t trial, ls_trial_status state) {
  signed char value = (signed char)state;
  r->news[trial][0] = (int)state;
  r->written = 1;
  return overwrite(r, "status", H5T_NATIVE_SCHAR, trial, 0, 0, &value);
}

int ls_results_begin(ls_results *r, size_t trial, uint64_t seed, size_t shards, size_t samples) {
  int shards_int = (int)shards, status = ls_results_check(r);
  r->news[trial][1] = shards_int;
  int64_t samples_int = (int64_t)samples;
  if (status == LS_OK) status = overwrite(r, "seed", H5T_NATIVE_UINT64, trial, 0, 0, &seed);
  if (status == LS_OK) status = overwrite(r, "shards", H5T_NATIVE_INT, trial, 0, 0, &shards_int);
  if (status == LS_OK) {
    status = overwrite(r, "train_samples", H5T_NATIVE_INT64, trial, 0, 0, &samples_int);
  }
  if (status == LS_OK) status = write_state(r, trial, LS_TRIAL_RUNNING);
  return status == LS_OK ? ls_sync(r->path) : status; /* by `shards` a trial is known as begun */
}

int ls_results_clear(ls_results *r, size_t trial) {
  int status = LS_OK;
  double *nothing = ls_new(r->epochs, sizeof *nothing);
  if (!nothing) return LS_FAILED;
  for (size_t i = 0; i < r->epochs; i++) nothing[i] = NAN;
  for (size_t k = 0; k < r->curve_count && status == LS_OK; k++) {
    status = overwrite(r, r->curve_names[k], H5T_NATIVE_DOUBLE, trial, 0, r->epochs, nothing);
  }
  free(nothing);
  return status;
}

int ls_results_epoch(ls_results *r, size_t trial, size_t epoch, const double *curves) {
  int status = ls_results_check(r), run = (int)epoch + 1;
  for (size_t k = 0; k < r->curve_count && status == LS_OK; k++) {
    status = overwrite(r, r->curve_names[k], H5T_NATIVE_DOUBLE, trial, epoch, 1, &curves[k]);
  }
  return status == LS_OK ? overwrite(r, "epochs_run", H5T_NATIVE_INT, trial, 0, 0, &run) : status;
}

static int write_value(ls_results *r, const char *prefix, const char *name, size_t trial,
                       double value) {
  char whole[80];
  snprintf(whole, sizeof whole, "%s%s", prefix, name);
  return overwrite(r, whole, H5T_NATIVE_DOUBLE, trial, 0, 0, &value);
}

/* Writes the curve's value with the final weights and its best value. `row` has room for the
 * epochs. */
static int write_outcome(ls_results *r, size_t trial, size_t k, const ls_trial_result *result,
                         double *row) {
  hsize_t start[LS_H5_MAX_RANK], extent[LS_H5_MAX_RANK];
  const char *name = r->curve_names[k];
  size_t run = result->epochs_run, last = result->best_restored ? result->best_epoch : run;
  double best = NAN;
  locate(r, trial, 0, run, start, extent);
  int status = ls_h5_read_block(r->file, name, H5T_NATIVE_DOUBLE, start, extent, row);
  for (size_t e = 0; status == LS_OK && e < run; e++) {
    if (isnan(best) || r->better[k] * row[e] > r->better[k] * best) best = row[e];
  }
  if (status == LS_OK) status = write_value(r, "final_", name, trial, row[last - 1]);
  return status == LS_OK ? write_value(r, "best_", name, trial, best) : status;
}

/* Of a trial that has finished; those of others stay NaN. */
static int write_outcomes(ls_results *r, size_t trial, const ls_trial_result *result) {
  bool finished = result->state == LS_TRIAL_DONE || result->state == LS_TRIAL_STOPPED_EARLY;
  if (!r->records_outcomes || !finished || result->epochs_run == 0) return LS_OK;
  double *row = ls_new(result->epochs_run, sizeof *row);
  int status = row ? LS_OK : LS_FAILED;
  for (size_t k = 0; k < r->curve_count && status == LS_OK; k++) {
    if (r->better[k] != 0) status = write_outcome(r, trial, k, result, row);
  }
  for (size_t k = 0; k < r->final_count && status == LS_OK; k++) {
    status = write_value(r, "final_", r->curve_names[r->curve_count + k], trial, result->finals[k]);
  }
  free(row);
  return status;
}

int ls_results_finish(ls_results *r, size_t trial, const ls_trial_result *result, double seconds) {
  int run = (int)result->epochs_run, best = (int)result->best_epoch;
  int status = ls_results_check(r);
  if (status == LS_OK) status = overwrite(r, "epochs_run", H5T_NATIVE_INT, trial, 0, 0, &run);
  if (status == LS_OK) status = overwrite(r, "best_epoch", H5T_NATIVE_INT, trial, 0, 0, &best);
  if (status == LS_OK && r->records_restored) {
    signed char restored = result->best_restored;
    status = overwrite(r, "best_restored", H5T_NATIVE_SCHAR, trial, 0, 0, &restored);
  }
  if (status == LS_OK) {
    status = overwrite(r, "weights_hash", H5T_NATIVE_UINT64, trial, 0, 0, &result->weights_hash);
  }
  for (size_t k = 0; k < r->final_count && status == LS_OK; k++) {
    const char *name = r->curve_names[r->curve_count + k];
    status = overwrite(r, name, H5T_NATIVE_DOUBLE, trial, 0, 0, &result->finals[k]);
  }
  if (status == LS_OK) status = write_outcomes(r, trial, result);
  if (status == LS_OK) {
    status = overwrite(r, "trial_seconds", H5T_NATIVE_DOUBLE, trial, 0, 0, &seconds);
  }
  /* Whatever order a disk writes in, a trial that is done in the file has all of its results. */
  if (status == LS_OK) status = ls_sync(r->path);
  if (status == LS_OK) status = write_state(r, trial, result->state);
  return status == LS_OK ? ls_sync(r->path) : status;
}

/* ---- Decisions of a search ------------------------------------------------------------------- */

int ls_results_record_search(ls_results *r, const ls_search_record *record) {
  int status = ls_results_check(r);
  return status == LS_OK ? results_write_search(r->file, record) : status;
}

int ls_results_prune(ls_results *r, size_t trial) {
  return write_state(r, trial, LS_TRIAL_PRUNED);
}
