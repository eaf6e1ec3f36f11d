/* The columns of the tables: what each of them shows of a point. */
#include "report/tables.h"

#include "lockstep/error.h"
#include "report/format.h"
#include "report/sentences.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* ---- Statistics and tests ----------------------------------------------------------------------
 */

const char *const report_stat_suffixes[] = {"_mean", "_std",      "_min",      "_max",
                                            "_n",    "_ci95_low", "_ci95_high"};
const char *const report_test_names[] = {
    "difference", "difference_ci95_low", "difference_ci95_high", "pairs", "t", "p", "p_holm"};

double report_stat_number(const report_stat *stat, report_stat_field field) {
  double half = report_half_width(stat);
  const double numbers[] = {
      [REPORT_MEAN] = stat->mean,           [REPORT_STD] = stat->deviation,
      [REPORT_MIN] = stat->least,           [REPORT_MAX] = stat->most,
      [REPORT_N] = (double)stat->n,         [REPORT_CI_LOW] = stat->mean - half,
      [REPORT_CI_HIGH] = stat->mean + half, [REPORT_CI_HALF] = half};
  return numbers[field];
}

double report_test_number(const report_test *t, report_test_field field) {
  const double numbers[] = {[REPORT_DIFFERENCE] = t->difference,
                            [REPORT_DIFFERENCE_LOW] = t->difference - t->half_width,
                            [REPORT_DIFFERENCE_HIGH] = t->difference + t->half_width,
                            [REPORT_PAIRS] = t->pairs ? (double)t->pairs : NAN,
                            [REPORT_T] = t->t,
                            [REPORT_P] = t->p,
                            [REPORT_P_HOLM] = t->p_holm,
                            [REPORT_DIFFERENCE_HALF] = t->half_width,
                            [REPORT_DF] = t->df};
  return numbers[field];
}

/* ---- What columns show of a point --------------------------------------------------------------
 */

static void label_text(ls_text *cell, const void *data, const report_column *c, size_t point) {
  ls_text_add(cell, "%s", report_label(((const report_summary *)data)->results, point, c->index));
}

/* The value in full precision. */
static void value_text(ls_text *cell, const void *data, const report_column *c, size_t point) {
  const report_results *r = ((const report_summary *)data)->results;
  const report_axis *axis = &r->variables[c->index];
  char number[REPORT_NUMBER];
  if (axis->numbers)
    report_number(number, axis->numbers[report_index(r, point, c->index)], REPORT_AS_EXACT, 0);
  ls_text_add(cell, "%s", axis->numbers ? number : report_label(r, point, c->index));
}

static void mean_text(ls_text *cell, const void *data, const report_column *c, size_t point) {
  report_add_mean(cell, &((const report_summary *)data)->points[point].finals[c->index],
                  c->decimals);
}

static void within_text(ls_text *cell, const void *data, const report_column *c, size_t point) {
  (void)c;
  ls_text_add(cell, "%s", ((const report_summary *)data)->within[point] ? "yes" : "no");
}

static double final_number(const void *data, const report_column *c, size_t point) {
  const report_summary *s = data;
  return report_stat_number(&s->points[point].finals[c->index], c->field);
}

static double best_number(const void *data, const report_column *c, size_t point) {
  const report_summary *s = data;
  return report_best(s, &s->points[point].finals[c->index]);
}

static double count_number(const void *data, const report_column *c, size_t point) {
  return (double)((const report_summary *)data)->points[point].counts[c->index];
}

/* The other numbers of a point. */
enum { EPOCHS, SECONDS, REFERENCE, WITHIN };

/* Whether the point is within one standard error of the best, NaN where that is not known. */
static double is_within(const report_summary *s, size_t point) {
  bool known = !isnan(s->bound) && report_monitored(s, point)->n > 0;
  return known ? s->within[point] : NAN;
}

static double point_number(const void *data, const report_column *c, size_t point) {
  const report_summary *s = data;
  const double numbers[] = {[EPOCHS] = s->points[point].epochs.mean,
                            [SECONDS] = s->points[point].seconds.mean,
                            [REFERENCE] = report_reference(s->results, point),
                            [WITHIN] = is_within(s, point)};
  return numbers[c->field];
}

static double test_number(const void *data, const report_column *c, size_t point) {
  return report_test_number(&((const report_summary *)data)->tests[point], c->field);
}

/* ---- The table of points -----------------------------------------------------------------------
 */

static bool is_validation(const report_curve *curve) {
  return strncmp(curve->name, "val_", 4) == 0;
}

static void add_variables(report_columns *columns, const report_results *r, bool exact) {
  for (size_t v = 0; v < r->variable_count; v++) {
    report_columns_add(columns, (report_column){.title = r->variables[v].name,
                                                .text = exact ? value_text : label_text,
                                                .index = v});
  }
}

static void add_status(report_columns *columns, size_t status) {
  report_columns_add(columns, (report_column){.title = report_status_words[status],
                                              .number = count_number,
                                              .index = status});
}

/* Adds the columns that are shown. */
static void add_shown(report_columns *columns, const report_column *items, const bool *shown,
                      size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!shown || shown[i]) report_columns_add(columns, items[i]);
  }
}

static void add_curve(report_columns *columns, const report_summary *s, size_t curve) {
  report_columns_add(columns, (report_column){.title = s->results->curves[curve].name,
                                              .number = final_number,
                                              .format = REPORT_AS_FIXED,
                                              .decimals = s->decimals[curve],
                                              .index = curve});
}

/* The other validation curves, and the training curve that belongs to the monitored one. */
static void add_other_curves(report_columns *columns, const report_summary *s) {
  const report_results *r = s->results;
  const report_curve *monitor = &r->curves[s->monitor];
  for (size_t c = 0; c < r->curve_count; c++) {
    if (c != s->monitor && is_validation(&r->curves[c])) add_curve(columns, s, c);
  }
  const report_curve *training =
      is_validation(monitor) ? report_find_curve(r, monitor->name + 4) : NULL;
  if (training) add_curve(columns, s, (size_t)(training - r->curves));
}

/* The most important columns come first. */
static void list_columns(report_columns *columns, const report_summary *s) {
  const report_results *r = s->results;
  const size_t m = s->monitor;
  const int d = s->decimals[m];
  const report_column monitored[] = {
      {r->curves[m].name, .text = mean_text, .decimals = d, .index = m},
      {"n", .number = final_number, .index = m, .field = REPORT_N},
      {"95 % ±", .number = final_number, .format = REPORT_AS_ROUNDED, .decimals = d, .index = m,
       .field = REPORT_CI_HALF},
      {"best", .number = best_number, .format = REPORT_AS_FIXED, .decimals = d, .index = m},
      {"reference", .number = point_number, .field = REFERENCE, .format = REPORT_AS_FIXED,
       .decimals = d},
  };
  bool several = r->repeats > 1;
  const bool shown[] = {true, several, several, several && s->better, r->reference_count > 1};
  const report_column last[] = {
      {"epochs", .number = point_number, .field = EPOCHS, .format = REPORT_AS_FIXED, .decimals = 1},
      {"seconds", .number = point_number, .field = SECONDS, .format = REPORT_AS_FIXED,
       .decimals = 1},
  };
  add_variables(columns, r, false);
  add_shown(columns, monitored, shown, COUNT_OF(monitored));
  for (size_t c = 0; c < r->curve_count; c++) {
    if (r->curves[c].final) add_curve(columns, s, c);
  }
  for (size_t k = 0; k < REPORT_STATUS_COUNT; k++) {
    bool with_result = k == REPORT_DONE || k == REPORT_STOPPED_EARLY;
    if (!with_result && s->counts[k]) add_status(columns, k);
  }
  add_other_curves(columns, s);
  add_shown(columns, last, NULL, COUNT_OF(last));
}

/* Makes a table of up to `most` points, of those that `shows` all (NULL: any), and releases the
 * columns. */
static int make_table(report_table **out, report_columns *columns, const report_summary *s,
                      size_t most, bool (*shows)(const report_summary *, size_t)) {
  size_t points = s->results->points;
  bool all = points <= most;
  int status = ls_memory_status(&columns->memory);
  if (status == LS_OK) status = report_table_create(out, columns->count, true);
  if (status == LS_OK) report_table_add_headings(*out, columns);
  for (size_t i = 0; status == LS_OK && i < (all ? points : most); i++) {
    size_t point = all ? i : s->ranking[i];
    if (shows && !shows(s, point)) continue;
    report_table_add_row(*out, columns, s, point);
    if (point == s->best) (*out)->best = (*out)->rows - 1;
  }
  ls_memory_free(&columns->memory);
  return report_table_finish(out, status);
}

/* ---- A single trial ----------------------------------------------------------------------------
 */

/* Adds a name, and returns the cell beside it. */
static ls_text *named(report_table *table, const char *name) {
  ls_text_add(report_table_add(table), "%s", name);
  return report_table_add(table);
}

static void add_curves(report_table *table, const report_results *r, bool final) {
  size_t epochs = r->trials[0].epochs_run;
  for (size_t c = 0; c < r->curve_count; c++) {
    const report_curve *curve = &r->curves[c];
    if (curve->final != final) continue;
    double value = final ? curve->values[0] : epochs ? curve->values[epochs - 1] : NAN;
    if (final ? !isnan(value) : epochs > 0) ls_text_add(named(table, curve->name), "%.5g", value);
  }
}

static int make_single(report_table **out, const report_summary *s) {
  const report_results *r = s->results;
  const report_trial *trial = &r->trials[0];
  int status = report_table_create(out, 2, false);
  if (status != LS_OK) return status;
  report_table *table = *out;
  for (size_t v = 0; v < r->variable_count; v++) {
    ls_text_add(named(table, r->variables[v].name), "%s", r->variables[v].labels[0]);
  }
  ls_text_add(named(table, "status"), "%s", report_status_words[trial->status]);
  ls_text_add(named(table, "epochs"), "%zu of %zu", trial->epochs_run, r->epochs);
  if (trial->best_epoch) ls_text_add(named(table, "best epoch"), "%zu", trial->best_epoch);
  add_curves(table, r, false);
  if (trial->best_epoch) {
    ls_text_add(report_table_add(table), "%s at best epoch", r->monitor);
    ls_text_add(report_table_add(table), "%.5g",
                r->curves[s->monitor].values[trial->best_epoch - 1]);
  }
  add_curves(table, r, true);
  ls_text_add(named(table, "seed"), "%" PRIu64, trial->seed);
  ls_text_add(named(table, "weights hash"), "%016" PRIx64, trial->weights_hash);
  if (!isnan(trial->seconds)) ls_text_add(named(table, "seconds"), "%.1f", trial->seconds);
  return report_table_finish(out, status);
}

int report_points_table(report_table **out, const report_summary *s, size_t most) {
  if (s->results->points * s->results->repeats == 1) return make_single(out, s);
  report_columns columns = {0};
  list_columns(&columns, s);
  return make_table(out, &columns, s, most, NULL);
}

/* ---- Tests, and CSV ----------------------------------------------------------------------------
 */

/* Not the best, nor those without a result. */
static bool is_tested(const report_summary *s, size_t point) {
  return !isnan(s->tests[point].difference);
}

int report_tests_table(report_table **out, const report_summary *s, size_t most) {
  int d = s->decimals[s->monitor];
  const report_column tests[] = {
      {"difference", .number = test_number, .format = REPORT_AS_SIGNED, .decimals = d},
      {"95 % ±", .number = test_number, .format = REPORT_AS_ROUNDED, .decimals = d,
       .field = REPORT_DIFFERENCE_HALF},
      {"pairs", .number = test_number, .field = REPORT_PAIRS},
      {"t", .number = test_number, .format = REPORT_AS_ROUNDED, .decimals = 2, .field = REPORT_T},
      {"p", .number = test_number, .format = REPORT_AS_P, .field = REPORT_P},
      {"p (Holm)", .number = test_number, .format = REPORT_AS_P, .field = REPORT_P_HOLM},
      {"within 1 SE", .text = within_text},
  };
  report_columns columns = {0};
  add_variables(&columns, s->results, false);
  add_shown(&columns, tests, NULL, COUNT_OF(tests));
  return make_table(out, &columns, s, report_has_tests(s) ? most : 0, is_tested);
}

int report_csv_table(report_table **out, const report_summary *s) {
  const report_results *r = s->results;
  report_columns columns = {0};
  add_variables(&columns, r, true);
  for (size_t k = 0; k < REPORT_STATUS_COUNT; k++) add_status(&columns, k);
  for (size_t i = 0; i < r->curve_count * REPORT_STAT_FIELDS; i++) {
    size_t curve = i / REPORT_STAT_FIELDS, field = i % REPORT_STAT_FIELDS;
    report_columns_add(&columns,
                       (report_column){r->curves[curve].name, report_stat_suffixes[field],
                                       .number = final_number, .index = curve, .field = field});
  }
  const report_column means[] = {
      {"epochs_mean", .number = point_number, .field = EPOCHS},
      {"seconds_mean", .number = point_number, .field = SECONDS},
  };
  const report_column last[] = {
      {"within_one_standard_error", .number = point_number, .field = WITHIN},
      {"reference", .number = point_number, .field = REFERENCE},
  };
  add_shown(&columns, means, NULL, COUNT_OF(means));
  for (size_t field = 0; field < REPORT_TEST_FIELDS; field++) {
    report_columns_add(
        &columns, (report_column){report_test_names[field], .number = test_number, .field = field});
  }
  add_shown(&columns, last, NULL, r->reference_count > 0 ? 2 : 1);
  return make_table(out, &columns, s, SIZE_MAX, NULL);
}
