/* Which figures a report has, in their order. */
#include "report/figures/figure.h"

#include "lockstep/error.h"

int report_figures_draw(report_figures *out, const report_summary *summary) {
  const report_results *r = summary->results;
  int status = report_figures_begin(out, summary->memory, r->variable_count + 3);
  if (status == LS_OK) {
    status =
        report_is_grid(r) ? report_draw_grid(out, summary) : report_draw_parallel(out, summary);
  }
  for (size_t v = 0; v < r->variable_count && status == LS_OK; v++) {
    status = report_draw_final(out, summary, v);
  }
  if (status == LS_OK) status = report_draw_learning(out, summary);
  if (status == LS_OK) status = report_draw_learning_rate(out, summary);
  return status;
}

int report_sides_figures(report_figures *out, const report_sides *sides) {
  int status = report_figures_begin(out, sides->memory, 1);
  return status == LS_OK ? report_draw_sides(out, sides) : status;
}
