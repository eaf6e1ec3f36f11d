/* The table as comma-separated values. */
#include "report/csv.h"

#include "base/text.h"
#include "lockstep/error.h"
#include "report/choice.h"
#include "report/format.h"

#include <math.h>
#include <string.h>

void ls_report_csv_field(ls_text *out, const char *text) {
  if (out->length > 0 && out->data[out->length - 1] != '\n') ls_text_add(out, ",");
  if (!strpbrk(text, ",\"\r\n")) {
    ls_text_add(out, "%s", text);
    return;
  }
  ls_text_add(out, "\"");
  for (; *text; text++) {
    if (*text == '"') ls_text_add(out, "\"");
    ls_text_add_bytes(out, text, 1);
  }
  ls_text_add(out, "\"");
}

static void add_number(ls_text *out, double value) {
  char number[LS_REPORT_NUMBER];
  ls_report_exact(number, value);
  ls_text_add(out, ",%s", number);
}

static void add_stat_headings(ls_text *out, const char *name) {
  static const char *const suffixes[] = {"mean", "std", "min", "max", "n", "ci95_low", "ci95_high"};
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    ls_text_add(out, ",%s_%s", name, suffixes[i]);
  }
}

static void add_stat(ls_text *out, const ls_report_stat *stat) {
  double half = ls_report_half_width(stat);
  const double values[] = {stat->mean,      stat->deviation,   stat->least,      stat->most,
                           (double)stat->n, stat->mean - half, stat->mean + half};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) add_number(out, values[i]);
}

static void add_headings(ls_text *out, const ls_report_results *r) {
  for (size_t v = 0; v < r->variable_count; v++) ls_report_csv_field(out, r->variables[v].name);
  for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++)
    ls_report_csv_field(out, ls_report_status_words[k]);
  for (size_t c = 0; c < r->curve_count; c++) add_stat_headings(out, r->curves[c].name);
  for (size_t c = 0; c < r->final_count; c++) add_stat_headings(out, r->finals[c].name);
  ls_text_add(out,
              ",epochs_mean,seconds_mean,difference,difference_ci95_low,difference_ci95_high,"
              "pairs,t,p,p_holm,within_one_standard_error%s\n",
              r->reference_count > 0 ? ",reference" : "");
}

void ls_report_csv_test(ls_text *out, const ls_report_test *test) {
  double pairs = test->pairs ? (double)test->pairs : NAN;
  const double values[] = {test->difference,
                           test->difference - test->half_width,
                           test->difference + test->half_width,
                           pairs,
                           test->t,
                           test->p,
                           test->p_holm};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) add_number(out, values[i]);
}

/* Whether the point is within one standard error of the best, empty where that is not known. */
static void add_within(ls_text *out, const ls_report_summary *s, size_t point) {
  bool known = !isnan(s->choice->bound) && s->points[point].finals[s->monitor].n > 0;
  ls_text_add(out, ",%s", !known ? "" : s->choice->within[point] ? "1" : "0");
}

int ls_report_csv(char **out, const ls_report_results *r, const ls_report_summary *s) {
  ls_text text = {0};
  add_headings(&text, r);
  for (size_t p = 0; p < s->point_count; p++) {
    const ls_report_point *at = &s->points[p];
    for (size_t v = 0; v < r->variable_count; v++) {
      const ls_report_axis *axis = &r->variables[v];
      size_t i = ls_report_index(r, p, v);
      char number[LS_REPORT_NUMBER];
      if (axis->numbers) ls_report_exact(number, axis->numbers[i]);
      ls_report_csv_field(&text, axis->numbers ? number : axis->labels[i]);
    }
    for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++) {
      char number[LS_REPORT_NUMBER];
      ls_report_exact(number, (double)at->counts[k]);
      ls_report_csv_field(&text, number);
    }
    for (size_t c = 0; c < r->curve_count + r->final_count; c++) {
      add_stat(&text, &at->finals[c]); /* behind them are the tests */
    }
    add_number(&text, at->epochs.mean);
    add_number(&text, at->seconds.mean);
    ls_report_csv_test(&text, &s->choice->tests[p]);
    add_within(&text, s, p);
    if (r->reference_count > 0) add_number(&text, ls_report_reference(r, p));
    ls_text_add(&text, "\n");
  }
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
