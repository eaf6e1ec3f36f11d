/* Statistics of predictions. Pure. */
#ifndef LS_STUDY_EVALUATE_STATISTICS_H
#define LS_STUDY_EVALUATE_STATISTICS_H

#include "study/model/classes.h"

/* Of predictions [n], how many are right, or have the true class among the first k. */
size_t statistics_right(const prediction *p, size_t n);
size_t statistics_top(const prediction *p, size_t n, size_t k);

typedef struct interval {
  double low, high;
} interval;

/* The 95 % interval of a fraction `right` of n: Wilson, "Probable inference, the law of succession,
 * and statistical inference", JASA 22 (1927). */
interval statistics_wilson(size_t right, size_t n);

/* Two classifiers on the same samples: whether one is better, by the samples that only one of them
 * predicts correctly (McNemar, "Note on the sampling error of the difference between correlated
 * proportions", Psychometrika 12 (1947)). With fewer than 25 of these the exact binomial test, else
 * chi-square of one degree of freedom with continuity correction. */
typedef struct mcnemar {
  int64_t first, second; /* samples that only the one, only the other predicts correctly */
  int64_t exact;         /* 1 or 0 */
  double statistic;      /* chi-square; NaN where the test is exact */
  double p;              /* two-sided */
  double p_holm;         /* p until it is corrected for the tests of other pairs */
} mcnemar;
mcnemar statistics_mcnemar(int64_t first, int64_t second);

/* Scores of one class; NaN where the divisor is 0. */
typedef struct class_scores {
  double precision, recall, f1;
} class_scores;

/* Of a class with `support` samples, those without a prediction among them, of which `right` are
 * predicted as it, as are `predicted` samples of all classes. */
class_scores statistics_class(int64_t right, int64_t predicted, int64_t support);

/* Reliability: predictions by their confidence in bins of equal width, (0, 1/15], (1/15, 2/15], ...
 * and the expected calibration error, the mean over predictions of |accuracy - confidence| of their
 * bin: Guo et al., "On calibration of modern neural networks", ICML 2017. */
enum { RELIABILITY_BINS = 15 };
typedef struct reliability {
  int64_t count[RELIABILITY_BINS];
  double accuracy[RELIABILITY_BINS], confidence[RELIABILITY_BINS]; /* means; NaN in an empty bin */
  double error;                                                    /* the expected one */
} reliability;

/* Of predictions [n]. A confidence that is NaN makes the error NaN. */
reliability statistics_reliability(const prediction *p, size_t n);

#endif
