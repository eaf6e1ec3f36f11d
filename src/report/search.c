/* The group /search of a results file. */
#include "report/search.h"

#include "lockstep/error.h"
#include "report/reader.h"

#include <math.h>

enum { FEWEST = 10 }; /* points without decisions that are a search */

static void read_rungs(report_reader *r, report_search *s) {
  ls_h5_shape shape = report_read_shape(r, "search/rung");
  const ls_h5_range range = {1, (int64_t)r->results->epochs};
  if (r->status != LS_OK) return;
  s->rungs = shape.rank == 1 ? (size_t)shape.extent[0] : 0;
  if (s->rungs == 0 || s->rungs > r->results->epochs) {
    r->status = ls_fail(LS_INVALID, "%s: /search/rung: is not a list of epochs", r->path);
  }
  s->epochs = report_new(r, s->rungs, sizeof *s->epochs);
  if (!s->epochs) return;
  r->status = ls_h5_read_integers(r->file, "search/rung", range, s->rungs, s->epochs);
  for (size_t k = 1; k < s->rungs && r->status == LS_OK; k++) {
    if (s->epochs[k] > s->epochs[k - 1]) continue;
    r->status = ls_fail(LS_INVALID, "%s: /search/rung: is not ascending", r->path);
  }
}

void report_read_search(report_reader *r) {
  if (r->status != LS_OK || !ls_h5_has_group(r->file, "search")) return;
  report_search *s = report_new(r, 1, sizeof *s);
  if (!s) return;
  read_rungs(r, s);
  const report_layout points = {r->point_rank, 0, "points"};
  const report_layout rungs = {r->point_rank, s->rungs, "points and rungs"};
  s->brackets = report_read_integers(r, "search/bracket", points, (int64_t)s->rungs - 1);
  s->values = report_read_reals(r, "search/value", rungs);
  s->thresholds = report_read_reals(r, "search/threshold", rungs);
  s->compared = report_read_integers(r, "search/compared", rungs, (int64_t)r->results->points);
  s->decisions = report_read_integers(r, "search/decision", rungs, REPORT_COMPLETED);
  r->results->search = s;
}

bool report_is_searched(const report_summary *s) {
  const report_results *r = s->results;
  return s->better != 0 && (r->search || (r->values && s->ranked >= FEWEST));
}

size_t report_last_rung(const report_results *results, size_t point) {
  const report_search *s = results->search;
  for (size_t k = s->rungs; k-- > 0;) {
    if (!isnan(s->values[point * s->rungs + k])) return k;
  }
  return SIZE_MAX;
}

size_t report_bracket_size(const report_results *results, size_t rung) {
  size_t count = 0;
  for (size_t p = 0; p < results->points; p++) {
    count += results->search->brackets[p] == (int64_t)rung;
  }
  return count;
}
