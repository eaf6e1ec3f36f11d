/* Results in memory: looking things up, and releasing them. */
#include "report/results.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const report_status_words[REPORT_STATUS_COUNT] = {
    "pending", "running", "done", "stopped_early", "diverged", "failed"};

const report_curve *report_find_curve(const report_results *r, const char *name) {
  for (size_t i = 0; i < r->curve_count; i++) {
    if (strcmp(r->curves[i].name, name) == 0) return &r->curves[i];
  }
  return NULL;
}

const report_axis *report_find_variable(const report_results *r, const char *name) {
  for (size_t v = 0; v < r->variable_count; v++) {
    if (strcmp(r->variables[v].name, name) == 0) return &r->variables[v];
  }
  return NULL;
}

const char *report_provenance(const report_results *r, const char *name) {
  for (size_t i = 0; i < r->entry_count; i++) {
    if (strcmp(r->provenance[i].name, name) == 0) return r->provenance[i].text;
  }
  return "";
}

double report_reference(const report_results *r, size_t point) {
  if (r->reference_count == 0) return NAN;
  return r->references[r->reference_count > 1 ? point : 0];
}

size_t report_index(const report_results *r, size_t point, size_t variable) {
  for (size_t v = r->variable_count; --v > variable;) point /= r->variables[v].count;
  return point % r->variables[variable].count;
}

const char *report_label(const report_results *r, size_t point, size_t variable) {
  return r->variables[variable].labels[report_index(r, point, variable)];
}

char *report_point_name(ls_memory *memory, const report_results *r, size_t point) {
  char *name = ls_memory_text(memory, "%s", "");
  for (size_t v = 0; v < r->variable_count && name; v++) {
    name = ls_memory_text(memory, "%s%s%s = %s", name, v ? ", " : "", r->variables[v].name,
                          report_label(r, point, v));
  }
  return name;
}

void report_results_free(report_results **results) {
  if (!*results) return;
  ls_memory_free(&(*results)->memory);
  free(*results);
  *results = NULL;
}
