/* One epoch: the order of its samples, and its losses and metrics. */
#ifndef LS_TRIAL_EPOCH_H
#define LS_TRIAL_EPOCH_H

#include "trial/trainer.h"

/* Collective: begins an epoch (from 0): clears the sums, and shuffles. */
int trainer_begin_epoch(trainer *t, size_t epoch);

/* Collective: continues an epoch that an earlier run began, with the sums of its steps so far (see
 * trainer_restore_sums): shuffles as that run did. */
int trainer_continue_epoch(trainer *t, size_t epoch);

/* Collective: ends an epoch: the loss, with penalties, and the metrics [measure] of the training
 * samples. */
int trainer_end_epoch(trainer *t, double *measures);

/* Collective: the sums of the epoch's steps so far, added up over ranks, in `totals`
 * [measure_sums_count]. The trainer's own sums are unchanged. */
int trainer_total_sums(const trainer *t, double *totals);

/* Sets the trainer's sums to this rank's rows and blocks of `totals`. Local. */
void trainer_restore_sums(trainer *t, const double *totals);

#endif
