/* Model files of a trial: FOLDER/trial_N/NAME.h5, FOLDER being the path of the results file without
 * its extension and N the trial's number from 1. Local, on rank 0 of the trial's group. */
#ifndef LS_TRAIN_SAVING_H
#define LS_TRAIN_SAVING_H

#include "lockstep/trial.h"

/* Makes the trial's folder: before training, lest that be in vain. */
int saving_begin(const char *results, size_t trial);

/* Writes the file of the snapshot's name. */
int saving_write(const char *results, const ls_job *job, size_t trial, const ls_plan *plan,
                 const ls_snapshot *snapshot);

#endif
