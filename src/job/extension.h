/* Which trials of a job are also trials of an earlier one, whose results it then continues.
 *
 * A trial is the same in both jobs if it trains the same network from the same seed on the same
 * samples: the values of its point of the sweep are equal, whatever variables they come from, and
 * so are its replicate, its fold and the number of folds. Keys without effect on results (title,
 * figures, references, ranks per trial) do not count. More epochs lengthen trials: training
 * continues from the checkpoint of the last epoch. In a search they may also add rungs, and more
 * points or trials of a point change what is compared: its decisions are taken again, from the same
 * values. Local. */
#ifndef LS_JOB_EXTENSION_H
#define LS_JOB_EXTENSION_H

#include "job/job.h"

/* In the place of a trial's number where there is none. */
#define LS_NO_TRIAL SIZE_MAX

/* Start from {0}. */
typedef struct ls_extension {
  bool same;          /* both jobs ask for the same results, and each trial has the same number */
  bool longer;        /* train.epochs is larger in the job */
  size_t past_trials; /* of the earlier job */
  size_t *origin;     /* [trial], its number in the earlier job; LS_NO_TRIAL: it is new */
  size_t kept;        /* trials that are not new */
} ls_extension;

/* How much of the earlier job has to be in the job. */
typedef enum ls_extension_scope {
  LS_EXTENDS_ALL,  /* the name and every trial */
  LS_EXTENDS_SOME, /* any trials */
} ls_extension_scope;

/* Compares the job with the one whose resolved text a file records. If that is not within the
 * scope, *differences is a line to be freed, such as "train.seed: 3 in the file, 4 in the job",
 * else NULL. LS_INVALID if `recorded` is no YAML. */
int ls_extension_find(ls_extension *out, char **differences, const ls_job *job,
                      const char *recorded, ls_extension_scope scope);
void ls_extension_free(ls_extension *extension);

/* The comparison of a job with the recorded one of the latest file: files of one run record the
 * same. Start from {0}. */
typedef struct ls_compared_job {
  char *recorded;
  ls_extension extension;
  char *differences;
} ls_compared_job;

/* Compares the job, which is the same in all calls, with the recorded one, unless that was the
 * latest. */
int ls_compared_job_update(ls_compared_job *compared, const ls_job *job, const char *recorded,
                           ls_extension_scope scope);
void ls_compared_job_free(ls_compared_job *compared);

#endif
