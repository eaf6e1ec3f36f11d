/* The schedule of a search: its rungs, and at which of them each point of the sweep begins. A
 * function of the job alone.
 *
 * Successive halving: Jamieson and Talwalkar, AISTATS 2016; Hyperband: Li et al., Journal of
 * Machine Learning Research 18 (2018). Local. */
#ifndef LS_RUN_SCHEDULE_H
#define LS_RUN_SCHEDULE_H

#include "trial/plan.h"

enum { LS_MAX_RUNGS = 256 };

typedef struct ls_schedule_of_search {
  size_t rungs;                /* 0: the job has no search */
  size_t epochs[LS_MAX_RUNGS]; /* of each rung, ascending; the last are those of the trials */
  double reduction_factor;
  size_t startup_points; /* with whose median others are compared; 0: points are halved */
  size_t points;
  size_t first_point[LS_MAX_RUNGS + 1]; /* of the bracket that begins at a rung; then `points` */
} ls_schedule_of_search;

/* Makes the schedule from the plan of any trial of the job. LS_INVALID for rungs that do not lie
 * before the trials' last epoch, or too many. */
int ls_schedule_create(ls_schedule_of_search *out, const ls_job *job, const ls_plan *plan);

/* Whether the plan of another trial has the same schedule. */
bool ls_schedule_fits(const ls_schedule_of_search *schedule, const ls_job *job,
                      const ls_plan *plan);

/* The rung at which the point's bracket begins. */
size_t ls_schedule_first_rung(const ls_schedule_of_search *schedule, size_t point);

/* How many of `count` points that are compared at a rung before the last are promoted. */
size_t ls_schedule_promoted(const ls_schedule_of_search *schedule, size_t count);

/* The fraction of all epochs of all trials that the search trains if no trial ends early; 1 with
 * the median rule, of which it is not known before. */
double ls_schedule_fraction(const ls_schedule_of_search *schedule);

#endif
