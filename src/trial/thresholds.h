/* Decision thresholds: of two classes the probability of the second above which it is predicted, of
 * several labels that of each above which a sample has it. They are chosen such that a score of the
 * validation samples is best, as with TunedThresholdClassifierCV of scikit-learn, for each label by
 * itself. The thresholds that are tried are 0, 0.001, ..., 0.999. */
#ifndef LS_TRIAL_THRESHOLDS_H
#define LS_TRIAL_THRESHOLDS_H

#include "trial/evaluation.h"
#include "trial/plan.h"

enum { THRESHOLDS = 1000 };

/* Samples by their class, or by whether they have a label, and the number of thresholds that their
 * probability is above. */
typedef struct threshold_counts {
  double of[2][THRESHOLDS + 1];
} threshold_counts;

/* Adds a sample, which is of the second class, or has the label; a probability that is not a number
 * is above none. Pure. */
void thresholds_count(threshold_counts *counts, bool is, ls_real probability);

/* Returns the threshold with the best score (an ls_score), the lowest of equal ones. Pure. */
double thresholds_best(const threshold_counts *counts, ls_score score);

/* Checks that heads that tune thresholds have two classes, or labels. Local. LS_INVALID with the
 * place in the job. */
int thresholds_check(const ls_plan *plan);

/* The thresholds that a head tunes: none, one, or one for each label. Local. */
size_t thresholds_of_head(const ls_plan *plan, size_t head);

/* Those of all heads. Local. */
size_t thresholds_of_all(const ls_plan *plan);

/* Collective: sets the thresholds of all heads [thresholds_of_all] by the samples of an evaluation,
 * for these weights. */
int thresholds_tune(double *thresholds, const evaluation *e, const ls_real *weights);

#endif
