/* The values by which the points of a search are compared. */
#include "report/figures/search.h"

#include "lockstep/error.h"

#include <math.h>

/* The rung with the most values, the last of several; SIZE_MAX without a search. */
static size_t fullest_rung(const report_results *r, size_t *most) {
  const report_search *s = r->search;
  size_t rung = SIZE_MAX;
  *most = 0;
  for (size_t k = 0; s && k < s->rungs; k++) {
    size_t count = 0;
    for (size_t p = 0; p < r->points; p++) count += isfinite(s->values[p * s->rungs + k]);
    if (count < *most || count == 0) continue;
    *most = count;
    rung = k;
  }
  return rung;
}

static bool is_lost(const report_summary *s, size_t point) {
  const size_t *counts = s->points[point].counts;
  return counts[REPORT_DIVERGED] + counts[REPORT_FAILED] > 0;
}

bool search_scores_of(search_scores *out, const report_summary *s) {
  const report_results *r = s->results;
  size_t most = 0, rung = fullest_rung(r, &most);
  bool final = rung == SIZE_MAX || s->ranked >= most;
  *out = (search_scores){.summary = s, .epoch = final ? 0 : (size_t)r->search->epochs[rung]};
  out->values = ls_memory_new(s->memory, r->points, sizeof *out->values);
  out->lost = ls_memory_new(s->memory, r->points, sizeof *out->lost);
  if (ls_memory_status(s->memory) != LS_OK) return false;
  for (size_t p = 0; p < r->points; p++) {
    double value =
        final ? report_monitored(s, p)->mean : r->search->values[p * r->search->rungs + rung];
    bool known = isfinite(value);
    out->values[p] = known ? value : NAN;
    out->lost[p] = !known && is_lost(s, p);
    out->count += known;
    out->lost_count += out->lost[p];
  }
  out->range = report_range_of_values(s->memory, out->values, r->points, s->better);
  return true;
}

void search_add_metric(ls_text *out, const search_scores *scores) {
  const char *monitor = scores->summary->results->monitor;
  if (scores->epoch) ls_text_add(out, "%s after epoch %zu", monitor, scores->epoch);
  if (!scores->epoch) ls_text_add(out, "final %s", monitor);
}

size_t search_variables(size_t *out, const report_results *r) {
  size_t count = 0;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count > 1) out[count++] = v;
  }
  return count;
}
