/* A search while it runs: the scores of its trials, and how far trials are trained.
 *
 * A score is the value, after the epochs of a rung, of the metric by which results are compared,
 * oriented such that higher is better; minus infinity for a trial that diverged or failed. Which
 * points are promoted is decided in search_rule.h; ranks share scores by search_sharing.h. All
 * functions are local. */
#ifndef LS_RUN_SEARCH_H
#define LS_RUN_SEARCH_H

#include "comm/shared_table.h"
#include "run/schedule.h"
#include "store/results/results.h"
#include "store/results/search.h"

typedef struct search_state {
  const ls_job *job; /* borrowed */
  ls_schedule_of_search schedule;
  size_t trials, repeats;   /* trials of the job; of a point */
  char metric[LS_MAX_NAME]; /* by which points are compared */
  int better;               /* 1 if higher values of it are, -1 if lower ones */
  double *row;              /* [epoch], of the current trial */
  ls_search_record record;

  /* What ranks share: this rank's copy of the table, in the same order. */
  ls_shared_table *table; /* NULL: nothing is shared */
  double *cells;          /* owns the following */
  double *changes;        /* how many there were */
  double *paused;         /* [trial], see search_sharing.h; NOT_PAUSED */
  double *scores;         /* [trial, rung]; NaN: not known yet */
} search_state;

#define NOT_PAUSED (-1.0)

/* LS_INVALID for a wrong schedule. The search of a job without one has no rungs. */
int search_create(search_state *s, const ls_job *job, const ls_plan *plan);

/* The table is to be freed before. */
void search_destroy(search_state *s);

/* The number of elements of `cells`. */
size_t search_cells(const search_state *s);

/* ---- Scores ---- */

/* Notes the value of trial `trial` after `epochs` epochs. Returns whether that is its score at a
 * rung. */
bool search_note(search_state *s, size_t trial, size_t epochs, double value);

/* Notes how the trial ended: its score at the rungs that it does not reach is that of its final
 * weights. */
void search_end(search_state *s, size_t trial, const ls_trial_result *result);

/* Whether the trial has a score at the rung. */
bool search_has_score(const search_state *s, size_t trial, size_t rung);

/* The mean of the scores of the point's trials; NaN unless all have one. */
double search_mean(const search_state *s, size_t point, size_t rung);

/* ---- How far trials are trained ---- */

ls_decision search_decision(const search_state *s, size_t point, size_t rung);

/* The first rung, from that of its bracket on, from which the point is not promoted. */
size_t search_rung(const search_state *s, size_t point);

/* The epochs up to which the trial is trained for now; 0: no further. */
size_t search_limit(const search_state *s, size_t trial);

/* Whether it has come that far. */
bool search_waits(const search_state *s, size_t trial);

/* The fraction of all its epochs that is left up to there, from the rung before. */
double search_work(const search_state *s, size_t trial);

/* The fraction of the epochs of a trial that is pruned which ls_schedule_fraction counts, but the
 * search does not train. */
double search_rest(const search_state *s, size_t trial);

#endif
