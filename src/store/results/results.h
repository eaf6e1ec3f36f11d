/* The results file of a job: complete before training, then only overwritten in place.
 *
 * Rank 0 creates every group, dataset, scale and attribute, at fixed sizes and with the space
 * allocated, under another name until all is there. Then all ranks open it, and the leader of a
 * group of ranks overwrites rows of its own trial, each at its own time; nothing else changes. No
 * group waits for another, and a job killed at any moment leaves a file that opens and holds every
 * row written. The layout is in the manual page, section RESULTS. */
#ifndef LS_STORE_RESULTS_RESULTS_H
#define LS_STORE_RESULTS_RESULTS_H

#include "base/layer_table.h"
#include "comm/group.h"
#include "job/job.h"
#include "store/digests.h"
#include "store/results/reported.h"
#include "store/results/search.h"

#include <stdint.h>

typedef struct ls_results ls_results;

/* A curve of the file: one value per trial and epoch; or a final value: one per trial. `better` is
 * 1 where a higher value is better, -1 where a lower one is, 0 where neither is. */
typedef struct ls_results_curve {
  const char *name, *long_name, *units;
  int better;
} ls_results_curve;

/* What the file is made of. All is borrowed; the job until the results are closed. */
typedef struct ls_results_plan {
  const char *path;  /* a symbolic link stays, its target is written */
  const char *whole; /* the results file of the whole job, from which `path` differs for a slice;
                      * NULL: no other run shares the folder of its models */
  const ls_job *job;
  const char *title;
  const char *headline;        /* name of the curve by which final results are compared */
  const ls_reported *reported; /* to compare with; NULL: nothing */
  const char *selection; /* what is chosen by the test samples, as a sentence; NULL: nothing */
  const ls_search_record *search; /* of a job with a search, nothing decided; NULL: there is none */
  size_t epochs;
  const ls_results_curve *curves;
  size_t curve_count;
  const ls_results_curve *finals;
  size_t final_count;
  const ls_layer_table *models; /* the different ones of the trials; on rank 0 */
  size_t model_count;
  size_t trials_left_out;    /* whose models are none of these */
  const ls_digests *digests; /* the data that the job reads; on rank 0 */
  const char *command;       /* the command line */
  const char *adopt;         /* another results file, to take over trials from; NULL: none */
  const char *isa;           /* instruction set of the kernels of matrix products */
  const char *blas;          /* name and version of the BLAS library */
  bool uses_blas;            /* results depend on it; rank 0's counts */
  size_t slice, slices;      /* which trials this run trains: those of a slice; 0 slices: all */
} ls_results_plan;

/* Numbers and names of `status`. */
typedef enum ls_trial_status {
  LS_TRIAL_PENDING,
  LS_TRIAL_RUNNING,
  LS_TRIAL_DONE,
  LS_TRIAL_STOPPED_EARLY,
  LS_TRIAL_DIVERGED,
  LS_TRIAL_FAILED,
  LS_TRIAL_PRUNED, /* left out by a search */
  LS_TRIAL_STATES  /* how many there are */
} ls_trial_status;
const char *ls_trial_state_name(ls_trial_status state);

/* Whether a trial in this state is not run again. */
bool ls_trial_is_final(ls_trial_status state);

enum { LS_MAX_FINALS = 32 };

/* How a trial ended. */
typedef struct ls_trial_result {
  ls_trial_status state;
  size_t epochs_run;
  size_t best_epoch;      /* from 1; 0 if none */
  bool best_restored;     /* the final weights are those of the best epoch */
  uint64_t weights_hash;  /* XXH3 of the flat vector of the final weights */
  double earlier_seconds; /* that earlier runs have worked on it */
  double headline;        /* final value of the curve by which results are compared; NaN: none */
  double finals[LS_MAX_FINALS];
} ls_trial_result;

/* Collective over `world`: creates the file, or continues the one that is there if it is of the
 * same job. A lock file beside it keeps other runs away until it is closed, or until it is
 * taken over from a run that seems to be gone. LS_INVALID if the file
 * is something else, of another job, or in use. */
int ls_results_open(ls_results **out, const ls_results_plan *plan, const ls_group *world);

/* Collective: records the time of the end if a trial was run, closes the file and releases the
 * lock. Safe on NULL. */
int ls_results_close(ls_results **results);

/* The state of the trial when the file was opened or states were last shared; its number of shards
 * then (0: never started). Local, on every rank. */
ls_trial_status ls_results_state(const ls_results *results, size_t trial);
size_t ls_results_shards(const ls_results *results, size_t trial);

/* Collective over the world: all ranks get the states that leaders have written. */
int ls_results_share(ls_results *results);

/* Reads a dataset of numbers as a whole, as it was when the file was opened. On one rank. */
int ls_results_read(const ls_results *results, const char *name, double *out);

/* Records the decisions of a search; that it has left out a trial. On rank 0. */
int ls_results_record_search(ls_results *results, const ls_search_record *record);
int ls_results_prune(ls_results *results, size_t trial);

/* Whether this run still owns the file: LS_FAILED if another has taken over. Looked at once a
 * second at most, and before everything that is written here; to be called before other files of a
 * trial are written, too. Local, on any rank. */
int ls_results_check(ls_results *results);

/* ---- Slices: trials of one job in several files ---- */

/* The file of slice `index` (from 0) of `count`, beside the models of the results file `path`:
 * results/NAME/slice_1_of_4.h5. To be freed; NULL, with the error recorded, without memory. */
char *ls_results_slice(const char *path, size_t index, size_t count);

/* Brings all slices of the results file `path` together in it: makes it, or adds to it each trial
 * that has come further in a slice. The old file is replaced as a whole. Afterwards counts[state]
 * has the number of trials in each state, and *slices that of files. LS_INVALID if there are none,
 * if one is of another job, or if the file is in use. Local. */
int ls_results_merge(const char *path, const ls_job *job, const char *command,
                     size_t counts[LS_TRIAL_STATES], size_t *slices);

/* ---- Rows ---- */

/* The following are called by one rank, the leader of the trial's group. */

/* Records that the trial runs, and its number of training samples. */
int ls_results_begin(ls_results *results, size_t trial, uint64_t seed, size_t shards,
                     size_t samples);

/* Clears the rows of all its epochs. */
int ls_results_clear(ls_results *results, size_t trial);

/* Writes the row of an epoch (from 0): one value for each curve. */
int ls_results_epoch(ls_results *results, size_t trial, size_t epoch, const double *curves);

/* Records how the trial ended. */
int ls_results_finish(ls_results *results, size_t trial, const ls_trial_result *result,
                      double seconds);

#endif
