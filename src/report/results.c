/* Results in memory: looking things up, and releasing them. */
#include "report/results.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const ls_report_curve *ls_report_find_curve(const ls_report_results *results, const char *name) {
  for (size_t i = 0; i < results->curve_count; i++) {
    if (strcmp(results->curves[i].name, name) == 0) return &results->curves[i];
  }
  return NULL;
}

int ls_report_better(const ls_report_results *results, const char *name) {
  for (size_t i = 0; i < results->final_count; i++) {
    if (strcmp(results->finals[i].name, name) == 0) return results->finals[i].better;
  }
  const ls_report_curve *curve = ls_report_find_curve(results, name);
  return curve ? curve->better : 0;
}

double ls_report_reference(const ls_report_results *results, size_t point) {
  if (results->reference_count == 0) return NAN;
  return results->references[results->reference_count > 1 ? point : 0];
}

size_t ls_report_index(const ls_report_results *results, size_t point, size_t variable) {
  for (size_t v = results->variable_count; --v > variable;) point /= results->variables[v].count;
  return point % results->variables[variable].count;
}

char *ls_report_point_name(const ls_report_results *results, size_t point) {
  ls_text text = {0};
  for (size_t v = 0; v < results->variable_count; v++) {
    const ls_report_axis *axis = &results->variables[v];
    ls_text_add(&text, "%s%s = %s", text.length ? ", " : "", axis->name,
                axis->labels[ls_report_index(results, point, v)]);
  }
  return ls_text_take(&text);
}

static void free_variable(ls_report_axis *axis) {
  for (size_t i = 0; axis->labels && i < axis->count; i++) free(axis->labels[i]);
  free(axis->labels);
  free(axis->numbers);
  free(axis->name);
}

static void free_curves(ls_report_curve *curves, size_t count) {
  for (size_t i = 0; i < count; i++) {
    free(curves[i].name);
    free(curves[i].title);
    free(curves[i].units);
    free(curves[i].values);
  }
  free(curves);
}

void ls_report_results_free(ls_report_results **results) {
  ls_report_results *r = *results;
  if (!r) return;
  for (size_t i = 0; i < r->variable_count; i++) free_variable(&r->variables[i]);
  free_curves(r->curves, r->curve_count);
  free_curves(r->finals, r->final_count);
  for (size_t i = 0; i < r->note_count; i++) {
    free(r->provenance[i].name);
    free(r->provenance[i].text);
  }
  char *texts[] = {
      r->title, r->job, r->source, r->history, r->monitor, r->reference_metric, r->reference_label};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
  free(r->variables);
  free(r->trials);
  free(r->references);
  free(r->provenance);
  free(r);
  *results = NULL;
}
