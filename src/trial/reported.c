/* From the job's references and orderings to values and places of the points of its sweep. */
#include "trial/reported.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "trial/reported_keys.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct builder {
  const ls_job *job;
  const ls_plan *plan;
  ls_reported *out;
  ls_memory *memory;
  const ls_axis *axes; /* the variables of the sweep */
  size_t axis_count, points;
  size_t *values; /* of one point, [variable] */
} builder;

/* An entry that is being expanded. */
typedef struct entry {
  const char *where; /* its place in the job; NULL: the keys `reference...` at the top level */
  const char *metric;
  int of;
} entry;

/* What is wrong with a key of the entry. */
static int fail(const builder *b, const entry *e, const char *key, const char *what) {
  return e->where ? ls_fail(LS_INVALID, "%s.%s: %s", e->where, key, what)
                  : ls_job_fail(b->job, "reference", NULL, "%s", what);
}

static const char *keep(const builder *b, const char *text) {
  return text ? ls_memory_text(b->memory, "%s", text) : NULL;
}

/* ---- Metrics --------------------------------------------------------------------------------- */

static const char *const fields[] = {"trial_seconds", "epochs_run", "best_epoch"};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static const ls_curve *find_curve(const ls_curve *curves, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(curves[i].name, name) == 0) return &curves[i];
  }
  return NULL;
}

/* The values of the plan's test samples, which exist where the validation is on others. */
static const ls_curve *find_test_value(const ls_plan *plan, const char *name) {
  size_t count = plan->split.test_count > 0 ? plan->model->measure_count : 0;
  return find_curve(plan->finals, count, name);
}

static bool is_field(const char *name) {
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    if (strcmp(fields[i], name) == 0) return true;
  }
  return false;
}

/* Checks the entry's metric, which is set if it is left out; `directed`: one direction of it has to
 * be better. */
static int check_metric(const builder *b, entry *e, bool directed) {
  const char *headline = b->plan->curves[b->plan->headline].name;
  if (!e->metric) e->metric = headline;
  const ls_curve *curve = find_curve(b->plan->curves, b->plan->curve_count, e->metric);
  const ls_curve *test = find_test_value(b->plan, e->metric);
  if (!curve && !test && !is_field(e->metric)) {
    const char *what = ls_memory_text(b->memory, "unknown curve '%s' (expected one such as '%s')",
                                      e->metric, headline);
    return what ? fail(b, e, "metric", what) : LS_FAILED;
  }
  if (e->of == LS_OF_BEST && (!curve || curve->better == 0)) {
    const char *what = ls_memory_text(
        b->memory, "found best of %s (expected a curve of which one direction is better)",
        e->metric);
    return what ? fail(b, e, "of", what) : LS_FAILED;
  }
  if (!directed || test || (curve && curve->better != 0)) return LS_OK;
  const char *what = ls_memory_text(
      b->memory, "neither direction of %s is better (expected a measure of the model)", e->metric);
  return what ? fail(b, e, "metric", what) : LS_FAILED;
}

/* ---- Points ---------------------------------------------------------------------------------- */

static size_t find_axis(const builder *b, const char *name) {
  size_t i = 0;
  while (i < b->axis_count && strcmp(b->axes[i].name, name) != 0) i++;
  return i;
}

/* The number of a variable's value: of that label, or for numbers of that size. SIZE_MAX: none. */
static size_t find_value(const ls_axis *axis, const char *text) {
  for (size_t i = 0; i < axis->count; i++) {
    if (strcmp(axis->labels[i], text) == 0) return i;
  }
  char *end = NULL;
  double number = strtod(text, &end);
  if (!axis->numbers || end == text || *end) return SIZE_MAX;
  for (size_t i = 0; i < axis->count; i++) {
    if (fabs(axis->numbers[i] - number) <= 1e-9 * fabs(number)) return i;
  }
  return SIZE_MAX;
}

static int fail_variable(const builder *b, const entry *e, const char *key, const char *name) {
  const char *what = ls_memory_text(b->memory, "the sweep has no variable '%s'", name);
  return what ? fail(b, e, key, what) : LS_FAILED;
}

static int fail_value(const builder *b, const entry *e, const char *key, const ls_axis *axis,
                      const char *value) {
  const char *what =
      ls_memory_text(b->memory, "%s has no value '%s' in the sweep (expected one such as '%s')",
                     axis->name, value, axis->labels[0]);
  return what ? fail(b, e, key, what) : LS_FAILED;
}

/* Fills in the number of the value that the settings give each variable, SIZE_MAX for none. */
static int find_settings(const builder *b, const entry *e, const char *key,
                         const ls_settings *settings, size_t *wanted) {
  for (size_t i = 0; i < b->axis_count; i++) wanted[i] = SIZE_MAX;
  for (size_t i = 0; i < settings->count; i++) {
    const ls_setting *setting = &settings->items[i];
    size_t axis = find_axis(b, setting->variable);
    if (axis == b->axis_count) return fail_variable(b, e, key, setting->variable);
    wanted[axis] = find_value(&b->axes[axis], setting->value);
    if (wanted[axis] == SIZE_MAX) return fail_value(b, e, key, &b->axes[axis], setting->value);
  }
  return LS_OK;
}

/* Whether the point has the wanted values. */
static bool has_values(const builder *b, size_t point, const size_t *wanted) {
  bool all = true;
  ls_job_values(b->job, point, b->values);
  for (size_t i = 0; i < b->axis_count; i++) {
    all = all && (wanted[i] == SIZE_MAX || wanted[i] == b->values[i]);
  }
  return all;
}

/* Marks the points of the sweep that `at` (may be empty) selects, and counts them. */
static int select_points(const builder *b, const entry *e, const ls_settings_list *at,
                         bool **chosen, size_t *count) {
  static const ls_settings all = {0};
  size_t *wanted = ls_memory_new(b->memory, b->axis_count, sizeof *wanted);
  *chosen = ls_memory_new(b->memory, b->points, sizeof **chosen);
  if (!wanted || !*chosen) return LS_FAILED;
  int status = find_settings(b, e, "at", at->count ? at->items : &all, wanted);
  *count = 0;
  for (size_t p = 0; p < b->points && status == LS_OK; p++) {
    (*chosen)[p] = has_values(b, p, wanted);
    *count += (*chosen)[p];
  }
  return status;
}

/* ---- References ------------------------------------------------------------------------------ */

static int fail_count(const builder *b, const entry *e, const ls_reference_args *a, size_t points) {
  const char *what = ls_memory_text(
      b->memory, "has %zu values for %zu points of the sweep%s (expected one, or one for each)",
      a->value.count, points, a->at.count ? " that 'at' selects" : "");
  return what ? fail(b, e, "value", what) : LS_FAILED;
}

static int add_reference(const builder *b, const char *where, const ls_reference_args *a) {
  entry e = {where, a->metric, a->of};
  bool *chosen = NULL;
  size_t count = 0, next = 0;
  int status = check_metric(b, &e, false);
  if (status == LS_OK) status = select_points(b, &e, &a->at, &chosen, &count);
  if (status != LS_OK) return status;
  bool one = a->value.count == 1;
  if (!one && a->value.count != count) return fail_count(b, &e, a, count);
  double *values = ls_memory_new(b->memory, b->points, sizeof *values);
  if (!values) return LS_FAILED;
  for (size_t p = 0; p < b->points; p++) {
    values[p] = chosen[p] ? a->value.values[one ? 0 : next++] : NAN;
  }
  b->out->values[b->out->value_count++] =
      (ls_reported_value){.metric = keep(b, e.metric),
                          .of = ls_reported_of_words[a->of],
                          .bound = a->bound < 0 ? NULL : ls_reported_bound_words[a->bound],
                          .label = keep(b, a->label),
                          .comment = keep(b, a->comment),
                          .values = values};
  return ls_memory_status(b->memory);
}

/* The keys `reference...` are short for one entry. */
static int add_short_reference(const builder *b, const ls_recipe *r) {
  const ls_reference_args args = {.value = r->reference,
                                  .metric = r->reference_metric,
                                  .bound = -1,
                                  .label = r->reference_label};
  return r->reference.count > 0 ? add_reference(b, NULL, &args) : LS_OK;
}

static int add_references(const builder *b, const ls_recipe *r) {
  const ls_sections *list = &r->references;
  b->out->values = ls_memory_new(b->memory, list->count + 1, sizeof *b->out->values);
  int status = b->out->values ? add_short_reference(b, r) : LS_FAILED;
  for (size_t i = 0; i < list->count && status == LS_OK; i++) {
    status = add_reference(b, list->items[i].where, list->items[i].values);
  }
  return status;
}

/* ---- Orderings ------------------------------------------------------------------------------- */

/* The one that is given of the kinds of orderings. */
typedef struct kind {
  const char *key;
  const ls_settings_list *groups;
} kind;

static kind kind_of(const ls_ordering_args *a) {
  if (a->best.count) return (kind){"best", &a->best};
  if (a->worst.count) return (kind){"worst", &a->worst};
  if (a->order.count) return (kind){"order", &a->order};
  return (kind){"same", &a->same};
}

static bool is_kind(const kind *k, const char *key) {
  return strcmp(k->key, key) == 0;
}

/* The place of a group's points, and of the points that are in no group. */
static int place_of_group(const kind *k, size_t group) {
  return is_kind(k, "best") ? 1 : is_kind(k, "worst") ? 2 : (int)group + 1;
}

static int place_of_others(const kind *k) {
  return is_kind(k, "best") ? 2 : is_kind(k, "worst") ? 1 : 0;
}

/* Gives the points of a group their place. */
static int place_group(const builder *b, const entry *e, const kind *k, size_t group,
                       const bool *chosen, int *places) {
  size_t *wanted = ls_memory_new(b->memory, b->axis_count, sizeof *wanted);
  if (!wanted) return LS_FAILED;
  const ls_settings *settings = &k->groups->items[group];
  int status = find_settings(b, e, k->key, settings, wanted);
  bool alike = settings->count == k->groups->items[0].count;
  for (size_t i = 0; i < settings->count && alike; i++) {
    alike = strcmp(settings->items[i].variable, k->groups->items[0].items[i].variable) == 0;
  }
  if (status == LS_OK && !alike) {
    status = fail(b, e, k->key, "items have different variables (expected the same in each)");
  }
  size_t found = 0;
  for (size_t p = 0; p < b->points && status == LS_OK; p++) {
    if (!chosen[p] || !has_values(b, p, wanted)) continue;
    if (places[p]) return fail(b, e, k->key, "selects a point of the sweep twice");
    places[p] = place_of_group(k, group);
    found++;
  }
  if (status == LS_OK && found == 0)
    status = fail(b, e, k->key, "selects no point of those of 'at'");
  return status;
}

static int place_points(const builder *b, const entry *e, const kind *k, const bool *chosen,
                        int *places) {
  int status = LS_OK;
  for (size_t g = 0; g < k->groups->count && status == LS_OK; g++) {
    status = place_group(b, e, k, g, chosen, places);
  }
  size_t others = 0;
  for (size_t p = 0; p < b->points && status == LS_OK; p++) {
    if (!chosen[p] || places[p]) continue;
    places[p] = place_of_others(k);
    others++;
  }
  bool needed = place_of_others(k) > 0;
  if (status != LS_OK || !needed || others > 0) return status;
  return fail(b, e, k->key, "selects all points (expected others to compare with)");
}

static void add_settings(ls_text *out, const ls_settings *settings) {
  for (size_t i = 0; i < settings->count; i++) {
    ls_text_add(out, "%s%s = %s", i ? ", " : "", settings->items[i].variable,
                settings->items[i].value);
  }
}

/* "pooling = max better than pooling = mean, at kernel = 3". */
static const char *describe(const builder *b, const kind *k, const ls_settings_list *at) {
  ls_text text = {0};
  for (size_t g = 0; g < k->groups->count; g++) {
    if (g > 0) ls_text_add(&text, is_kind(k, "order") ? " better than " : " and ");
    add_settings(&text, &k->groups->items[g]);
  }
  if (!is_kind(k, "order")) ls_text_add(&text, is_kind(k, "same") ? " the same" : " %s", k->key);
  if (at->count) ls_text_add(&text, ", at ");
  if (at->count) add_settings(&text, at->items);
  return ls_memory_keep(b->memory, ls_text_take(&text));
}

/* The variables that the groups have values of. */
static const char *const *list_variables(const builder *b, const kind *k, size_t *count) {
  const ls_settings *first = &k->groups->items[0];
  const char **names = ls_memory_new(b->memory, first->count, sizeof *names);
  *count = names ? first->count : 0;
  for (size_t i = 0; i < *count; i++) names[i] = keep(b, first->items[i].variable);
  return names;
}

static int add_ordering(const builder *b, const char *where, const ls_ordering_args *a) {
  const kind k = kind_of(a);
  entry e = {where, a->metric, a->of};
  bool *chosen = NULL;
  size_t count = 0;
  int status = check_metric(b, &e, true);
  if (status == LS_OK) status = select_points(b, &e, &a->at, &chosen, &count);
  int *places = ls_memory_new(b->memory, b->points, sizeof *places);
  if (status == LS_OK) status = places ? place_points(b, &e, &k, chosen, places) : LS_FAILED;
  if (status != LS_OK) return status;
  ls_reported_ordering *out = &b->out->orderings[b->out->ordering_count++];
  *out = (ls_reported_ordering){.metric = keep(b, e.metric),
                                .of = ls_reported_of_words[a->of],
                                .label = keep(b, a->label),
                                .comment = keep(b, a->comment),
                                .claim = describe(b, &k, &a->at),
                                .relation = is_kind(&k, "same") ? "same" : "better",
                                .places = places};
  out->variables = list_variables(b, &k, &out->variable_count);
  return ls_memory_status(b->memory);
}

static int add_orderings(const builder *b, const ls_recipe *r) {
  const ls_sections *list = &r->orderings;
  b->out->orderings = ls_memory_new(b->memory, list->count, sizeof *b->out->orderings);
  int status = b->out->orderings ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < list->count && status == LS_OK; i++) {
    status = add_ordering(b, list->items[i].where, list->items[i].values);
  }
  return status;
}

/* ---- The whole ------------------------------------------------------------------------------- */

int ls_reported_create(ls_reported **out, const ls_job *job, const ls_plan *plan) {
  *out = ls_new(1, sizeof **out);
  if (!*out) return LS_FAILED;
  builder b = {.job = job, .plan = plan, .out = *out, .memory = &(*out)->memory};
  b.axis_count = ls_job_variables(job, &b.axes);
  b.points = ls_job_points(job);
  b.values = ls_memory_new(b.memory, b.axis_count, sizeof *b.values);
  int status = b.values ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = add_references(&b, &plan->recipe);
  if (status == LS_OK) status = add_orderings(&b, &plan->recipe);
  if (status != LS_OK) ls_reported_free(out);
  return status;
}

void ls_reported_free(ls_reported **reported) {
  if (!*reported) return;
  ls_memory_free(&(*reported)->memory);
  free(*reported);
  *reported = NULL;
}
