/* The values by which the points of a search are compared, and its variables. Pure. */
#ifndef LS_REPORT_FIGURES_SEARCH_SCORES_H
#define LS_REPORT_FIGURES_SEARCH_SCORES_H

#include "report/figures/figure.h"
#include "report/search.h"

/* The value by which all points can be compared: the final one, or, where a search has left out
 * points, that of the rung at which most were compared. */
typedef struct search_scores {
  const report_summary *summary;
  double *values; /* [point]; NaN: none */
  bool *lost;     /* [point], has no value as trials of it diverged or failed */
  size_t count;   /* points with a value */
  size_t lost_count;
  size_t epoch;       /* after which they are measured; 0: they are final ones */
  report_range range; /* of the values */
} search_scores;

int search_scores_of(search_scores *out, const report_summary *summary);

/* Appends "val_accuracy after epoch 3" or "final val_accuracy". */
void search_add_metric(ls_text *out, const search_scores *scores);

/* The variables of several values. Returns their number; `out` has room for all. */
size_t search_variables(size_t *out, const report_results *results);

#endif
