/* Packing of trials onto ranks: how long each will take, how many ranks each gets, in which order.
 * By estimates (run/estimate.h), so that a job is packed the same way in every run. Local and pure
 * but for ls_packing_broadcast. */
#ifndef LS_RUN_PACKING_H
#define LS_RUN_PACKING_H

#include "comm/group.h"
#include "run/architectures.h"
#include "run/digests.h"
#include "run/estimate.h"
#include "run/schedule.h"
#include "run/warnings.h"

/* Returns the seconds until all `count` trials are done when `groups` groups take them from the
 * longest to the shortest, each as soon as it is free (Graham, "Bounds on multiprocessing timing
 * anomalies", 1969). `seconds` must be sorted, longest first. `free_at` is scratch space of
 * `groups` values. */
double ls_makespan(const double *seconds, size_t count, size_t groups, double *free_at);

/* A part of a job's trials: every `count`-th, from trial `index` on. A count of 0: all. */
typedef struct ls_slice {
  size_t index, count;
} ls_slice;

bool ls_slice_has(const ls_slice *slice, size_t trial);

/* The packing of a job's trials. */
typedef struct ls_packing {
  size_t ranks, trials; /* all */
  size_t ranks_per_trial, groups, idle_ranks;
  size_t count;         /* trials to run */
  double makespan;      /* seconds; with a search about */
  double work;          /* seconds of all trials together, likewise */
  double memory;        /* bytes per rank of the largest trial, as ls_packing_create packed it */
  double shared;        /* how many of them are in memory that the ranks of a trial share */
  size_t longest;       /* the largest number of epochs of a trial */
  size_t most_ranks;    /* of a trial that have samples */
  size_t shard_samples; /* the fewest of a shard whose statistics are used; SIZE_MAX: of none */
  bool reads_weights;   /* some trial's layers take their initial weights from files */
  bool shuffles_blocks; /* some trial shuffles blocks of samples, which each node has */
  bool uses_blas;       /* some trial's results depend on the BLAS library */
  bool uses_bfloat16;   /* some trial's results depend on the processor's bfloat16 */
  ls_schedule_of_search schedule; /* without rungs if the job has no search */

  /* What is above is plain data: ls_packing_broadcast copies it as bytes. */
  size_t *order;   /* [trial], the trials to run, longest first */
  double *seconds; /* [trial], by trial number, with these ranks */

  /* Of all trials; on the rank that called ls_packing_create. */
  ls_trial_cost *costs; /* [trial] */
  ls_architectures architectures;
  ls_warnings warnings;
  ls_dataset_list datasets;
} ls_packing;

/* Plans every trial of the job, and packs those of the slice onto `ranks` ranks, with
 * `ranks_per_trial` for each; 0: with the job's number or, if that is auto, the one with which the
 * whole slice ends first, among those that leave no rank without samples. LS_INVALID if a plan is
 * wrong, if the plans have different curves or schedules of a search, or if a shard whose
 * statistics batch normalization uses has fewer than 2 samples. */
int ls_packing_create(ls_packing *packing, const ls_job *job, size_t ranks, size_t ranks_per_trial,
                      const ls_slice *slice);

/* Packs again, by the costs in `planned`, which ls_packing_create has made: the trials of the slice
 * of which a fraction of their time, work[trial], is still to be trained (0: the trial is not to be
 * run). `packing` is `planned` itself, or another one that was {0} at first. */
int ls_packing_repeat(ls_packing *packing, const ls_packing *planned, const ls_job *job,
                      size_t ranks_per_trial, const ls_slice *slice, const double *work);

/* Collective: copies rank 0's packing of a job of `trials` trials to all ranks. On error it is to
 * be freed as well. */
int ls_packing_broadcast(ls_packing *packing, size_t trials, const ls_group *world);

/* Prints warnings about the job to standard error, also if shards are small for batch
 * normalization. Local. */
void ls_packing_warn(const ls_packing *packing);

void ls_packing_free(ls_packing *packing);

#endif
