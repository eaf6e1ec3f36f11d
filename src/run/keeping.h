/* Which models of trials that have ended are kept, by the job's `keep_models`.
 *
 * The best trials of all are among the best of any part of them. So the leader of each group keeps
 * the models of the best trials that it has trained; once all have ended, rank 0 keeps the best of
 * these. Which they are depends on the results alone, not on the ranks. */
#ifndef LS_RUN_KEEPING_H
#define LS_RUN_KEEPING_H

#include "comm/group.h"
#include "store/results/results.h"
#include "trial/plan.h"

/* A trial whose models are kept; a higher score is better. */
typedef struct kept_trial {
  size_t trial;
  double score;
} kept_trial;

typedef struct keeping {
  const char *models; /* path of the results file beside which they lie; borrowed */
  size_t most;        /* trials whose models are kept; SIZE_MAX: all */
  size_t trials;
  int better;               /* as in ls_curve, of the compared metric */
  char metric[LS_MAX_NAME]; /* that */
  kept_trial *kept;         /* [most], in no order; those that this rank has trained */
  size_t count;
} keeping;

/* From the plan of any trial. Local. */
int keeping_create(keeping *k, const ls_job *job, const ls_plan *plan, const char *models);
void keeping_destroy(keeping *k);

/* On rank 0: takes over the models of trials that had ended when the results were opened, of those
 * that are there. */
int keeping_resume(keeping *k, const ls_results *results);

/* Whether models of a trial that ends with this value (NaN: none) of the metric are to be kept for
 * now. On the leader of its group. */
bool keeping_wants(const keeping *k, size_t trial, double value);

/* After it is recorded that the trial has ended: removes its models or those of the worst trial
 * that is not among the best any more. On the leader. */
int keeping_end(keeping *k, size_t trial, double value);

/* Removes the models of a trial that a search has left out. On rank 0. */
int keeping_leave_out(const keeping *k, size_t trial);

/* Collective over the world: keeps the best of all trials. */
int keeping_finish(keeping *k, const ls_group *world);

#endif
