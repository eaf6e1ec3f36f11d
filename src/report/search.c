/* The group /search of a results file. */
#include "report/search.h"

#include "lockstep/error.h"

#include <math.h>

enum { FEWEST = 10 }; /* points without decisions that are a search */

typedef struct reader {
  report_results *results;
  report_search *out;
  ls_memory *memory;
  hid_t file;
} reader;

/* The number of elements of a dataset over the points and, where `rungs` is not 0, the rungs. */
static int check_shape(const reader *r, const char *name, size_t rungs, size_t *count) {
  ls_h5_shape shape;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status != LS_OK) return status;
  size_t elements = 1, points = r->results->points;
  bool over = !__builtin_mul_overflow(points, rungs ? rungs : 1, count);
  for (int i = 0; i < shape.rank && over; i++) {
    over = !__builtin_mul_overflow(elements, (size_t)shape.extent[i], &elements);
  }
  bool last = rungs == 0 || (shape.rank > 0 && shape.extent[shape.rank - 1] == rungs);
  if (over && last && elements == *count) return LS_OK;
  return ls_fail(LS_INVALID, "%s: /%s: is not laid out over the points%s", r->results->path, name,
                 rungs ? " and rungs" : "");
}

static int read_integers(const reader *r, int64_t **out, const char *name, size_t rungs,
                         int64_t most) {
  size_t count = 0;
  int status = check_shape(r, name, rungs, &count);
  if (status != LS_OK) return status;
  *out = ls_memory_new(r->memory, count, sizeof **out);
  return *out ? ls_h5_read_integers(r->file, name, (ls_h5_range){0, most}, count, *out) : LS_FAILED;
}

static int read_reals(const reader *r, double **out, const char *name) {
  size_t count = 0;
  int status = check_shape(r, name, r->out->rungs, &count);
  if (status != LS_OK) return status;
  *out = ls_memory_new(r->memory, count, sizeof **out);
  return *out ? ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, *out) : LS_FAILED;
}

static int read_rungs(const reader *r) {
  ls_h5_shape shape;
  const ls_h5_range range = {1, (int64_t)r->results->epochs};
  int status = ls_h5_describe(r->file, "search/rung", &shape);
  if (status != LS_OK) return status;
  size_t rungs = shape.rank == 1 ? (size_t)shape.extent[0] : 0;
  if (rungs == 0 || rungs > r->results->epochs) {
    return ls_fail(LS_INVALID, "%s: /search/rung: is not a list of epochs", r->results->path);
  }
  r->out->rungs = rungs;
  r->out->epochs = ls_memory_new(r->memory, rungs, sizeof *r->out->epochs);
  if (!r->out->epochs) return LS_FAILED;
  status = ls_h5_read_integers(r->file, "search/rung", range, rungs, r->out->epochs);
  for (size_t k = 1; k < rungs && status == LS_OK; k++) {
    if (r->out->epochs[k] > r->out->epochs[k - 1]) continue;
    status = ls_fail(LS_INVALID, "%s: /search/rung: is not ascending", r->results->path);
  }
  return status;
}

static int read_group(const reader *r) {
  report_search *s = r->out;
  int status = read_rungs(r);
  if (status != LS_OK) return status;
  int64_t last = (int64_t)s->rungs - 1, points = (int64_t)r->results->points;
  status = read_integers(r, &s->brackets, "search/bracket", 0, last);
  if (status == LS_OK) status = read_reals(r, &s->values, "search/value");
  if (status == LS_OK) status = read_reals(r, &s->thresholds, "search/threshold");
  if (status == LS_OK) status = read_integers(r, &s->compared, "search/compared", s->rungs, points);
  if (status != LS_OK) return status;
  return read_integers(r, &s->decisions, "search/decision", s->rungs, REPORT_COMPLETED);
}

int report_read_search(report_results *out, ls_memory *memory, hid_t file) {
  out->search = NULL;
  if (!ls_h5_has_group(file, "search")) return LS_OK;
  const reader r = {out, ls_memory_new(memory, 1, sizeof(report_search)), memory, file};
  int status = r.out ? read_group(&r) : LS_FAILED;
  if (status == LS_OK) out->search = r.out;
  return status;
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
