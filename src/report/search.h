/* What a results file records of a search: the values that were compared at each rung, and what was
 * decided (group /search; see store/results/search.h). */
#ifndef LS_REPORT_SEARCH_H
#define LS_REPORT_SEARCH_H

#include "report/summary.h"

typedef enum report_decision {
  REPORT_UNDECIDED,
  REPORT_PROMOTED,
  REPORT_LEFT_OUT,
  REPORT_COMPLETED
} report_decision;

struct report_search {
  size_t rungs;
  int64_t *epochs;    /* [rung], ascending */
  int64_t *brackets;  /* [point], the rung at which it begins */
  double *values;     /* [point, rung], mean of the monitored metric; NaN: not compared */
  double *thresholds; /* [point, rung], the value that was needed; NaN: none */
  int64_t *compared;  /* [point, rung], the number of points that were compared */
  int64_t *decisions; /* [point, rung], report_decision */
};

/* Whether the points of the sweep were searched, so that the report shows how: there are decisions
 * of a search, or enough points that are no grid; and it is known which values are better. */
bool report_is_searched(const report_summary *summary);

/* The last rung at which a point was compared; SIZE_MAX: none. */
size_t report_last_rung(const report_results *results, size_t point);

/* The number of points that begin at a rung. */
size_t report_bracket_size(const report_results *results, size_t rung);

#endif
