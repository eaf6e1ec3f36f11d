/* Noting scores, and deciding by them. */
#include "run/search.h"

#include "base/memory.h"
#include "base/print.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Creating -------------------------------------------------------------------------------- */

static int allocate(search_state *s) {
  const ls_schedule_of_search *c = &s->schedule;
  ls_search_record *r = &s->record;
  size_t trials = c->points * s->repeats, cells = c->points * c->rungs;
  s->scores = ls_new(trials * c->rungs, sizeof *s->scores);
  s->reached = ls_new(trials * c->rungs, sizeof *s->reached);
  s->row = ls_new(c->epochs[c->rungs - 1], sizeof *s->row);
  r->brackets = ls_new(c->points, sizeof *r->brackets);
  r->values = ls_new(cells, sizeof *r->values);
  r->thresholds = ls_new(cells, sizeof *r->thresholds);
  r->ranks = ls_new(cells, sizeof *r->ranks);
  r->compared = ls_new(cells, sizeof *r->compared);
  r->promoted = ls_new(cells, sizeof *r->promoted);
  r->decision = ls_new(cells, sizeof *r->decision);
  bool all = s->scores && s->reached && s->row && r->brackets && r->values && r->thresholds &&
             r->ranks && r->compared && r->promoted && r->decision;
  return all ? LS_OK : LS_FAILED;
}

int search_create(search_state *s, const ls_job *job, const ls_plan *plan) {
  const ls_curve *headline = &plan->curves[plan->headline];
  *s = (search_state){
      .job = job, .repeats = ls_job_trials(job) / ls_job_points(job), .better = headline->better};
  snprintf(s->metric, sizeof s->metric, "%s", headline->name);
  int status = ls_schedule_create(&s->schedule, job, plan);
  if (status != LS_OK || s->schedule.rungs == 0) return status;
  status = allocate(s);
  if (status != LS_OK) {
    search_destroy(s);
    return status;
  }
  ls_search_record *r = &s->record;
  r->points = s->schedule.points;
  r->rungs = s->schedule.rungs;
  r->epochs = s->schedule.epochs;
  for (size_t i = 0; i < r->points * r->rungs; i++) r->values[i] = r->thresholds[i] = NAN;
  for (size_t i = 0; i < r->points * s->repeats * r->rungs; i++) s->scores[i] = -INFINITY;
  for (size_t p = 0; p < r->points; p++) {
    r->brackets[p] = (int)ls_schedule_first_rung(&s->schedule, p);
  }
  return LS_OK;
}

void search_destroy(search_state *s) {
  ls_search_record *r = &s->record;
  void *const arrays[] = {r->thresholds, s->scores, s->reached,  s->row,      r->brackets,
                          r->values,     r->ranks,  r->compared, r->promoted, r->decision};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
  *s = (search_state){0};
}

/* ---- Scores ---------------------------------------------------------------------------------- */

static void set_score(search_state *s, size_t trial, size_t rung, double score) {
  size_t at = trial * s->schedule.rungs + rung;
  s->scores[at] = isnan(score) ? -INFINITY : score;
  s->reached[at] = 1;
}

void search_note(search_state *s, size_t trial, size_t epochs, double value) {
  s->row[epochs - 1] = s->better * value;
  for (size_t k = 0; k < s->schedule.rungs; k++) {
    if (s->schedule.epochs[k] == epochs) set_score(s, trial, k, s->row[epochs - 1]);
  }
}

static void end_with(search_state *s, size_t trial, double score) {
  for (size_t k = 0; k < s->schedule.rungs; k++) {
    if (!s->reached[trial * s->schedule.rungs + k]) set_score(s, trial, k, score);
  }
}

void search_end(search_state *s, size_t trial, const ls_trial_result *result) {
  bool finished = result->state == LS_TRIAL_DONE || result->state == LS_TRIAL_STOPPED_EARLY;
  size_t last = result->best_restored ? result->best_epoch : result->epochs_run;
  if (result->state == LS_TRIAL_PENDING) return;
  end_with(s, trial, finished && last > 0 ? s->row[last - 1] : -INFINITY);
}

/* ---- How far trials are trained -------------------------------------------------------------- */

static ls_decision decision_at(const search_state *s, size_t point, size_t rung) {
  return (ls_decision)s->record.decision[point * s->schedule.rungs + rung];
}

/* The rung up to which the point is trained for now; the number of rungs: no further. */
static size_t current_rung(const search_state *s, size_t point) {
  size_t rung = (size_t)s->record.brackets[point], rungs = s->schedule.rungs;
  while (rung < rungs && decision_at(s, point, rung) == LS_PROMOTED) rung++;
  return rung < rungs && decision_at(s, point, rung) == LS_UNDECIDED ? rung : rungs;
}

size_t search_limit(const search_state *s, size_t trial) {
  size_t rung = current_rung(s, trial / s->repeats);
  return rung < s->schedule.rungs ? s->schedule.epochs[rung] : 0;
}

bool search_waits(const search_state *s, size_t trial) {
  size_t rung = current_rung(s, trial / s->repeats);
  return rung == s->schedule.rungs || s->reached[trial * s->schedule.rungs + rung];
}

double search_work(const search_state *s, size_t trial) {
  const size_t *epochs = s->schedule.epochs;
  size_t point = trial / s->repeats, rung = current_rung(s, point);
  if (rung == s->schedule.rungs) return 0;
  size_t before = rung > (size_t)s->record.brackets[point] ? epochs[rung - 1] : 0;
  return (double)(epochs[rung] - before) / (double)epochs[s->schedule.rungs - 1];
}

/* ---- Sharing --------------------------------------------------------------------------------- */

int search_share(search_state *s, const ls_group *world) {
  size_t cells = s->schedule.points * s->repeats * s->schedule.rungs;
  int status = ls_group_max(world, s->scores, cells);
  return status == LS_OK ? ls_group_max_int(world, s->reached, cells) : status;
}

/* What the results file has of each trial, and of each decision, as real numbers. */
typedef struct past {
  double *curve; /* [trial, epoch] */
  double *states, *epochs_run, *best_epoch, *best_restored;
  double *decision, *ranks, *compared, *promoted; /* [point, rung] */
} past;

static int read_past(past *p, search_state *s, const ls_results *results) {
  const ls_schedule_of_search *c = &s->schedule;
  size_t trials = c->points * s->repeats, cells = c->points * c->rungs;
  p->curve = ls_new(trials * c->epochs[c->rungs - 1], sizeof(double));
  p->states = ls_new(4 * trials, sizeof(double));
  p->decision = ls_new(4 * cells, sizeof(double));
  if (!p->curve || !p->states || !p->decision) return LS_FAILED;
  p->epochs_run = p->states + trials;
  p->best_epoch = p->states + 2 * trials;
  p->best_restored = p->states + 3 * trials;
  p->ranks = p->decision + cells;
  p->compared = p->decision + 2 * cells;
  p->promoted = p->decision + 3 * cells;
  const struct {
    const char *name;
    double *values;
  } fields[] = {{s->metric, p->curve},
                {"status", p->states},
                {"epochs_run", p->epochs_run},
                {"best_epoch", p->best_epoch},
                {"best_restored", p->best_restored},
                {"search/decision", p->decision},
                {"search/rank", p->ranks},
                {"search/compared", p->compared},
                {"search/promoted", p->promoted},
                {"search/threshold", s->record.thresholds},
                {"search/value", s->record.values}};
  int status = LS_OK;
  for (size_t i = 0; i < sizeof fields / sizeof *fields && status == LS_OK; i++) {
    status = ls_results_read(results, fields[i].name, fields[i].values);
  }
  return status;
}

/* Notes what an earlier run has recorded of a trial. Trials that failed, or ran when it was killed,
 * resume from their checkpoints first. */
static void note_past(search_state *s, const past *p, size_t trial) {
  size_t epochs = s->schedule.epochs[s->schedule.rungs - 1];
  ls_trial_result result = {.state = (ls_trial_status)p->states[trial],
                            .epochs_run = (size_t)p->epochs_run[trial],
                            .best_epoch = (size_t)p->best_epoch[trial],
                            .best_restored = p->best_restored[trial] != 0};
  if (result.state == LS_TRIAL_FAILED || result.state == LS_TRIAL_RUNNING) return;
  for (size_t e = 0; e < result.epochs_run && e < epochs; e++) {
    double value = p->curve[trial * epochs + e];
    if (!isnan(value)) search_note(s, trial, e + 1, value);
  }
  if (result.state != LS_TRIAL_PRUNED) search_end(s, trial, &result);
}

/* On rank 0. */
static int resume(search_state *s, const ls_results *results) {
  past p = {0};
  int status = read_past(&p, s, results);
  for (size_t t = 0; t < s->schedule.points * s->repeats && status == LS_OK; t++) {
    note_past(s, &p, t);
  }
  for (size_t i = 0; i < s->schedule.points * s->schedule.rungs && status == LS_OK; i++) {
    s->record.decision[i] = (signed char)p.decision[i];
    s->record.ranks[i] = (int)p.ranks[i];
    s->record.compared[i] = (int)p.compared[i];
    s->record.promoted[i] = (int)p.promoted[i];
  }
  free(p.curve);
  free(p.states);
  free(p.decision);
  return status;
}

int search_resume(search_state *s, const ls_results *results, const ls_group *world) {
  bool reads = world->rank == 0;
  int status = ls_group_agree(world, reads ? resume(s, results) : LS_OK);
  size_t cells = s->schedule.points * s->schedule.rungs;
  if (status == LS_OK) status = ls_group_broadcast(world, s->record.decision, cells, 0);
  return status == LS_OK ? search_share(s, world) : status;
}

/* ---- Deciding -------------------------------------------------------------------------------- */

/* A point that takes part at a rung, with the mean of its scores. */
typedef struct contender {
  size_t point;
  double score;
} contender;

/* The best first; at a tie the earlier point. */
static int compare_contenders(const void *a, const void *b) {
  const contender *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return x->point < y->point ? -1 : 1;
}

static bool takes_part(const search_state *s, size_t point, size_t bracket, size_t rung) {
  return rung == bracket || decision_at(s, point, rung - 1) == LS_PROMOTED;
}

static bool is_decided(const search_state *s, size_t bracket, size_t rung) {
  bool all = true;
  for (size_t p = s->schedule.first_point[bracket]; p < s->schedule.first_point[bracket + 1]; p++) {
    all &= !takes_part(s, p, bracket, rung) || decision_at(s, p, rung) != LS_UNDECIDED;
  }
  return all;
}

/* The mean score of the point's trials; *reached is cleared unless all have one. */
static double mean_score(const search_state *s, size_t point, size_t rung, bool *reached) {
  double sum = 0;
  for (size_t t = point * s->repeats; t < (point + 1) * s->repeats; t++) {
    *reached &= s->reached[t * s->schedule.rungs + rung] != 0;
    sum += s->scores[t * s->schedule.rungs + rung];
  }
  return sum / (double)s->repeats;
}

/* Lists those that take part, the best first; returns how many, 0 if some have not reached the
 * rung. */
static size_t rank(const search_state *s, size_t bracket, size_t rung, contender *list) {
  size_t count = 0;
  bool reached = true;
  for (size_t p = s->schedule.first_point[bracket]; p < s->schedule.first_point[bracket + 1]; p++) {
    if (!takes_part(s, p, bracket, rung)) continue;
    list[count++] = (contender){p, mean_score(s, p, rung, &reached)};
  }
  qsort(list, count, sizeof *list, compare_contenders);
  return reached ? count : 0;
}

/* The median score of the points that the others are compared with, from a list the best first. */
static double median_of_startup(const search_state *s, const contender *list, size_t count) {
  size_t startup = s->schedule.startup_points, seen = 0;
  double upper = -INFINITY, lower = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    if (list[i].point >= startup) continue;
    if (seen == (startup - 1) / 2) upper = list[i].score;
    if (seen == startup / 2) lower = list[i].score;
    seen++;
  }
  return 0.5 * (upper + lower);
}

/* What was needed at a rung before the last, and how many points have it at most. */
static double find_threshold(const search_state *s, const contender *list, size_t count,
                             size_t *places) {
  if (s->schedule.startup_points == 0) {
    *places = ls_schedule_promoted(&s->schedule, count);
    return list[*places - 1].score;
  }
  double median = median_of_startup(s, list, count);
  *places = 0;
  for (size_t i = 0; i < count; i++) {
    *places += list[i].score >= median || list[i].point < s->schedule.startup_points;
  }
  return median;
}

/* Whether contender number `i` is promoted. */
static bool is_promoted(const search_state *s, const contender *list, size_t i, size_t places,
                        double threshold) {
  if (!isfinite(list[i].score)) return false;
  if (s->schedule.startup_points == 0) return i < places;
  return list[i].score >= threshold || list[i].point < s->schedule.startup_points;
}

static void record(search_state *s, size_t rung, const contender *list, size_t count) {
  ls_search_record *r = &s->record;
  bool last = rung + 1 == r->rungs;
  size_t places = 0;
  double threshold = last ? NAN : find_threshold(s, list, count, &places);
  for (size_t i = 0; i < count; i++) {
    size_t at = list[i].point * r->rungs + rung;
    bool promoted = !last && is_promoted(s, list, i, places, threshold);
    r->values[at] = isfinite(list[i].score) ? s->better * list[i].score : NAN;
    r->thresholds[at] = isfinite(threshold) ? s->better * threshold : NAN;
    r->ranks[at] = (int)i + 1;
    r->compared[at] = (int)count;
    r->promoted[at] = (int)places;
    r->decision[at] = last ? LS_COMPLETED : promoted ? LS_PROMOTED : LS_PRUNED;
  }
}

/* "lr=0.1: val_accuracy=0.91", of a contender. */
static void add_contender(ls_text *out, const search_state *s, const contender *c) {
  char name[256];
  ls_job_trial_name(s->job, c->point * s->repeats, name, sizeof name);
  char *repeat = strstr(name, s->repeats > 1 ? " replicate=" : " fold=");
  if (repeat) *repeat = '\0';
  ls_text_add(out, "%s: %s=%.5g", name, s->metric, s->better * c->score);
}

/* One line on what was decided at a rung. */
static void print_decision(const search_state *s, size_t rung, const contender *list,
                           size_t count) {
  size_t promoted = 0;
  for (size_t i = 0; i < count; i++) {
    promoted += decision_at(s, list[i].point, rung) == LS_PROMOTED;
  }
  ls_text line = {0};
  ls_text_add(&line, "search: after %zu epochs ", s->schedule.epochs[rung]);
  if (rung + 1 < s->schedule.rungs) {
    ls_text_add(&line, "%zu of %zu points promoted, ", promoted, count);
  }
  ls_text_add(&line, "best of %zu: ", count);
  add_contender(&line, s, &list[0]);
  if (!line.failed) ls_print(stdout, "%s\n", line.data);
  fflush(stdout);
  ls_text_free(&line);
}

int search_decide(search_state *s, bool prints, size_t *decided) {
  contender *list = ls_new(s->schedule.points, sizeof *list);
  *decided = 0;
  if (!list) return LS_FAILED;
  for (size_t b = 0; b < s->schedule.rungs; b++) {
    for (size_t k = b; k < s->schedule.rungs; k++) {
      size_t count = is_decided(s, b, k) ? 0 : rank(s, b, k, list);
      if (count > 0) record(s, k, list, count);
      if (count > 0 && prints) print_decision(s, k, list, count);
      *decided += count;
    }
  }
  free(list);
  return LS_OK;
}
