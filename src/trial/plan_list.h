/* Plans of a job's trials, of which some are kept so that the others share their datasets and
 * splits: to open a file and divide its samples anew for each of very many trials would take longer
 * than all else. Local. */
#ifndef LS_TRIAL_PLAN_LIST_H
#define LS_TRIAL_PLAN_LIST_H

#include "trial/plan.h"

enum { LS_MOST_KEPT_PLANS = 16 };

/* Start from {.most = ...}. */
typedef struct ls_plan_list {
  size_t most; /* plans to keep, at most LS_MOST_KEPT_PLANS: each has a split in memory */
  ls_plan *kept[LS_MOST_KEPT_PLANS];
  size_t count;
} ls_plan_list;

/* Makes the plan of a trial. It is valid until ls_plan_list_release, and is kept longer if it is
 * the first with its split and there is room. Errors are those of ls_plan_create. */
int ls_plan_list_create(ls_plan_list *list, ls_plan **out, const ls_job *job, size_t trial);
void ls_plan_list_release(ls_plan_list *list, ls_plan **plan);

/* Frees the plans that are kept; all others must have been released. */
void ls_plan_list_free(ls_plan_list *list);

#endif
