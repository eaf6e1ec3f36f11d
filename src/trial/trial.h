/* Training one trial on one group of ranks. */
#ifndef LS_TRIAL_TRIAL_H
#define LS_TRIAL_TRIAL_H

#include "comm/group.h"
#include "data/feed.h"
#include "store/results/results.h"
#include "trial/plan.h"

#include <stdio.h>

/* How often a checkpoint is written while a trial runs. */
typedef enum ls_every_unit { LS_EVERY_SECONDS, LS_EVERY_STEPS, LS_EVERY_EPOCHS } ls_every_unit;

typedef struct ls_every {
  ls_every_unit unit;
  double count; /* 0: half a minute, or longer where a checkpoint would cost more than 1 % of it */
} ls_every;

/* Reads "10epochs", "500steps", "60s" (or "60", in seconds) and so on; LS_INVALID naming the
 * option. */
int ls_every_read(ls_every *out, const char *option, const char *text);

/* Where a trial's files are: FOLDER/trial_N/{last,previous,best}.h5, FOLDER being the path of the
 * results file without its extension and N the trial's number from 1. */
typedef struct ls_trial_files {
  const char *results;
  const ls_job *job;
  size_t trial;
  ls_every every;
  bool resume; /* go on from a checkpoint if there is one; else old files are removed */
} ls_trial_files;

/* Who wants to know how it goes. All is borrowed. Where `profile` isn't NULL the group's rank 0
 * prints there in the end where the time of its training steps went. `stop` and `step` are called
 * on every rank once a step; on rank 0 of the group, `start` before the first one, with the curves
 * [epoch, curve] of the epochs that are done where the trial goes on from a checkpoint, and `epoch`
 * after each with one value for each curve of the plan, and `write` before a file is written: a
 * failure of these three ends the trial. `epoch` may return LS_STOPPED to have the trial stop here,
 * unless it has ended anyway. Without `files` nothing is saved. */
typedef struct ls_watch {
  void *context;
  bool (*stop)(void *context);
  void (*step)(void *context, size_t epoch, size_t step, double loss);
  int (*start)(void *context, size_t epochs, size_t step, const double *rows);
  int (*epoch)(void *context, size_t epoch, const double *curves);
  int (*write)(void *context);
  const ls_trial_files *files;
  FILE *profile;
} ls_watch;

/* Collective over the group: trains as the plan says, each minibatch cut into `shards` shards,
 * samples taken from the group's pools of the dataset's parts. Returns LS_OK with the result
 * (done, stopped early, diverged: a loss became not a number or infinite); LS_STOPPED where a rank
 * was asked to stop, or after an epoch group rank 0, with a checkpoint written; or a failure, the
 * same on all ranks. */
int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_watch *watch, ls_trial_result *result);

#endif
