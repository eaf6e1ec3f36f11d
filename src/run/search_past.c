/* Reading the results of earlier runs. */
#include "run/search_past.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

/* What the results file has of each trial, and of each decision, as real numbers. */
typedef struct past {
  double *curve; /* [trial, epoch] */
  double *states, *epochs_run, *best_epoch, *best_restored;
  double *decision, *ranks, *compared, *promoted; /* [point, rung] */
} past;

static int read_past(past *p, search_state *s, const ls_results *results) {
  const ls_schedule_of_search *c = &s->schedule;
  size_t trials = s->trials, cells = c->points * c->rungs;
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
  for (size_t t = 0; t < s->trials && status == LS_OK; t++) {
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
  if (status != LS_OK) return status;
  status = ls_group_broadcast(world, s->record.decision, cells, 0);
  if (status != LS_OK) return status;
  return ls_group_broadcast(world, s->record.ranks, cells * sizeof *s->record.ranks, 0);
}
