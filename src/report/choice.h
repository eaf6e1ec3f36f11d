/* What the sweep decides: which points differ from the best one, and which of those that don't
 * is the simplest. Pure. */
#ifndef LS_REPORT_CHOICE_H
#define LS_REPORT_CHOICE_H

#include "base/text.h"
#include "report/compare.h"

/* Replicates and folds of a point are paired with the best one's: the same seed, the same samples.
 * The one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984, 3.4.3)
 * takes the simplest of the points whose mean is within one standard error of the best one's. */
typedef struct ls_report_choice {
  ls_report_test *tests; /* [point], its difference from the best; none for the best itself */
  double bound;        /* one standard error from the best; NaN: the best has less than 2 values */
  bool *within;        /* [point] */
  size_t within_count; /* the best among them */
  size_t simplest;     /* a point; SIZE_MAX: no variable says what is simpler */
} ls_report_choice;

/* The summary is complete but for its choice. */
int ls_report_choice_create(ls_report_choice **out, const ls_report_results *results,
                            const ls_report_summary *summary);
void ls_report_choice_free(ls_report_choice **choice);

/* Whether there are intervals and tests to show at all. */
bool ls_report_has_tests(const ls_report_summary *summary);

/* Appends sentences on what is within one standard error of the best, or on why that is not known;
 * nothing where there is one point. */
int ls_report_add_choice(ls_text *out, const ls_report_results *results,
                         const ls_report_summary *summary);

#endif
