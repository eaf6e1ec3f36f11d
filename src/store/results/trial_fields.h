/* Integers of trials in a results file, which may come from elsewhere: each is within its range, or
 * the file is refused. Local. */
#ifndef LS_STORE_RESULTS_TRIAL_FIELDS_H
#define LS_STORE_RESULTS_TRIAL_FIELDS_H

#include "job/job.h"

#include <hdf5.h>

/* Reads the statuses (ls_trial_status) [trial] of an open results file, and checks all other
 * integers of trials. LS_INVALID, naming the dataset, unless they are one number for each trial of
 * the job and within their ranges. */
int trial_fields_read_states(hid_t file, const ls_job *job, signed char *states);

/* Reads the numbers of shards [trial]; 0 where a trial has not begun. */
int trial_fields_read_shards(hid_t file, const ls_job *job, int *shards);

#endif
