/* The figures of a search: its course, its rungs, and what it says of the variables. Pure, but for
 * drawing. */
#ifndef LS_REPORT_FIGURES_SEARCH_H
#define LS_REPORT_FIGURES_SEARCH_H

#include "report/figures/figure.h"
#include "report/figures/search_scores.h"

enum { REPORT_SEARCH_FIGURES = 4 };

/* How important variables are. */
typedef struct search_importance {
  size_t *variables; /* the most important first */
  double *values;    /* in that order; NULL: there are too few points or variables */
  size_t count;
  size_t points;    /* that the forest was grown on */
  double explained; /* R2 for points that trees do not know */
} search_importance;

int search_importance_of(search_importance *out, const search_scores *scores);

/* Each appends a figure, if there is something to show. */
int search_draw_progress(report_figures *list, const report_summary *summary);
int search_draw_rungs(report_figures *list, const report_summary *summary);
int search_draw_importance(report_figures *list, const search_scores *scores,
                           const search_importance *importance);
int search_draw_pairs(report_figures *list, const search_scores *scores,
                      const search_importance *importance);

#endif
