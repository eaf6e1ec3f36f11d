/* Scores, and the rungs up to which trials are trained. */
#include "run/search.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Creating -------------------------------------------------------------------------------- */

size_t search_cells(const search_state *s) {
  return 1 + s->trials * (1 + s->schedule.rungs);
}

static int allocate(search_state *s) {
  const ls_schedule_of_search *c = &s->schedule;
  ls_search_record *r = &s->record;
  size_t cells = c->points * c->rungs;
  s->cells = ls_new(search_cells(s), sizeof *s->cells);
  s->row = ls_new(c->epochs[c->rungs - 1], sizeof *s->row);
  r->brackets = ls_new(c->points, sizeof *r->brackets);
  r->values = ls_new(cells, sizeof *r->values);
  r->thresholds = ls_new(cells, sizeof *r->thresholds);
  r->ranks = ls_new(cells, sizeof *r->ranks);
  r->compared = ls_new(cells, sizeof *r->compared);
  r->promoted = ls_new(cells, sizeof *r->promoted);
  r->decision = ls_new(cells, sizeof *r->decision);
  bool all = s->cells && s->row && r->brackets && r->values && r->thresholds && r->ranks &&
             r->compared && r->promoted && r->decision;
  return all ? LS_OK : LS_FAILED;
}

/* Nothing is known. */
static void clear(search_state *s) {
  ls_search_record *r = &s->record;
  s->changes = s->cells;
  s->paused = s->changes + 1;
  s->scores = s->paused + s->trials;
  for (size_t t = 0; t < s->trials; t++) s->paused[t] = NOT_PAUSED;
  for (size_t i = 0; i < s->trials * r->rungs; i++) s->scores[i] = NAN;
  for (size_t i = 0; i < r->points * r->rungs; i++) r->values[i] = r->thresholds[i] = NAN;
  for (size_t p = 0; p < r->points; p++) {
    r->brackets[p] = (int)ls_schedule_first_rung(&s->schedule, p);
  }
}

int search_create(search_state *s, const ls_job *job, const ls_plan *plan) {
  const ls_curve *headline = &plan->curves[plan->headline];
  *s = (search_state){.job = job,
                      .trials = ls_job_trials(job),
                      .repeats = ls_job_trials(job) / ls_job_points(job),
                      .better = headline->better};
  snprintf(s->metric, sizeof s->metric, "%s", headline->name);
  int status = ls_schedule_create(&s->schedule, job, plan);
  if (status != LS_OK || s->schedule.rungs == 0) return status;
  s->record.points = s->schedule.points;
  s->record.rungs = s->schedule.rungs;
  s->record.epochs = s->schedule.epochs;
  status = allocate(s);
  if (status == LS_OK) {
    clear(s);
  } else {
    search_destroy(s);
  }
  return status;
}

void search_destroy(search_state *s) {
  ls_search_record *r = &s->record;
  void *const arrays[] = {s->cells, s->row,      r->brackets, r->values,  r->thresholds,
                          r->ranks, r->compared, r->promoted, r->decision};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
  *s = (search_state){0};
}

/* ---- Scores ---------------------------------------------------------------------------------- */

static void set_score(search_state *s, size_t trial, size_t rung, double score) {
  s->scores[trial * s->schedule.rungs + rung] = isfinite(score) ? score : -INFINITY;
}

bool search_has_score(const search_state *s, size_t trial, size_t rung) {
  return !isnan(s->scores[trial * s->schedule.rungs + rung]);
}

bool search_note(search_state *s, size_t trial, size_t epochs, double value) {
  bool found = false;
  s->row[epochs - 1] = s->better * value;
  for (size_t k = 0; k < s->schedule.rungs && !found; k++) {
    found = s->schedule.epochs[k] == epochs;
    if (found) set_score(s, trial, k, s->row[epochs - 1]);
  }
  return found;
}

static void end_with(search_state *s, size_t trial, double score) {
  for (size_t k = 0; k < s->schedule.rungs; k++) {
    if (!search_has_score(s, trial, k)) set_score(s, trial, k, score);
  }
}

void search_end(search_state *s, size_t trial, const ls_trial_result *result) {
  bool finished = result->state == LS_TRIAL_DONE || result->state == LS_TRIAL_STOPPED_EARLY;
  size_t last = result->best_restored ? result->best_epoch : result->epochs_run;
  if (result->state == LS_TRIAL_PENDING) return;
  end_with(s, trial, finished && last > 0 ? s->row[last - 1] : -INFINITY);
}

double search_mean(const search_state *s, size_t point, size_t rung) {
  double sum = 0;
  for (size_t t = point * s->repeats; t < (point + 1) * s->repeats; t++) {
    sum += s->scores[t * s->schedule.rungs + rung];
  }
  return sum / (double)s->repeats;
}

/* ---- How far trials are trained -------------------------------------------------------------- */

ls_decision search_decision(const search_state *s, size_t point, size_t rung) {
  return (ls_decision)s->record.decision[point * s->schedule.rungs + rung];
}

size_t search_rung(const search_state *s, size_t point) {
  size_t rung = (size_t)s->record.brackets[point];
  while (search_decision(s, point, rung) == LS_PROMOTED) rung++;
  return rung;
}

/* The rung up to which the point is trained for now; the number of rungs: no further. */
static size_t current_rung(const search_state *s, size_t point) {
  size_t rung = search_rung(s, point);
  return search_decision(s, point, rung) == LS_UNDECIDED ? rung : s->schedule.rungs;
}

size_t search_limit(const search_state *s, size_t trial) {
  size_t rung = current_rung(s, trial / s->repeats);
  return rung < s->schedule.rungs ? s->schedule.epochs[rung] : 0;
}

bool search_waits(const search_state *s, size_t trial) {
  size_t rung = current_rung(s, trial / s->repeats);
  return rung == s->schedule.rungs || search_has_score(s, trial, rung);
}

double search_work(const search_state *s, size_t trial) {
  const size_t *epochs = s->schedule.epochs;
  size_t point = trial / s->repeats, rung = current_rung(s, point);
  if (rung == s->schedule.rungs) return 0;
  size_t before = rung > (size_t)s->record.brackets[point] ? epochs[rung - 1] : 0;
  return (double)(epochs[rung] - before) / (double)epochs[s->schedule.rungs - 1];
}

double search_rest(const search_state *s, size_t trial) {
  const size_t *epochs = s->schedule.epochs;
  const size_t trained = epochs[search_rung(s, trial / s->repeats)];
  if (s->schedule.startup_points == 0) return 0;
  return 1 - (double)trained / (double)epochs[s->schedule.rungs - 1];
}
