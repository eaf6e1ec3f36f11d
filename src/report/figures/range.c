/* What figures of several variables have in common. */
#include "report/figures/figure.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

int report_range_of(report_range *out, const report_summary *summary) {
  double *values = ls_memory_new(summary->memory, summary->ranked, sizeof *values);
  if (!values) return LS_FAILED;
  size_t n = summary->ranked;
  for (size_t i = 0; i < n; i++) {
    values[i] = report_monitored(summary, summary->ranking[i])->mean;
  }
  report_sort(values, n);
  double low = report_quantile(values, n, 0.25), high = report_quantile(values, n, 0.75);
  double reach = 1.5 * (high - low);
  size_t first = 0, end = n;
  while (summary->better > 0 && values[first] < low - reach) first++;
  while (summary->better < 0 && values[end - 1] > high + reach) end--;
  *out = (report_range){values[first], values[end - 1], n - (end - first), values[first]};
  if (summary->better <= 0) out->limit = out->high;
  return LS_OK;
}

double report_place(const report_range *range, double value) {
  if (!(range->high > range->low)) return 0.5;
  return fmin(fmax((value - range->low) / (range->high - range->low), 0), 1);
}

void report_add_outliers(ls_text *caption, const report_range *range, const char *before,
                         const char *after) {
  if (range->beyond == 0) return;
  ls_text_add(caption, " %s%zu outlier%s beyond %.4g%s.", before, range->beyond,
              range->beyond == 1 ? "" : "s", range->limit, after);
}
