/* One training step: a minibatch's gradients, and the update of the weights. */
#ifndef LS_TRIAL_STEP_H
#define LS_TRIAL_STEP_H

#include "trial/trainer.h"

/* Status flags of a step, of which all ranks get the union: a loss is not finite; a rank was asked
 * to stop after the step; a checkpoint is due after the step. */
enum { STATUS_NOT_FINITE = 1, STATUS_STOP = 2, STATUS_SAVE = 4 };

/* Collective: trains step `step` of epoch `epoch` (both from 0). *flags has this rank's flags
 * before, and those of all ranks after. */
int trainer_step(trainer *t, size_t epoch, size_t step, uint32_t *flags);

/* The schedule's learning rate at a step. Local. */
double trainer_scheduled_rate(const trainer *t, size_t epoch, size_t step);

/* The learning rate that the step is trained with: the schedule's, reduced on plateaus. Local. */
double trainer_rate(const trainer *t, size_t epoch, size_t step);

#endif
