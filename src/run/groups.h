/* A group of ranks at work: takes trials from the queue, trains and records them. */
#ifndef LS_RUN_GROUPS_H
#define LS_RUN_GROUPS_H

#include "comm/shared_counter.h"
#include "run/job_data.h"
#include "run/keeping.h"
#include "run/options.h"
#include "run/progress.h"
#include "run/search.h"
#include "run/stop.h"
#include "run/watchdog.h"
#include "store/results/results.h"
#include "trial/plan_list.h"

/* A dataset with a group's pools, kept from trial to trial while these need the same. */
typedef struct loaded_dataset {
  ls_dataset *dataset;
  ls_peers peers;
  bool messages; /* samples are exchanged by messages, not read in shared memory */
  ls_pool *pools[LS_PART_COUNT];
} loaded_dataset;

/* The state of a run, which run.c makes, and the groups of one round work with. */
typedef struct run_state {
  const ls_job *job;
  const ls_run_options *options;
  const ls_group *world;
  ls_packing whole;    /* all trials that are to be run */
  ls_packing rest;     /* those of a round where it has not all of them: what groups have left to
                        * larger ones, or what a search trains first */
  ls_packing *packing; /* the current one of these two */
  search_state search; /* without rungs if the job has none */
  bool unrecorded;     /* it has decisions that are not in the results */
  keeping keeping;     /* of models */
  ls_digests digests;  /* the data that the job reads */
  job_data job_data;   /* the same, shared among the ranks of a node */
  char *selection;     /* see ls_selection_describe */
  char *title;         /* of the results */
  ls_results *results;
  ls_shared_counter *queue; /* see trial_queue.h */
  stop_state stop;
  watchdog *watchdog;
  ls_group group;
  loaded_dataset data;
  ls_plan_list plans; /* keeps the first one's dataset and split */
  progress progress;
  ls_compared_job recorded;      /* that of the latest checkpoint */
  size_t shards;                 /* of the current trial */
  bool resumes;                  /* it has been trained in this run, perhaps by another group */
  bool exhausted;                /* the queue has no more trials for this group */
  bool regroups;                 /* whether groups ever leave their trials to larger ones */
  bool ready_to_leave;           /* the group would leave its trial to a larger one */
  bool leaving;                  /* and does so */
  bool paused;                   /* the trial has come to its rung of the search */
  size_t ended[LS_TRIAL_STATES]; /* on leaders: trials by state */
} run_state;

/* LS_INVALID unless all ranks of the group have found the same samples, which on nodes with files
 * of their own may differ. Collective over the group. */
int group_compare_plans(const ls_group *group, const ls_plan *plan);

/* Runs one trial after the other until the queue has none, or until the group leaves its trial to a
 * larger one. A trial that fails is recorded, and the next one run. An error that concerns the
 * whole run is returned, after asking all other groups to stop. Collective over run->group. */
int group_run_trials(run_state *run);

#endif
