/* Results beside what was reported elsewhere: whether they are worse, whether orderings hold. Pure.
 */
#ifndef LS_REPORT_REPORTED_H
#define LS_REPORT_REPORTED_H

#include "report/results.h"

/* Whether a point's mean is worse than the reference by more than a standard deviation; for one
 * trial, at all. Values are never worse than a bound from which they differ for the better: than at
 * most some accuracy, or at least some error. */
bool report_is_worse(const report_reference *reference, const report_values *values, size_t point);

typedef enum report_verdict {
  REPORT_NO_VERDICT, /* values are missing */
  REPORT_HOLDS,
  REPORT_INCONCLUSIVE, /* the means are within a standard deviation */
  REPORT_DOES_NOT_HOLD,
} report_verdict;

/* The words of the verdicts. */
extern const char *const report_verdict_words[];

/* How a claim compares with the results: at each setting of the variables that are not varied, each
 * place with the next. `first` and `second` are the points that decide: of all pairs those that
 * agree least with the claim; SIZE_MAX: none. */
typedef struct report_finding {
  report_verdict verdict;
  size_t held, compared; /* comparisons */
  size_t first, second;
} report_finding;

/* Sets the finding on an ordering. A comparison is conclusive if the means differ by more than the
 * larger of their standard deviations; of one trial each, by anything. */
int report_judge(report_finding *out, ls_memory *memory, const report_results *results,
                 const report_ordering *ordering, const report_values *values);

/* The metric by which files are compared: that of the first reference, or the monitored one. */
const char *report_compared_metric(const report_results *results);

#endif
