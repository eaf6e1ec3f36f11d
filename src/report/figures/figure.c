/* Which figures a report has, in their order. */
#include "report/figures/figure.h"

#include "report/figures/search.h"

static void draw_search(report_figures *list, const report_summary *s) {
  search_scores scores;
  search_importance importance;
  if (!report_is_searched(s) || !search_scores_of(&scores, s) || scores.count == 0) return;
  if (!search_importance_of(&importance, &scores)) return;
  search_draw_progress(list, s);
  search_draw_rungs(list, s);
  search_draw_importance(list, &scores, &importance);
  search_draw_pairs(list, &scores, &importance);
}

void report_figures_draw(report_figures *out, const report_summary *summary,
                         const ls_sections *figures) {
  draw_search(out, summary);
  if (report_is_grid(summary->results)) report_draw_grid(out, summary);
  if (!report_is_grid(summary->results)) report_draw_parallel(out, summary);
  if (figures->count > 0) report_draw_described(out, summary, figures);
  if (figures->count == 0) report_draw_defaults(out, summary);
}
