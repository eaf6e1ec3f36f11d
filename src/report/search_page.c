/* The table of rungs. */
#include "report/search_page.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/html.h"
#include "report/search.h"

#include <math.h>

/* The points of a bracket at a rung. */
typedef struct rung {
  size_t decisions[REPORT_COMPLETED + 1];
  double threshold; /* NaN: none */
  double *values;   /* sorted */
  size_t count;
} rung;

static int read_rung(rung *out, const report_summary *s, size_t bracket, size_t k) {
  const report_results *r = s->results;
  const report_search *search = r->search;
  *out = (rung){.threshold = NAN};
  out->values = ls_memory_new(s->memory, r->points, sizeof *out->values);
  if (!out->values) return LS_FAILED;
  for (size_t p = 0; p < r->points; p++) {
    size_t at = p * search->rungs + k;
    if (search->brackets[p] != (int64_t)bracket) continue;
    if (isfinite(search->thresholds[at])) out->threshold = search->thresholds[at];
    if (isfinite(search->values[at])) out->values[out->count++] = search->values[at];
    bool reached = isfinite(search->values[at]) || search->decisions[at] != REPORT_UNDECIDED;
    if (reached) out->decisions[search->decisions[at]]++;
  }
  report_sort(out->values, out->count);
  return LS_OK;
}

static void add_count(report_table *t, const char *title, size_t count) {
  report_table_add_number(t, title, (double)count, REPORT_AS_EXACT, 0);
}

static void add_rung(report_table *t, const report_summary *s, const rung *r, int64_t epochs) {
  int decimals = report_monitored_decimals(s);
  double best = r->count == 0 ? NAN : r->values[s->better < 0 ? 0 : r->count - 1];
  double median = r->count == 0 ? NAN : report_quantile(r->values, r->count, 0.5);
  size_t points = 0;
  for (int k = 0; k <= REPORT_COMPLETED; k++) points += r->decisions[k];
  add_count(t, "epochs", (size_t)epochs);
  add_count(t, "points", points);
  add_count(t, "promoted", r->decisions[REPORT_PROMOTED]);
  add_count(t, "pruned", r->decisions[REPORT_LEFT_OUT]);
  add_count(t, "completed", r->decisions[REPORT_COMPLETED]);
  add_count(t, "undecided", r->decisions[REPORT_UNDECIDED]);
  report_table_add_number(t, "needed", r->threshold, REPORT_AS_FIXED, decimals);
  report_table_add_number(t, "best", best, REPORT_AS_FIXED, decimals);
  report_table_add_number(t, "median", median, REPORT_AS_FIXED, decimals);
}

int report_rungs_table(report_table *out, const report_summary *s) {
  const report_results *r = s->results;
  size_t rungs = r->search ? r->search->rungs : 0, bracket = 0;
  int status = LS_OK;
  *out = (report_table){.headed = true};
  for (size_t b = 0; b < rungs; b++) {
    bool used = report_bracket_size(r, b) > 0;
    bracket += used;
    for (size_t k = b; k < rungs && used && status == LS_OK; k++) {
      rung at;
      status = read_rung(&at, s, b, k);
      if (status != LS_OK) return status;
      add_count(out, "bracket", bracket);
      add_rung(out, s, &at, r->search->epochs[k]);
      report_table_end_row(out);
    }
  }
  return report_table_finish(out, s->memory);
}

int report_page_search(ls_text *page, const report_summary *s) {
  report_table table;
  if (!s->results->search) return LS_OK;
  int status = report_rungs_table(&table, s);
  if (status != LS_OK) return status;
  ls_text_add_html(page,
                   "<h2>Search</h2>\n<p>Points were compared at rungs by the mean %s of their "
                   "trials; those that are pruned were trained no further.</p>\n",
                   s->results->monitor);
  html_table(page, &table);
  return LS_OK;
}
