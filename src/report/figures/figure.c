/* Which figures a report has, in their order. */
#include "report/figures/figure.h"

#include "lockstep/error.h"
#include "report/figures/search.h"

int report_figures_draw(report_figures *out, const report_summary *summary,
                        const ls_sections *figures) {
  const report_results *r = summary->results;
  size_t most = figures->count > 0 ? figures->count : r->variable_count + 2;
  int status = report_figures_begin(out, summary->memory, most + 1 + REPORT_SEARCH_FIGURES);
  if (status == LS_OK) status = report_draw_search(out, summary);
  if (status == LS_OK) {
    status =
        report_is_grid(r) ? report_draw_grid(out, summary) : report_draw_parallel(out, summary);
  }
  if (status != LS_OK) return status;
  return figures->count > 0 ? report_draw_described(out, summary, figures)
                            : report_draw_defaults(out, summary);
}

int report_sides_figures(report_figures *out, const report_sides *sides) {
  int status = report_figures_begin(out, sides->memory, 1);
  return status == LS_OK ? report_draw_sides(out, sides) : status;
}
