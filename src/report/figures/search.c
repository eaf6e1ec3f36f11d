/* Which figures a search has. */
#include "report/figures/search.h"

#include "lockstep/error.h"

int report_draw_search(report_figures *list, const report_summary *s) {
  search_scores scores;
  search_importance importance;
  if (!report_is_searched(s)) return LS_OK;
  int status = search_scores_of(&scores, s);
  if (status != LS_OK || scores.count == 0) return status;
  status = search_importance_of(&importance, &scores);
  if (status == LS_OK) status = search_draw_progress(list, s);
  if (status == LS_OK) status = search_draw_rungs(list, s);
  if (status == LS_OK) status = search_draw_importance(list, &scores, &importance);
  return status == LS_OK ? search_draw_pairs(list, &scores, &importance) : status;
}
