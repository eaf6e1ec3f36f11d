/* The figures of an evaluation: a quantity against the level of each perturbation, and accuracy
 * against confidence. */
#include "study/evaluate/result.h"

#include <math.h>
#include <string.h>

enum { FEWEST = 10 }; /* predictions in a bin */

/* Draws curves, whose title follows from those of their axes. */
static void draw(labelled *l, const char *what, ls_figure_curves curves, const char *caption) {
  curves.title = ls_memory_text(&l->memory, "%s against %s", curves.y_title, curves.x_title);
  if (!curves.title || !what || !caption) return;
  labelled_draw(l, what, ls_figure_lines(&curves), "%s", caption);
}

/* ---- Perturbations ---- */

/* What the level of a perturbation is, with units. */
static const char *level_title(labelled *l, const ls_perturbation *p) {
  const ls_perturbation_type *type = p->type;
  if (strcmp(type->units, "1") == 0) return type->level;
  return ls_memory_text(&l->memory, "%s (%s)", type->level, type->units);
}

/* A quantity; with its interval where it is an accuracy. */
static void draw_curve(labelled *l, const evaluate_result *r, size_t p, size_t q,
                       const char *what) {
  const ls_perturbation *own = &r->options->perturbations[p];
  const double *values = r->curves[p];
  bool banded = r->quantities[q].kind == QUANTITY_ACCURACY;
  const char *title = r->quantities[q].long_name, *level = level_title(l, own);
  ls_figure_line *lines = ls_memory_new(&l->memory, r->entry_count, sizeof *lines);
  for (size_t i = 0; lines && i < r->entry_count; i++) {
    lines[i] = (ls_figure_line){.label = r->entries[i].name,
                                .count = own->count,
                                .x = own->levels,
                                .y = values + curve_at(r, p, q, i, 0),
                                .dashed = r->entries[i].through != NULL};
    if (!banded) continue;
    lines[i].low = values + curve_at(r, p, q + 1, i, 0);
    lines[i].high = values + curve_at(r, p, q + 2, i, 0);
  }
  const char *caption = ls_memory_text(
      &l->memory, "The %s of each model against the %s%s%s.", title, level ? level : "",
      banded ? ", with its 95 % interval (Wilson)" : "",
      r->options->through_count > 0 ? "; dashed: inputs go through another model first" : "");
  if (ls_memory_status(&l->memory) != LS_OK) return;
  draw(l, what, (ls_figure_curves){NULL, level, title, lines, r->entry_count}, caption);
}

/* One figure for each head's accuracy, or for the loss where no classes are predicted. */
static void draw_perturbation(labelled *l, const evaluate_result *r, size_t p) {
  const char *level = r->options->perturbations[p].type->name;
  if (r->head_count == 0) draw_curve(l, r, p, 0, level);
  for (size_t q = 0; q < r->quantity_count; q++) {
    if (r->quantities[q].kind != QUANTITY_ACCURACY) continue;
    const char *prefix = r->heads[r->quantities[q].head].prefix;
    draw_curve(l, r, p, q, ls_memory_text(&l->memory, "%s%s", prefix, level));
  }
}

/* A row for each example: unchanged, then at each level. */
static void draw_examples(labelled *l, const evaluate_result *r, size_t p) {
  const ls_perturbation *own = &r->options->perturbations[p];
  const ls_shape *shape = &r->inputs->dataset->shape;
  size_t size = (size_t)ls_shape_size(shape), levels = levels_drawn(own), columns = 1 + levels;
  ls_figure_image images[EXAMPLES * (1 + MOST_LEVELS_DRAWN)];
  const char *across[1 + MOST_LEVELS_DRAWN] = {"original"}, *down[EXAMPLES];
  for (size_t k = 0; k < levels; k++) {
    across[1 + k] = ls_memory_text(&l->memory, "%g", own->levels[k]);
  }
  for (size_t i = 0; i < r->example_count; i++) {
    down[i] = ls_memory_text(&l->memory, "no. %lld", (long long)r->samples[i]);
    images[i * columns] = labelled_image(shape, r->examples + i * size);
    for (size_t k = 0; k < levels; k++) {
      images[i * columns + 1 + k] =
          labelled_image(shape, r->perturbed[p] + (k * r->example_count + i) * size);
    }
  }
  const char *what = ls_memory_text(&l->memory, "%s_samples", own->type->name);
  const char *title = level_title(l, own);
  const char *which =
      levels < own->count
          ? ls_memory_text(&l->memory, "the first %zu of %zu levels", levels, own->count)
          : "each level";
  if (ls_memory_status(&l->memory) != LS_OK) return;
  ls_figure_grid grid = {.title = "Perturbed samples",
                         .images = images,
                         .count = r->example_count * columns,
                         .columns = columns,
                         .row_labels = down,
                         .column_labels = across,
                         .column_title = title,
                         .scale = {LS_FIGURE_GREY, 0, 1}};
  labelled_draw(l, what, ls_figure_images(&grid), "The first samples, and with %s at %s.",
                own->type->name, which);
}

/* ---- Reliability ---- */

/* The bins of an entry that have enough predictions: those of fewer say nothing. */
typedef struct points {
  double confidence[RELIABILITY_BINS], accuracy[RELIABILITY_BINS];
  double low[RELIABILITY_BINS], high[RELIABILITY_BINS];
  size_t count;
} points;

static void take_points(points *out, const reliability *bins) {
  for (size_t b = 0; b < RELIABILITY_BINS; b++) {
    if (bins->count[b] < FEWEST) continue;
    double n = (double)bins->count[b];
    interval own = statistics_wilson((size_t)rint(bins->accuracy[b] * n), (size_t)n);
    size_t at = out->count++;
    out->confidence[at] = bins->confidence[b];
    out->accuracy[at] = bins->accuracy[b];
    out->low[at] = own.low;
    out->high[at] = own.high;
  }
}

/* The reliability diagram: accuracy against confidence, by bins, with its interval. */
static void draw_reliability(labelled *l, const evaluate_result *r, const class_head *h) {
  static const double ends[] = {0, 1};
  size_t n = r->entry_count;
  points *all = ls_memory_new(&l->memory, n, sizeof *all);
  ls_figure_line *lines = ls_memory_new(&l->memory, n + 1, sizeof *lines);
  if (!all || !lines) return;
  for (size_t i = 0; i < n; i++) {
    take_points(&all[i], &h->bins[i]);
    lines[i] = (ls_figure_line){.label = r->entries[i].name,
                                .count = all[i].count,
                                .x = all[i].confidence,
                                .y = all[i].accuracy,
                                .low = all[i].low,
                                .high = all[i].high,
                                .dashed = r->entries[i].through != NULL};
  }
  lines[n] = (ls_figure_line){
      .label = "perfect calibration", .count = 2, .x = ends, .y = ends, .reference = true};
  draw(l, ls_memory_text(&l->memory, "%sreliability", h->prefix),
       (ls_figure_curves){NULL, "confidence", "accuracy", lines, n + 1},
       "Accuracy of predictions against their confidence: bins of 10 or more predictions, with "
       "their 95 % intervals (Wilson).");
}

void evaluate_draw(labelled *l, const void *result) {
  const evaluate_result *r = result;
  for (size_t h = 0; h < r->head_count; h++) draw_reliability(l, r, &r->heads[h]);
  for (size_t p = 0; p < r->options->perturbation_count; p++) {
    draw_perturbation(l, r, p);
    draw_examples(l, r, p);
  }
}
