/* The final values of a sweep over two variables as a heat map, the values in the cells; of a sweep
 * over three, one map for each value of the variable that has the fewest. */
#include "report/figures/figure.h"

#include "figure/figure.h"
#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 10, MOST_ROWS = 24, MOST_MAPS = 6 };

/* Which variable is drawn how. `maps` is SIZE_MAX where there is one map. */
typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  size_t maps, rows, columns;
  size_t *map_order, *row_order, *column_order;
  size_t map_count, row_count, column_count;
  report_range range;
  bool deviations; /* below the values */
} layout;

/* Of up to three variables the one with the fewest values distinguishes the maps, and the one with
 * the most goes from left to right if it fits. */
static bool choose_axes(const report_results *r, size_t *maps, size_t *rows, size_t *columns) {
  size_t swept[3], count = 0;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count == 1) continue;
    if (count == 3) return false;
    swept[count++] = v;
  }
  if (count < 2) return false;
  for (size_t i = 1; i < count; i++) { /* from the fewest to the most values */
    for (size_t k = i; k > 0; k--) {
      if (r->variables[swept[k - 1]].count <= r->variables[swept[k]].count) break;
      size_t swap = swept[k];
      swept[k] = swept[k - 1];
      swept[k - 1] = swap;
    }
  }
  *maps = count == 3 ? swept[0] : SIZE_MAX;
  *rows = swept[count - 2];
  *columns = swept[count - 1];
  if (r->variables[*columns].count > MOST_COLUMNS) {
    size_t swap = *columns;
    *columns = *rows;
    *rows = swap;
  }
  return r->variables[*columns].count <= MOST_COLUMNS && r->variables[*rows].count <= MOST_ROWS &&
         (count == 2 || r->variables[*maps].count <= MOST_MAPS);
}

bool report_is_grid(const report_results *results) {
  size_t maps, rows, columns;
  return choose_axes(results, &maps, &rows, &columns);
}

static const report_axis *axis_of(const layout *l, size_t variable) {
  return &l->results->variables[variable];
}

static int make_layout(layout *l, const report_summary *s) {
  *l = (layout){.results = s->results, .summary = s};
  choose_axes(l->results, &l->maps, &l->rows, &l->columns);
  bool several = l->maps != SIZE_MAX;
  if (several) l->map_order = report_value_order(l->summary->memory, axis_of(l, l->maps));
  l->row_order = report_value_order(l->summary->memory, axis_of(l, l->rows));
  l->column_order = report_value_order(l->summary->memory, axis_of(l, l->columns));
  l->map_count = several ? axis_of(l, l->maps)->count : 1;
  l->row_count = axis_of(l, l->rows)->count;
  l->column_count = axis_of(l, l->columns)->count;
  for (size_t p = 0; p < l->results->points; p++) {
    l->deviations |= report_monitored(s, p)->n > 1;
  }
  int status = ls_memory_status(l->summary->memory);
  return status == LS_OK ? report_range_of(&l->range, s) : status;
}

/* The point of a cell of a map. Rows are drawn from the top, their values rise from the foot. Other
 * variables have one value. */
static size_t point_at(const layout *l, size_t map, size_t cell) {
  size_t point = 0, row = l->row_count - 1 - cell / l->column_count;
  for (size_t v = 0; v < l->results->variable_count; v++) {
    size_t i = v == l->rows      ? l->row_order[row]
               : v == l->columns ? l->column_order[cell % l->column_count]
               : v == l->maps    ? l->map_order[map]
                                 : 0;
    point = point * l->results->variables[v].count + i;
  }
  return point;
}

/* What is said in a cell without a value: what became of most of its trials. */
static const char *outcome_of(const report_point *point) {
  int most = REPORT_PENDING;
  for (int k = 0; k < REPORT_STATUS_COUNT; k++) {
    if (point->counts[k] > point->counts[most]) most = k;
  }
  return report_status_words[most];
}

/* The texts of a cell: the value, and its deviation or why there is no value. */
static void fill_texts(layout *l, size_t point, const char **value, const char **note) {
  const report_stat *stat = report_monitored(l->summary, point);
  int decimals = l->summary->decimals[l->summary->monitor];
  char number[REPORT_NUMBER] = "";
  if (stat->n > 0) report_number(number, stat->mean, REPORT_AS_FIXED, decimals);
  *value = ls_memory_text(l->summary->memory, "%s",
                          stat->n > 0     ? number
                          : l->deviations ? ""
                                          : outcome_of(&l->summary->points[point]));
  if (!note) return;
  if (stat->n > 1) report_number(number, stat->deviation, REPORT_AS_ROUNDED, decimals);
  *note = ls_memory_text(l->summary->memory, "%s%s", stat->n > 1 ? "±" : "",
                         stat->n > 1   ? number
                         : stat->n > 0 ? ""
                                       : outcome_of(&l->summary->points[point]));
}

static const char **labels_of(layout *l, size_t variable, const size_t *order, bool turned_round) {
  const report_axis *axis = axis_of(l, variable);
  const char **labels = ls_memory_new(l->summary->memory, axis->count, sizeof *labels);
  for (size_t i = 0; i < axis->count && labels; i++) {
    labels[turned_round ? axis->count - 1 - i : i] = axis->labels[order[i]];
  }
  return labels;
}

static ls_figure_scale scale_of(layout *l) {
  double low = l->range.low, high = l->range.high;
  if (!(high > low)) low = high - 1e-3;
  bool less = l->summary->better < 0;
  return (ls_figure_scale){LS_FIGURE_VIRIDIS, less ? high : low, less ? low : high, .power = 1,
                           .bar =
                               ls_memory_text(l->summary->memory, "final %s", l->results->monitor)};
}

static void fill_map(layout *l, ls_figure_matrix *m, size_t map) {
  size_t cells = l->row_count * l->column_count;
  double *values = ls_memory_new(l->summary->memory, cells, sizeof *values);
  const char **texts = ls_memory_new(l->summary->memory, cells, sizeof *texts);
  const char **notes = ls_memory_new(l->summary->memory, cells, sizeof *notes);
  *m = (ls_figure_matrix){
      .title = ls_memory_text(l->summary->memory, "Final %s of all points", l->results->monitor),
      .row_title = axis_of(l, l->rows)->name,
      .column_title = axis_of(l, l->columns)->name,
      .rows = l->row_count,
      .columns = l->column_count,
      .values = values,
      .row_names = labels_of(l, l->rows, l->row_order, true),
      .column_names = labels_of(l, l->columns, l->column_order, false),
      .texts = texts,
      .notes = l->deviations ? notes : NULL,
      .scale = scale_of(l)};
  if (l->maps != SIZE_MAX) {
    const report_axis *axis = axis_of(l, l->maps);
    m->heading =
        ls_memory_text(l->summary->memory, "%s = %s", axis->name, axis->labels[l->map_order[map]]);
  }
  for (size_t i = 0; i < cells && values && texts && notes; i++) {
    size_t point = point_at(l, map, i);
    values[i] = report_monitored(l->summary, point)->mean;
    if (point == l->summary->best) m->framed = i + 1;
    fill_texts(l, point, &texts[i], l->deviations ? &notes[i] : NULL);
  }
}

static void add_caption(ls_text *caption, const layout *l) {
  const report_results *r = l->results;
  ls_text_add(caption, "Final %s (%s) against %s and %s", r->monitor, report_when_final(r),
              axis_of(l, l->columns)->name, axis_of(l, l->rows)->name);
  if (l->maps != SIZE_MAX) {
    ls_text_add(caption, ", one map for each %s", axis_of(l, l->maps)->name);
  }
  ls_text_add(caption, ".");
  if (l->deviations) {
    ls_text_add(caption, " Mean ± standard deviation over up to %zu trials.", r->repeats);
  }
  bool ranked = l->summary->better != 0;
  ls_text_add(caption, ranked ? " Lighter is better; the best is framed." : " Lighter is higher.");
  if (l->range.beyond > 0) {
    ls_text_add(caption, " The darkest colour also stands for %zu outlier%s beyond %.4g.",
                l->range.beyond, l->range.beyond == 1 ? "" : "s",
                l->summary->better > 0 ? l->range.low : l->range.high);
  }
}

int report_draw_grid(report_figures *list, const report_summary *summary) {
  if (summary->ranked == 0) return LS_OK;
  layout l;
  int status = make_layout(&l, summary);
  ls_figure_matrix maps[MOST_MAPS];
  for (size_t i = 0; i < l.map_count && status == LS_OK; i++) fill_map(&l, &maps[i], i);
  if (status == LS_OK) status = ls_memory_status(list->memory);
  if (status != LS_OK) return status;
  ls_plot plot;
  ls_text caption = {0};
  ls_figure_describe(&plot, &(ls_figure){.matrices = maps, .matrix_count = l.map_count});
  add_caption(&caption, &l);
  return report_figure_add(list, "all_points", &caption, &plot);
}
