/* A run of a job as its parts share it, and a group of ranks at work in it: taking trials, training
 * and recording them. */
#ifndef LS_RUN_GROUPS_H
#define LS_RUN_GROUPS_H

#include "comm/shared_counter.h"
#include "run/progress.h"
#include "run/run.h"
#include "run/stop.h"
#include "run/watchdog.h"

/* A dataset with its pools, kept from trial to trial while they stay the same. */
typedef struct loaded {
  ls_dataset *dataset;
  ls_peers peers;
  bool messages; /* samples are exchanged, not read in shared memory */
  ls_pool *pools[LS_PART_COUNT];
} loaded;

typedef struct sweep {
  const ls_job *job;
  const ls_run_options *options;
  const ls_group *world;
  ls_packing whole, left; /* of all trials that are to be run; of those left to larger groups */
  ls_packing *packing;    /* the one in hand */
  size_t longest;         /* epochs of the longest trial */
  ls_results *results;
  ls_shared_counter *board;
  stopping stopping;
  watchdog *watchdog;
  ls_group group;
  loaded data;
  progress progress;
  size_t shards;       /* of the trial in hand */
  bool spreads;        /* whether groups ever leave their trials to larger ones */
  bool ready, leaving; /* whether the group would leave its trial to larger ones; does so */
  size_t ended[LS_TRIAL_FAILED + 1]; /* on leaders: trials by state */
} sweep;

/* Collective over a group: LS_INVALID unless all its ranks have found the same samples; on nodes
 * with files of their own they may differ. */
int group_compare_plans(const ls_group *group, const ls_plan *plan);

/* Collective over the run's group: runs one trial after the other until there are none, or until
 * the group leaves its trial to a larger one. A failure of a trial is recorded, and passed over;
 * what concerns the run as a whole is returned, and all other groups are told to stop. */
int group_run(sweep *s);

#endif
