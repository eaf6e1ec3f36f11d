/* The next trial of a group: from the queue, or one that a search has promoted.
 *
 * A group that finds neither is idle. During a search it stays idle only until another group
 * reaches a rung by which a trial is promoted; the round ends when each group is idle or ready to
 * leave its trial to a larger one. From then on no group takes a trial, so that what one of them
 * saw when it left remains true. */
#ifndef LS_RUN_TAKING_H
#define LS_RUN_TAKING_H

#include "run/groups.h"

/* A trial that a group has taken. */
typedef struct taken_trial {
  size_t trial; /* SIZE_MAX: the round ends */
  bool resumes; /* it has been trained in this run, by any group */
  bool waits;   /* for internal use: the group waits for one */
} taken_trial;

/* Takes the next trial. LS_STOPPED if no more are to be started. Collective over the group. */
int group_take_trial(run_state *run, taken_trial *taken);

#endif
