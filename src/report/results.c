/* Results in memory: looking things up. */
#include "report/results.h"

#include "base/escape.h"

#include <string.h>

const char *const report_status_words[REPORT_STATUS_COUNT] = {
    "pending", "running", "done", "stopped_early", "diverged", "failed", "pruned"};

const report_curve *report_find_curve(const report_results *r, const char *name) {
  for (size_t i = 0; i < r->curve_count; i++) {
    if (strcmp(r->curves[i].name, name) == 0) return &r->curves[i];
  }
  return NULL;
}

bool report_is_measure(const report_curve *curve) {
  bool other =
      strcmp(curve->name, "learning_rate") == 0 || strcmp(curve->name, "epoch_seconds") == 0;
  return !curve->final && !other;
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

size_t report_index(const report_results *r, size_t point, size_t variable) {
  if (r->values) return r->values[point * r->variable_count + variable];
  for (size_t v = r->variable_count; --v > variable;) point /= r->variables[v].count;
  return point % r->variables[variable].count;
}

const char *report_label(const report_results *r, size_t point, size_t variable) {
  return r->variables[variable].labels[report_index(r, point, variable)];
}

void report_add_point(ls_text *out, const report_results *r, size_t point) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    if (report_index(r, point, v) == r->variables[v].missing) continue;
    ls_text_add_visible(out, "%s%s = %s", comma, r->variables[v].name, report_label(r, point, v));
    comma = ", ";
  }
}

void report_add_fixed(ls_text *out, const report_results *r) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count > 1) continue;
    ls_text_add_visible(out, "%s%s = %s", comma, r->variables[v].name, report_label(r, 0, v));
    comma = ", ";
  }
}

const char *report_add_swept(ls_text *out, const report_results *r, size_t point,
                             const report_results *other, const char *comma) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    const report_axis *shown = other ? report_find_variable(other, axis->name) : NULL;
    if (axis->count == 1 || (shown && shown->count > 1)) continue;
    ls_text_add_visible(out, "%s%s = %s", comma, axis->name, report_label(r, point, v));
    comma = ", ";
  }
  return comma;
}
