/* The final values of a sweep over two variables as a heat map, the values in the cells; of a sweep
 * over three, one map for each value of the variable that has the fewest. */
#include "report/figures/figure.h"

#include "figure/figure.h"
#include "lockstep/error.h"
#include "report/format.h"

enum { MOST_COLUMNS = 10, MOST_ROWS = 24, MOST_MAPS = 6 };

/* Which variable is drawn how. */
typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  const report_axis *maps; /* NULL: there is one */
  const report_axis *rows, *columns;
  report_range range;
  bool deviations; /* below the values */
} layout;

/* Of up to three variables the one with the fewest values distinguishes the maps, and the one with
 * the most goes from left to right if it fits. */
static bool choose_axes(layout *l, const report_results *r) {
  const report_axis *swept[3]; /* from the fewest to the most values */
  size_t count = 0;
  if (r->values) return false; /* not a point for each combination of values */
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    if (axis->count == 1) continue;
    if (count == 3) return false;
    size_t at = count++;
    for (; at > 0 && swept[at - 1]->count > axis->count; at--) swept[at] = swept[at - 1];
    swept[at] = axis;
  }
  if (count < 2) return false;
  bool fits = swept[count - 1]->count <= MOST_COLUMNS;
  l->maps = count == 3 ? swept[0] : NULL;
  l->rows = swept[fits ? count - 2 : count - 1];
  l->columns = swept[fits ? count - 1 : count - 2];
  return l->columns->count <= MOST_COLUMNS && l->rows->count <= MOST_ROWS &&
         (!l->maps || l->maps->count <= MOST_MAPS);
}

bool report_is_grid(const report_results *results) {
  layout l;
  return choose_axes(&l, results);
}

static layout make_layout(const report_summary *s) {
  layout l = {.results = s->results, .summary = s, .range = report_range_of(s)};
  choose_axes(&l, s->results);
  for (size_t p = 0; p < s->results->points; p++) {
    l.deviations |= report_monitored(s, p)->n > 1;
  }
  return l;
}

/* The point of a cell of a map. Rows are drawn from the top, their values rise from the foot. Other
 * variables have one value. */
static size_t point_at(const layout *l, size_t map, size_t cell) {
  size_t point = 0, row = l->rows->count - 1 - cell / l->columns->count;
  for (size_t v = 0; v < l->results->variable_count; v++) {
    const report_axis *axis = &l->results->variables[v];
    size_t place = axis == l->rows      ? row
                   : axis == l->columns ? cell % l->columns->count
                   : axis == l->maps    ? map
                                        : 0;
    point = point * axis->count + axis->order[place];
  }
  return point;
}

/* The text of a cell without a value: the most frequent status of its trials. */
static const char *outcome_of(const report_point *point) {
  int most = REPORT_PENDING;
  for (int k = 0; k < REPORT_STATUS_COUNT; k++) {
    if (point->counts[k] > point->counts[most]) most = k;
  }
  return report_status_words[most];
}

/* The texts of a cell: the value, and its deviation or why there is no value. */
static void fill_texts(const layout *l, size_t point, const char **value, const char **note) {
  ls_memory *memory = l->summary->memory;
  const report_stat *stat = report_monitored(l->summary, point);
  int decimals = report_monitored_decimals(l->summary);
  *value = *note = "";
  if (stat->n == 0) *(l->deviations ? note : value) = outcome_of(&l->summary->points[point]);
  if (stat->n > 0) {
    report_digits mean = report_number(stat->mean, REPORT_AS_FIXED, decimals);
    *value = ls_memory_text(memory, "%s", mean.text);
  }
  if (stat->n > 1) *note = ls_memory_text(memory, "±%.*f", decimals, stat->deviation);
}

static const char **labels_of(const layout *l, const report_axis *axis, bool turned_round) {
  const char **labels = ls_memory_new(l->summary->memory, axis->count, sizeof *labels);
  for (size_t i = 0; i < axis->count && labels; i++) {
    labels[turned_round ? axis->count - 1 - i : i] = axis->labels[axis->order[i]];
  }
  return labels;
}

static ls_figure_scale scale_of(const layout *l) {
  double low = l->range.low, high = l->range.high;
  if (!(high > low)) low = high - 1e-3;
  bool less = l->summary->better < 0;
  return (ls_figure_scale){LS_FIGURE_VIRIDIS, less ? high : low, less ? low : high, .power = 1,
                           .bar =
                               ls_memory_text(l->summary->memory, "final %s", l->results->monitor)};
}

static void fill_map(const layout *l, ls_figure_matrix *m, size_t map) {
  ls_memory *memory = l->summary->memory;
  size_t cells = l->rows->count * l->columns->count;
  double *values = ls_memory_new(memory, cells, sizeof *values);
  const char **texts = ls_memory_new(memory, cells, sizeof *texts);
  const char **notes = ls_memory_new(memory, cells, sizeof *notes);
  *m = (ls_figure_matrix){.title =
                              ls_memory_text(memory, "Final %s of all points", l->results->monitor),
                          .row_title = l->rows->name,
                          .column_title = l->columns->name,
                          .rows = l->rows->count,
                          .columns = l->columns->count,
                          .values = values,
                          .row_names = labels_of(l, l->rows, true),
                          .column_names = labels_of(l, l->columns, false),
                          .texts = texts,
                          .notes = l->deviations ? notes : NULL,
                          .scale = scale_of(l)};
  if (l->maps) {
    m->heading =
        ls_memory_text(memory, "%s = %s", l->maps->name, l->maps->labels[l->maps->order[map]]);
  }
  for (size_t i = 0; i < cells && values && texts && notes; i++) {
    size_t point = point_at(l, map, i);
    values[i] = report_monitored(l->summary, point)->mean;
    if (point == l->summary->best) m->framed = i + 1;
    fill_texts(l, point, &texts[i], &notes[i]);
  }
}

static void add_caption(ls_text *caption, const layout *l) {
  const report_results *r = l->results;
  ls_text_add(caption, "Final %s (%s) against %s and %s", r->monitor, report_when_final(r),
              l->columns->name, l->rows->name);
  if (l->maps) ls_text_add(caption, ", one map for each %s", l->maps->name);
  ls_text_add(caption, ".");
  if (l->deviations) {
    ls_text_add(caption, " Mean ± standard deviation over up to %zu trials.", r->repeats);
  }
  bool ranked = l->summary->better != 0;
  ls_text_add(caption, ranked ? " Lighter is better; the best is framed." : " Lighter is higher.");
  report_add_outliers(caption, &l->range, "The darkest colour also stands for ", "");
}

void report_draw_grid(report_figures *list, const report_summary *summary) {
  if (summary->ranked == 0) return;
  layout l = make_layout(summary);
  ls_figure_matrix maps[MOST_MAPS];
  size_t count = l.maps ? l.maps->count : 1;
  for (size_t i = 0; i < count; i++) fill_map(&l, &maps[i], i);
  if (ls_memory_status(list->memory) != LS_OK) return;
  ls_plot plot = ls_figure_matrices(maps, count);
  ls_text caption = {0};
  add_caption(&caption, &l);
  report_figure_add(list, "all_points", &caption, &plot);
}
