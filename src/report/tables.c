/* The columns of the tables: what each of them shows of a point. */
#include "report/tables.h"

#include "base/escape.h"
#include "report/search.h"
#include "report/sentences.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Columns of statistics and tests ---- */

void report_add_difference(report_table *t, const report_test *test, int decimals) {
  report_table_add_number(t, "difference", test->difference, REPORT_AS_SIGNED, decimals);
  report_table_add_number(t, "95 % ±", test->half_width, REPORT_AS_ROUNDED, decimals);
}

void report_add_probabilities(report_table *t, const report_test *test) {
  report_table_add_number(t, "t", test->t, REPORT_AS_ROUNDED, 2);
  report_table_add_number(t, "p", test->p, REPORT_AS_P, 0);
  report_table_add_number(t, "p (Holm)", test->p_holm, REPORT_AS_P, 0);
}

void report_add_exact_stat(report_table *t, const char *name, const report_stat *stat,
                           bool extremes) {
  double half = report_half_width(stat);
  report_table_add_exact(t, name, "_mean", stat->mean);
  report_table_add_exact(t, name, "_std", stat->deviation);
  if (extremes) report_table_add_exact(t, name, "_min", stat->least);
  if (extremes) report_table_add_exact(t, name, "_max", stat->most);
  report_table_add_exact(t, name, "_n", (double)stat->n);
  report_table_add_exact(t, name, "_ci95_low", stat->mean - half);
  report_table_add_exact(t, name, "_ci95_high", stat->mean + half);
}

static double pairs_of(const report_test *test) {
  return test->pairs ? (double)test->pairs : NAN;
}

void report_add_exact_test(report_table *t, const report_test *test) {
  report_table_add_exact(t, "difference", "", test->difference);
  report_table_add_exact(t, "difference", "_ci95_low", test->difference - test->half_width);
  report_table_add_exact(t, "difference", "_ci95_high", test->difference + test->half_width);
  report_table_add_exact(t, "pairs", "", pairs_of(test));
  report_table_add_exact(t, "t", "", test->t);
  report_table_add_exact(t, "p", "", test->p);
  report_table_add_exact(t, "p_holm", "", test->p_holm);
}

/* Adds the row of a point. */
typedef void row_function(report_table *table, const report_summary *summary, size_t point);

/* Fills a table of up to `most` points, of those that `shows` chooses (NULL: any): all of them in
 * the order of the sweep unless they are to be `ranked`, or the best ones. */
static report_table fill(const report_summary *s, size_t most, bool ranked, row_function *add_row,
                         bool (*shows)(const report_summary *, size_t)) {
  size_t points = s->results->points, shown = points <= most ? points : most;
  report_table t = {.headed = true};
  for (size_t i = 0; i < shown; i++) {
    size_t point = ranked || shown < points ? s->ranking[i] : i;
    if (shows && !shows(s, point)) continue;
    if (point == s->best) t.best = t.rows + 1;
    add_row(&t, s, point);
    report_table_end_row(&t);
  }
  report_table_finish(&t, s->memory);
  return t;
}

/* ---- The table of points ---- */

static bool is_validation(const report_curve *curve) {
  return strncmp(curve->name, "val_", 4) == 0;
}

static void add_variables(report_table *t, const report_results *r, size_t point) {
  for (size_t v = 0; v < r->variable_count; v++) {
    report_table_add_text(t, r->variables[v].name, report_label(r, point, v));
  }
}

static void add_status(report_table *t, const report_summary *s, size_t point, size_t status) {
  report_table_add_count(t, report_status_words[status], s->points[point].counts[status]);
}

static void add_curve(report_table *t, const report_summary *s, size_t point, size_t curve) {
  const report_values *finals = &s->finals[curve];
  report_table_add_number(t, s->results->curves[curve].name, finals->stats[point].mean,
                          REPORT_AS_FIXED, finals->decimals);
}

static void add_monitored(report_table *t, const report_summary *s, size_t point) {
  const report_results *r = s->results;
  const report_stat *stat = report_monitored(s, point);
  bool several = r->repeats > 1;
  int d = report_monitored_decimals(s);
  report_add_mean(report_table_add(t, r->monitor), stat, d);
  if (several) {
    report_table_add_count(t, "n", stat->n);
    report_table_add_number(t, "95 % ±", report_half_width(stat), REPORT_AS_ROUNDED, d);
  }
  if (several && s->better) {
    report_table_add_number(t, "best", report_best(s, stat), REPORT_AS_FIXED, d);
  }
}

/* The other validation curves, and the training curve that belongs to the monitored one. */
static void add_other_curves(report_table *t, const report_summary *s, size_t point) {
  const report_results *r = s->results;
  const report_curve *monitor = &r->curves[s->monitor];
  for (size_t c = 0; c < r->curve_count; c++) {
    if (c != s->monitor && is_validation(&r->curves[c])) add_curve(t, s, point, c);
  }
  const report_curve *training =
      is_validation(monitor) ? report_find_curve(r, monitor->name + 4) : NULL;
  if (training) add_curve(t, s, point, (size_t)(training - r->curves));
}

/* The most important columns come first. Of a search the test values of all points are left out:
 * they are for the chosen one, and would be used to choose. */
static void add_point(report_table *t, const report_summary *s, size_t point) {
  const report_results *r = s->results;
  add_variables(t, r, point);
  add_monitored(t, s, point);
  for (size_t c = 0; c < r->curve_count && !report_is_searched(s); c++) {
    if (r->curves[c].final) add_curve(t, s, point, c);
  }
  for (size_t k = 0; k < REPORT_STATUS_COUNT; k++) {
    bool with_result = k == REPORT_DONE || k == REPORT_STOPPED_EARLY;
    if (!with_result && s->counts[k]) add_status(t, s, point, k);
  }
  add_other_curves(t, s, point);
  report_table_add_number(t, "epochs", s->points[point].epochs.mean, REPORT_AS_FIXED, 1);
  report_table_add_number(t, "seconds", s->points[point].seconds.mean, REPORT_AS_FIXED, 1);
}

/* ---- A single trial ---- */

static void add_curves(report_table *table, const report_results *r, bool final) {
  size_t epochs = r->trials[0].epochs_run;
  for (size_t c = 0; c < r->curve_count; c++) {
    const report_curve *curve = &r->curves[c];
    if (curve->final != final) continue;
    double value = final ? curve->values[0] : epochs ? curve->values[epochs - 1] : NAN;
    if (final ? isnan(value) : epochs == 0) continue;
    ls_text_add(report_table_add_pair(table, curve->name), "%.5g", value);
  }
}

static report_table make_single(const report_summary *s) {
  const report_results *r = s->results;
  const report_trial *trial = &r->trials[0];
  report_table t = {0};
  for (size_t v = 0; v < r->variable_count; v++) {
    ls_text_add_visible(report_table_add_pair(&t, r->variables[v].name), "%s",
                        r->variables[v].labels[0]);
  }
  ls_text_add(report_table_add_pair(&t, "status"), "%s", report_status_words[trial->status]);
  ls_text_add(report_table_add_pair(&t, "epochs"), "%zu of %zu", trial->epochs_run, r->epochs);
  if (trial->best_epoch) {
    ls_text_add(report_table_add_pair(&t, "best epoch"), "%zu", trial->best_epoch);
  }
  add_curves(&t, r, false);
  if (trial->best_epoch) {
    const char *name = ls_memory_text(s->memory, "%s at best epoch", r->monitor);
    ls_text_add(report_table_add_pair(&t, name ? name : ""), "%.5g",
                r->curves[s->monitor].values[trial->best_epoch - 1]);
  }
  add_curves(&t, r, true);
  ls_text_add(report_table_add_pair(&t, "seed"), "%" PRIu64, trial->seed);
  ls_text_add(report_table_add_pair(&t, "weights hash"), "%016" PRIx64, trial->weights_hash);
  if (!isnan(trial->seconds)) {
    ls_text_add(report_table_add_pair(&t, "seconds"), "%.1f", trial->seconds);
  }
  report_table_finish(&t, s->memory);
  return t;
}

report_table report_points_table(const report_summary *s, size_t most) {
  bool single = s->results->points * s->results->repeats == 1;
  return single ? make_single(s) : fill(s, most, report_is_searched(s), add_point, NULL);
}

/* ---- Tests, and CSV ---- */

/* Not the best, nor those without a result. */
static bool is_tested(const report_summary *s, size_t point) {
  return !isnan(s->tests[point].difference);
}

static void add_test(report_table *t, const report_summary *s, size_t point) {
  const report_test *test = &s->tests[point];
  add_variables(t, s->results, point);
  report_add_difference(t, test, report_monitored_decimals(s));
  report_table_add_number(t, "pairs", pairs_of(test), REPORT_AS_EXACT, 0);
  report_add_probabilities(t, test);
  report_table_add_text(t, "within 1 SE", s->within[point] ? "yes" : "no");
}

report_table report_tests_table(const report_summary *s, size_t most) {
  return fill(s, report_has_tests(s) ? most : 0, report_is_searched(s), add_test, is_tested);
}

static void add_exact_variables(report_table *t, const report_results *r, size_t point) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    size_t i = report_index(r, point, v);
    if (axis->numbers) report_table_add_exact(t, axis->name, "", axis->numbers[i]);
    const char *label = i == axis->missing ? "" : axis->labels[i];
    if (!axis->numbers) report_table_add_text(t, axis->name, label);
  }
}

/* The number of references before this one with the same title. */
static size_t count_alike(const report_results *r, size_t reference) {
  const report_reference *one = &r->references[reference];
  size_t alike = 0;
  for (size_t i = 0; i < reference; i++) {
    const report_reference *other = &r->references[i];
    alike += one->best == other->best && strcmp(one->metric, other->metric) == 0;
  }
  return alike;
}

/* Under "reported_val_accuracy" or "reported_best_val_accuracy", with "_2" for a second one. */
static void add_exact_reference(report_table *t, const report_results *r, size_t reference,
                                size_t point) {
  const report_reference *one = &r->references[reference];
  size_t alike = count_alike(r, reference);
  char title[160], number[24] = "";
  if (alike > 0) snprintf(number, sizeof number, "_%zu", alike + 1);
  snprintf(title, sizeof title, "reported_%s%s", one->best ? "best_" : "", one->metric);
  report_table_add_exact(t, title, number, one->values[point]);
}

static void add_exact_point(report_table *t, const report_summary *s, size_t point) {
  const report_results *r = s->results;
  const report_point *p = &s->points[point];
  bool known = !isnan(s->bound) && report_monitored(s, point)->n > 0;
  add_exact_variables(t, r, point);
  size_t statuses = s->counts[REPORT_PRUNED] ? REPORT_STATUS_COUNT : REPORT_PRUNED;
  for (size_t k = 0; k < statuses; k++) add_status(t, s, point, k);
  for (size_t c = 0; c < r->curve_count; c++) {
    report_add_exact_stat(t, r->curves[c].name, &s->finals[c].stats[point], true);
  }
  report_table_add_exact(t, "epochs", "_mean", p->epochs.mean);
  report_table_add_exact(t, "seconds", "_mean", p->seconds.mean);
  report_add_exact_test(t, &s->tests[point]);
  report_table_add_exact(t, "within_one_standard_error", "", known ? s->within[point] : NAN);
  for (size_t i = 0; i < r->reference_count; i++) add_exact_reference(t, r, i, point);
}

report_table report_csv_table(const report_summary *s) {
  return fill(s, SIZE_MAX, false, add_exact_point, NULL);
}

/* ---- Rungs of a search ---- */

/* The points of a bracket at a rung. */
typedef struct rung {
  size_t decisions[REPORT_COMPLETED + 1];
  double threshold; /* NaN: none */
  double *values;   /* sorted */
  size_t count;
} rung;

static rung read_rung(const report_summary *s, size_t bracket, size_t k) {
  const report_results *r = s->results;
  const report_search *search = r->search;
  rung out = {.threshold = NAN, .values = ls_memory_new(s->memory, r->points, sizeof *out.values)};
  if (!out.values) return out;
  for (size_t p = 0; p < r->points; p++) {
    size_t at = p * search->rungs + k;
    if (search->brackets[p] != (int64_t)bracket) continue;
    if (isfinite(search->thresholds[at])) out.threshold = search->thresholds[at];
    if (isfinite(search->values[at])) out.values[out.count++] = search->values[at];
    bool reached = isfinite(search->values[at]) || search->decisions[at] != REPORT_UNDECIDED;
    if (reached) out.decisions[search->decisions[at]]++;
  }
  report_sort(out.values, out.count);
  return out;
}

static void add_rung(report_table *t, const report_summary *s, const rung *r, int64_t epochs) {
  int decimals = report_monitored_decimals(s);
  double best = r->count == 0 ? NAN : r->values[s->better < 0 ? 0 : r->count - 1];
  double median = r->count == 0 ? NAN : report_quantile(r->values, r->count, 0.5);
  size_t points = 0;
  for (int k = 0; k <= REPORT_COMPLETED; k++) points += r->decisions[k];
  report_table_add_count(t, "epochs", (size_t)epochs);
  report_table_add_count(t, "points", points);
  report_table_add_count(t, "promoted", r->decisions[REPORT_PROMOTED]);
  report_table_add_count(t, "pruned", r->decisions[REPORT_LEFT_OUT]);
  report_table_add_count(t, "completed", r->decisions[REPORT_COMPLETED]);
  report_table_add_count(t, "undecided", r->decisions[REPORT_UNDECIDED]);
  report_table_add_number(t, "needed", r->threshold, REPORT_AS_FIXED, decimals);
  report_table_add_number(t, "best", best, REPORT_AS_FIXED, decimals);
  report_table_add_number(t, "median", median, REPORT_AS_FIXED, decimals);
}

report_table report_rungs_table(const report_summary *s) {
  const report_results *r = s->results;
  size_t rungs = r->search ? r->search->rungs : 0, bracket = 0;
  report_table t = {.headed = true};
  for (size_t b = 0; b < rungs; b++) {
    bool used = report_bracket_size(r, b) > 0;
    bracket += used;
    for (size_t k = b; k < rungs && used; k++) {
      const rung at = read_rung(s, b, k);
      report_table_add_count(&t, "bracket", bracket);
      add_rung(&t, s, &at, r->search->epochs[k]);
      report_table_end_row(&t);
    }
  }
  report_table_finish(&t, s->memory);
  return t;
}
