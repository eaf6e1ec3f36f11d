/* Weights of samples in the losses of heads: those that the dataset has, and in training those of
 * the samples' classes. A loss is the weighted sum over samples by their number, as in Keras. */
#ifndef LS_TRIAL_SAMPLE_WEIGHTS_H
#define LS_TRIAL_SAMPLE_WEIGHTS_H

#include "trial/plan.h"

/* Finds what the heads' samples weigh, for a plan with its dataset, split and targets: sets
 * head_weight, class_weights and whether a head weighs. LS_INVALID, with the place in the job, if
 * class weights don't suit the target. Local. */
int sample_weights_find(ls_plan *plan);

/* Sets weights [n] of samples in a head's loss that the dataset has no weights for, and multiplies
 * them by those of the samples' classes in training. `labels` [n] is NULL where the target has
 * none. Local. */
void sample_weights_complete(const ls_plan *plan, size_t head, bool training, size_t n,
                             const int32_t *labels, ls_real *weights);

#endif
