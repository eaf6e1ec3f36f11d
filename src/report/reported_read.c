/* Groups of references and orderings -> plain data. Files of earlier versions have one reference,
 * as an attribute if it is one for all points, else as a dataset. */
#include "lockstep/error.h"
#include "report/reader.h"

#include <limits.h>
#include <string.h>

static report_layout variables(const report_reader *r) {
  return (report_layout){r->point_rank, 0, "variables"};
}

/* Whether the text attribute `name` of a member is `word`. */
static bool is(report_reader *r, const char *member, const char *name, const char *word) {
  return strcmp(report_read_text(r, member, name, ""), word) == 0;
}

static void read_reference(report_reader *r, report_reference *out, const char *name) {
  *out = (report_reference){.metric = report_read_text(r, name, "metric", r->results->monitor),
                            .label = report_read_text(r, name, "label", ""),
                            .comment = report_read_text(r, name, "comment", ""),
                            .values = report_read_reals(r, name, variables(r)),
                            .best = is(r, name, "of", "best")};
  out->bound = is(r, name, "bound", "lower") ? 1 : is(r, name, "bound", "upper") ? -1 : 0;
}

/* Reads which variables are varied. Returns the number of their values, at least of one point. */
static int64_t read_varied(report_reader *r, bool *varied, const char *name) {
  const report_results *out = r->results;
  size_t count = 0;
  int64_t values = out->values ? (int64_t)out->points : 1;
  char **names = report_read_texts(r, name, "variables", &count);
  for (size_t i = 0; i < count && varied; i++) {
    const report_axis *axis = report_find_variable(out, names[i]);
    if (axis) varied[axis - out->variables] = true;
  }
  for (size_t v = 0; v < out->variable_count && varied && !out->values; v++) {
    values *= varied[v] ? (int64_t)out->variables[v].count : 1;
  }
  return values;
}

static void read_ordering(report_reader *r, report_ordering *out, const char *name) {
  const report_results *results = r->results;
  *out = (report_ordering){.metric = report_read_text(r, name, "metric", results->monitor),
                           .label = report_read_text(r, name, "label", ""),
                           .comment = report_read_text(r, name, "comment", ""),
                           .claim = report_read_text(r, name, "long_name", ""),
                           .best = is(r, name, "of", "best"),
                           .same = is(r, name, "relation", "same"),
                           .places = report_new(r, results->points, sizeof *out->places),
                           .varied = report_new(r, results->variable_count, sizeof *out->varied)};
  int64_t most = read_varied(r, out->varied, name);
  int64_t *places = report_read_integers(r, name, variables(r), most < INT_MAX ? most : INT_MAX);
  for (size_t p = 0; p < results->points && r->status == LS_OK; p++) {
    out->places[p] = (int)places[p];
  }
}

/* The reference of a file of an earlier version. */
static void read_old(report_reader *r) {
  report_results *out = r->results;
  bool one = ls_h5_has_attribute(r->file, ".", "reference");
  if (r->status != LS_OK || (!one && !ls_h5_has(r->file, "reference"))) return;
  out->references = report_new(r, 1, sizeof *out->references);
  double *values = one ? report_new(r, out->points, sizeof *values)
                       : report_read_reals(r, "reference", variables(r));
  if (one && values) r->status = ls_h5_get_number(r->file, ".", "reference", values);
  if (r->status != LS_OK) return;
  for (size_t p = 1; p < out->points && one; p++) values[p] = values[0];
  out->reference_count = 1;
  *out->references =
      (report_reference){.metric = report_read_text(r, ".", "reference_metric", out->monitor),
                         .label = report_read_text(r, ".", "reference_label", ""),
                         .comment = "",
                         .values = values};
}

void report_read_reported(report_reader *r) {
  report_results *out = r->results;
  char **references = report_read_members(r, "references", &out->reference_count);
  char **orderings = report_read_members(r, "orderings", &out->ordering_count);
  out->references = report_new(r, out->reference_count, sizeof *out->references);
  out->orderings = report_new(r, out->ordering_count, sizeof *out->orderings);
  for (size_t i = 0; i < out->reference_count && r->status == LS_OK; i++) {
    const char *name = ls_memory_text(r->memory, "references/%s", references[i]);
    if (name) read_reference(r, &out->references[i], name);
  }
  for (size_t i = 0; i < out->ordering_count && r->status == LS_OK; i++) {
    const char *name = ls_memory_text(r->memory, "orderings/%s", orderings[i]);
    if (name) read_ordering(r, &out->orderings[i], name);
  }
  if (out->reference_count == 0) read_old(r);
}
