/* The figures of an evaluation: a quantity against the level of each perturbation, and how far
 * confidence can be relied on. */
#include "study/evaluate/evaluation.h"

#include "base/memory.h"
#include "figure/figure.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 10 }; /* predictions in a bin */

/* "shift (pixel)"; a plain number has no units. */
static void axis_title(char out[128], const char *what, const char *units) {
  bool plain = strcmp(units, "1") == 0;
  snprintf(out, 128, plain ? "%s" : "%s (%s)", what, units);
}

static int draw(labelled *l, const char *what, ls_figure_curves *curves, const char *caption) {
  char *path = NULL, title[256];
  int status = labelled_figure_path(&path, l, what);
  snprintf(title, sizeof title, "%s against %s", curves->y_title, curves->x_title);
  curves->title = title;
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.curves = curves});
  if (status == LS_OK) status = labelled_add_figure(l, path, "%s", caption);
  free(path);
  return status;
}

/* A quantity with its interval, where it is an accuracy: the next two are that. */
static int draw_curve(labelled *l, const evaluation *e, size_t p, size_t q, const char *what) {
  const ls_perturbation *own = &e->options->perturbations[p];
  ls_figure_line *lines = ls_new(e->entry_count, sizeof *lines);
  if (!lines) return LS_FAILED;
  bool interval_too = e->quantities[q].kind == QUANTITY_ACCURACY;
  for (size_t i = 0; i < e->entry_count; i++) {
    const double *values = e->curves[p];
    lines[i] = (ls_figure_line){.label = e->entries[i].name,
                                .count = own->count,
                                .x = own->levels,
                                .y = values + curve_at(e, p, q, i, 0),
                                .dashed = e->entries[i].through != NULL};
    if (!interval_too) continue;
    lines[i].low = values + curve_at(e, p, q + 1, i, 0);
    lines[i].high = values + curve_at(e, p, q + 2, i, 0);
  }
  char level[128], caption[384];
  axis_title(level, own->type->level, own->type->units);
  ls_figure_curves curves = {.x_title = level,
                             .y_title = e->quantities[q].long_name,
                             .lines = lines,
                             .count = e->entry_count};
  snprintf(caption, sizeof caption, "The %s of each model against the %s%s%s.", curves.y_title,
           level, interval_too ? ", with its 95 % interval (Wilson)" : "",
           e->options->through_count > 0 ? "; dashed: inputs go through another model first" : "");
  int status = draw(l, what, &curves, caption);
  free(lines);
  return status;
}

/* One figure for each head's accuracy, or for the loss where no classes are told. */
static int draw_perturbation(labelled *l, const evaluation *e, size_t p) {
  const char *level = e->options->perturbations[p].type->name;
  if (e->head_count == 0) return draw_curve(l, e, p, 0, level);
  int status = LS_OK;
  for (size_t q = 0; q < e->quantity_count && status == LS_OK; q++) {
    if (e->quantities[q].kind != QUANTITY_ACCURACY) continue;
    char what[256];
    snprintf(what, sizeof what, "%s%s", e->heads[e->quantities[q].head].prefix, level);
    status = draw_curve(l, e, p, q, what);
  }
  return status;
}

/* The reliability diagram: accuracy against confidence, by bins, with its interval. */
static int draw_reliability(labelled *l, const evaluation *e, size_t h) {
  reliability *bins = ls_new(e->entry_count, sizeof *bins);
  double(*bands)[2][RELIABILITY_BINS] = ls_new(e->entry_count, sizeof *bands);
  ls_figure_line *lines = ls_new(e->entry_count + 1, sizeof *lines);
  int status = bins && bands && lines ? LS_OK : LS_FAILED;
  static const double ends[] = {0, 1};
  for (size_t i = 0; i < e->entry_count && status == LS_OK; i++) {
    size_t head = evaluation_head(e, e->entries[i].model, h);
    lines[i] = (ls_figure_line){.label = e->entries[i].name,
                                .x = bins[i].confidence,
                                .y = bins[i].accuracy,
                                .low = bands[i][0],
                                .high = bands[i][1],
                                .dashed = e->entries[i].through != NULL};
    if (head == SIZE_MAX) continue;
    bins[i] = outcome_reliability(&e->plain[i], head);
    /* Bins of few predictions tell nothing and are left out; lines go on over them. */
    for (size_t b = 0; b < RELIABILITY_BINS; b++) {
      if (bins[i].count[b] < FEW) continue;
      size_t n = (size_t)bins[i].count[b], at = lines[i].count++;
      interval own = statistics_wilson((size_t)rint(bins[i].accuracy[b] * bins[i].count[b]), n);
      bands[i][0][at] = own.low;
      bands[i][1][at] = own.high;
      bins[i].confidence[at] = bins[i].confidence[b];
      bins[i].accuracy[at] = bins[i].accuracy[b];
    }
  }
  if (status == LS_OK) {
    lines[e->entry_count] = (ls_figure_line){.label = "as often right as confident",
                                             .count = 2,
                                             .x = ends,
                                             .y = ends,
                                             .reference = true};
    ls_figure_curves curves = {.x_title = "confidence",
                               .y_title = "accuracy",
                               .lines = lines,
                               .count = e->entry_count + 1};
    char what[128];
    snprintf(what, sizeof what, "%sreliability", e->heads[h].prefix);
    status = draw(l, what, &curves,
                  "How often predictions are right, by their confidence: bins of 10 or more "
                  "predictions, with their 95 % intervals (Wilson).");
  }
  free(lines);
  free(bands);
  free(bins);
  return status;
}

int evaluation_draw(labelled *l, const evaluation *e) {
  int status = LS_OK;
  for (size_t h = 0; h < e->head_count && status == LS_OK; h++) status = draw_reliability(l, e, h);
  for (size_t p = 0; p < e->options->perturbation_count && status == LS_OK; p++) {
    status = draw_perturbation(l, e, p);
  }
  return status;
}
