/* The figures of a search: its course, its rungs, and what it says of the variables. Pure, but for
 * drawing. */
#ifndef LS_REPORT_FIGURES_SEARCH_H
#define LS_REPORT_FIGURES_SEARCH_H

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

/* Returns false without memory. */
bool search_scores_of(search_scores *out, const report_summary *summary);

/* Appends "val_accuracy after epoch 3" or "final val_accuracy". */
void search_add_metric(ls_text *out, const search_scores *scores);

/* The variables of several values. Returns their number; `out` has room for all. */
size_t search_variables(size_t *out, const report_results *results);

/* How important variables are. */
typedef struct search_importance {
  size_t *variables; /* the most important first */
  double *values;    /* in that order; NULL: there are too few points or variables */
  size_t count;
  size_t points;    /* that the forest was grown on */
  double explained; /* R2 for points that trees do not know */
} search_importance;

/* Returns false without memory. */
bool search_importance_of(search_importance *out, const search_scores *scores);

/* Each appends a figure, if there is something to show. */
void search_draw_progress(report_figures *list, const report_summary *summary);
void search_draw_rungs(report_figures *list, const report_summary *summary);
void search_draw_importance(report_figures *list, const search_scores *scores,
                            const search_importance *importance);
void search_draw_pairs(report_figures *list, const search_scores *scores,
                       const search_importance *importance);

#endif
