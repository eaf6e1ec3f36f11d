/* A search while it runs: how far trials are trained, and which points are promoted to the next
 * rung.
 *
 * Scores are the values of the metric by which results are compared, oriented such that higher is
 * better; minus infinity for a trial that diverged or failed. The leader of a group notes those of
 * its trials; when all groups have come as far as they may, the scores are shared, and every rank
 * makes the same decisions from them. */
#ifndef LS_RUN_SEARCH_H
#define LS_RUN_SEARCH_H

#include "comm/group.h"
#include "run/schedule.h"
#include "store/results/results.h"
#include "store/results/search.h"

typedef struct search_state {
  const ls_job *job; /* borrowed */
  ls_schedule_of_search schedule;
  size_t repeats;           /* trials of a point */
  char metric[LS_MAX_NAME]; /* by which points are compared */
  int better;               /* 1 if higher values of it are, -1 if lower ones */
  double *scores;           /* [trial, rung] */
  int *reached;             /* [trial, rung]: whether the trial has its score there */
  double *row;              /* [epoch], of the current trial */
  ls_search_record record;
} search_state;

/* LS_INVALID for a wrong schedule. The search of a job without one has no rungs. */
int search_create(search_state *s, const ls_job *job, const ls_plan *plan);
void search_destroy(search_state *s);

/* Notes the score of trial `trial` after `epochs` epochs. On the leader of its group. */
void search_note(search_state *s, size_t trial, size_t epochs, double value);

/* Notes how the trial ended: its score at the rungs that it does not reach is that of its final
 * weights. On the leader. */
void search_end(search_state *s, size_t trial, const ls_trial_result *result);

/* The epochs up to which the trial is trained for now; 0: no further. */
size_t search_limit(const search_state *s, size_t trial);

/* Whether it has come that far. */
bool search_waits(const search_state *s, size_t trial);

/* The fraction of all its epochs that is left up to there, from the rung before. */
double search_work(const search_state *s, size_t trial);

/* Collective over the world: all ranks get what leaders have noted. */
int search_share(search_state *s, const ls_group *world);

/* Collective over the world: gets scores and decisions that the results have of earlier runs. What
 * was decided stays, even if trials that failed then succeed now. */
int search_resume(search_state *s, const ls_results *results, const ls_group *world);

/* Decides at each rung that all points that take part have reached, and prints a line for each on
 * request. *decided is the number of decisions. Local; the same on every rank. */
int search_decide(search_state *s, bool prints, size_t *decided);

#endif
