/* Decision thresholds of two classes: the probability of the second above which it is predicted,
 * chosen such that a score of the validation samples is best, as with TunedThresholdClassifierCV of
 * scikit-learn. The thresholds that are tried are 0, 0.001, ..., 0.999. */
#ifndef LS_TRIAL_THRESHOLDS_H
#define LS_TRIAL_THRESHOLDS_H

#include "trial/evaluation.h"
#include "trial/plan.h"

enum { THRESHOLDS = 1000 };

/* Samples by their class and the number of thresholds that their probability is above. */
typedef struct threshold_counts {
  double of[2][THRESHOLDS + 1];
} threshold_counts;

/* Adds a sample; a probability that is not a number is above none. Pure. */
void thresholds_count(threshold_counts *counts, int32_t label, ls_real probability);

/* Returns the threshold with the best score (an ls_score), the lowest of equal ones. Pure. */
double thresholds_best(const threshold_counts *counts, ls_score score);

/* Checks that heads that tune a threshold have two classes. Local. LS_INVALID with the place in the
 * job. */
int thresholds_check(const ls_plan *plan);

/* Whether any head tunes a threshold. Local. */
bool thresholds_wanted(const ls_plan *plan);

/* Collective: sets thresholds [head] of weights by the samples of an evaluation; 0.5 for heads that
 * tune none. */
int thresholds_tune(double *thresholds, const evaluation *e, const ls_real *weights);

#endif
