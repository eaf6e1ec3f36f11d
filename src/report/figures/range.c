/* What figures of several variables have in common. */
#include "report/figures/figure.h"

#include <math.h>

report_range report_range_of_values(ls_memory *memory, const double *values, size_t count,
                                    int better) {
  size_t n = 0, first = 0;
  double *sorted = ls_memory_new(memory, count, sizeof *sorted);
  for (size_t i = 0; i < count && sorted; i++) {
    if (!isnan(values[i])) sorted[n++] = values[i];
  }
  if (n == 0) return (report_range){.low = NAN, .high = NAN, .limit = NAN};
  report_sort(sorted, n);
  double low = report_quantile(sorted, n, 0.25), high = report_quantile(sorted, n, 0.75);
  double reach = 1.5 * (high - low);
  size_t end = n;
  while (better > 0 && sorted[first] < low - reach) first++;
  while (better < 0 && sorted[end - 1] > high + reach) end--;
  return (report_range){sorted[first], sorted[end - 1], n - (end - first),
                        sorted[better > 0 ? first : end - 1]};
}

report_range report_range_of(const report_summary *summary) {
  double *values = ls_memory_new(summary->memory, summary->ranked, sizeof *values);
  for (size_t i = 0; i < summary->ranked && values; i++) {
    values[i] = report_monitored(summary, summary->ranking[i])->mean;
  }
  size_t count = values ? summary->ranked : 0;
  return report_range_of_values(summary->memory, values, count, summary->better);
}

double report_place(const report_range *range, double value) {
  if (!(range->high > range->low)) return 0.5;
  return fmin(fmax((value - range->low) / (range->high - range->low), 0), 1);
}

double report_goodness(const report_range *range, double value, int better) {
  double place = report_place(range, value);
  return better < 0 ? 1 - place : place;
}

void report_add_outliers(ls_text *caption, const report_range *range, const char *before,
                         const char *after) {
  if (range->beyond == 0) return;
  ls_text_add(caption, " %s%zu outlier%s beyond %.4g%s.", before, range->beyond,
              range->beyond == 1 ? "" : "s", range->limit, after);
}
