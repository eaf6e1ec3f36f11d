/* The values of one sweep variable: a list, a range, labelled values, one value, or a distribution
 * from which values are drawn. */
#include "job/values.h"

#include "job/bind.h"
#include "job/distributions.h"
#include "job/resolve.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- The mapping of a range ------------------------------------------------------------------ */

typedef struct range_args {
  ls_reals linear, log; /* first and last value, or none */
  int64_t count;        /* 0: given by the step */
  double step;          /* NaN: given by the count */
} range_args;

static const ls_arg range_table[] = {
    {"range", LS_ARG_REALS, offsetof(range_args, linear), "null",
     "first and last of equally spaced values", .min_items = 2, .max_items = 2},
    {"log_range", LS_ARG_REALS, offsetof(range_args, log), "null",
     "first and last of values that are equally spaced on a logarithmic scale", .min = 0,
     .max = INFINITY, .flags = LS_ABOVE_MIN, .min_items = 2, .max_items = 2, .instead_of = "range"},
    {"count", LS_ARG_INTEGER, offsetof(range_args, count), "null", "number of values", .min = 1,
     .max = LS_MAX_TRIALS},
    {"step", LS_ARG_REAL, offsetof(range_args, step), "null", "difference between two values",
     .instead_of = "count"},
    {NULL},
};

static const char *check_range(const void *values) {
  const range_args *a = values;
  bool counted = a->log.count == 0 || a->count > 0;
  return counted ? NULL : "log_range has no 'step' (expected 'count')";
}

const ls_component ls_range = {"range", "computed values of a sweep variable", sizeof(range_args),
                               range_table, check_range};

/* ---- Reading it ------------------------------------------------------------------------------ */

/* Computed values are rounded to this many digits, beyond which lie only the errors of computing:
 * 0.3 instead of 0.30000000000000004, and decades that are exact. */
enum { LINEAR_DIGITS = 15, LOG_DIGITS = 13 };

typedef struct range {
  bool log;
  const ls_node *ends[2];
  double first, last;
  size_t count;
} range;

/* The number of values of a range that is given by its step. */
static int count_steps(range *r, double step, const ls_node *node, const ls_path *path) {
  double steps = (r->last - r->first) / step; /* not finite for a step of 0 */
  if (!(steps >= 0) || !(fabs(steps - rint(steps)) <= 1e-9 * fmax(1, steps))) {
    return ls_diagnostic_fail(node->place, path,
                              "no whole number of steps of %s leads from %s to %s", node->text,
                              r->ends[0]->text, r->ends[1]->text);
  }
  if (!(steps < LS_MAX_TRIALS)) {
    return ls_diagnostic_fail(node->place, path, "%s is too small (expected at most %d values)",
                              node->text, LS_MAX_TRIALS);
  }
  r->count = (size_t)rint(steps) + 1;
  return LS_OK;
}

static int fill_range(range *r, const range_args *args, const ls_node *resolved,
                      const ls_path *path) {
  const ls_reals *numbers = args->log.count > 0 ? &args->log : &args->linear;
  const ls_node *ends = ls_node_find(resolved, args->log.count > 0 ? "log_range" : "range");
  const ls_path count = {path, "count", 0}, step = {path, "step", 0};
  *r = (range){.log = args->log.count > 0,
               .ends = {ends->first, ends->last},
               .first = numbers->values[0],
               .last = numbers->values[1],
               .count = (size_t)args->count};
  if (r->count == 0) return count_steps(r, args->step, ls_node_find(resolved, step.key), &step);
  if (r->count > 1 || r->first == r->last) return LS_OK;
  return ls_diagnostic_fail(ls_node_find(resolved, count.key)->place, &count,
                            "1 is too small (expected room for both ends)");
}

static int read_range(range *r, ls_arena *arena, const ls_node *entry, const ls_path *path) {
  const ls_variables none = {0};
  ls_node *resolved = NULL;
  range_args args;
  int status = ls_resolve(&resolved, arena, &none, &ls_range, entry, path);
  if (status == LS_OK) status = ls_bind(&ls_range, resolved, path, &args);
  if (status != LS_OK) return status;
  status = fill_range(r, &args, resolved, path);
  ls_component_clear(&ls_range, &args);
  return status;
}

static double range_value(const range *r, size_t i) {
  if (i == 0) return r->first;
  if (i == r->count - 1) return r->last;
  double share = (double)i / (double)(r->count - 1);
  double from = r->log ? log10(r->first) : r->first, to = r->log ? log10(r->last) : r->last;
  double value = from + share * (to - from);
  if (r->log) return pow(10, value);
  return fabs(value) < 1e-15 * fmax(fabs(from), fabs(to)) ? 0 : value;
}

/* The text of a value: integers as such, so that they can stand for integers; else the ends as
 * they were written. */
static ls_node *make_value(const range *r, size_t i, ls_arena *arena, ls_place place) {
  char text[40];
  double value = range_value(r, i);
  bool whole = value == rint(value) && fabs(value)<1e15, inner = i> 0 && i < r->count - 1;
  int length =
      snprintf(text, sizeof text, "%.*g", r->log && inner ? LOG_DIGITS : LINEAR_DIGITS, value);
  const char *kept =
      whole || inner ? ls_arena_text(arena, text, (size_t)length) : r->ends[i > 0]->text;
  return kept ? ls_node_new_scalar(arena, kept, place) : NULL;
}

static int expand_range(ls_values *values, ls_arena *arena, const ls_node *entry,
                        const ls_path *path) {
  range r = {0};
  int status = read_range(&r, arena, entry, path);
  if (status != LS_OK) return status;
  values->ranged = true;
  values->log = r.log;
  values->count = r.count;
  values->nodes = ls_arena_new(arena, r.count * sizeof *values->nodes);
  if (!values->nodes) return LS_FAILED;
  double before = NAN;
  for (size_t i = 0; i < r.count; i++) {
    double value = 0;
    values->nodes[i] = make_value(&r, i, arena, entry->place);
    if (!values->nodes[i]) return LS_FAILED;
    ls_node_number(values->nodes[i], &value);
    if (value == before) {
      return ls_diagnostic_fail(entry->place, path,
                                "its values can't be told apart (expected fewer)");
    }
    before = value;
  }
  return LS_OK;
}

/* ---- Listed values --------------------------------------------------------------------------- */

/* The items of a list, or the values of a mapping, which are labelled by their keys. */
static int read_list(ls_values *values, ls_arena *arena, const ls_node *list, const ls_path *path) {
  values->labelled = list->kind == LS_NODE_MAPPING;
  if (list->count == 0) return ls_node_fail(list, path, "at least one value");
  values->nodes = ls_arena_new(arena, list->count * sizeof *values->nodes);
  if (!values->nodes) return LS_FAILED;
  for (const ls_node *item = list->first; item; item = item->next) {
    values->nodes[values->count++] = item;
  }
  return LS_OK;
}

/* A mapping with a key of the table; any other one is of labels to values. */
static bool is_range(const ls_node *entry) {
  if (entry->kind != LS_NODE_MAPPING) return false;
  for (const ls_arg *arg = range_table; arg->name; arg++) {
    if (ls_node_find(entry, arg->name)) return true;
  }
  return false;
}

static int read_listed(ls_values *values, ls_arena *arena, const ls_node *entry,
                       const ls_path *path) {
  if (entry->kind != LS_NODE_SCALAR) return read_list(values, arena, entry, path);
  if (ls_node_is_null(entry)) return ls_node_fail(entry, path, "a list of values or a range");
  values->nodes = ls_arena_new(arena, sizeof *values->nodes);
  if (!values->nodes) return LS_FAILED;
  values->nodes[values->count++] = entry;
  return LS_OK;
}

/* ---- Drawn values ---------------------------------------------------------------------------- */

static bool holds_numbers(const ls_node *list) {
  double number;
  bool found = list->kind == LS_NODE_LIST && list->count > 0;
  for (const ls_node *item = list->first; item && found; item = item->next) {
    found = ls_node_number(item, &number);
  }
  return found;
}

/* Whether the only entry of a mapping is a distribution, known or misspelt, and not a value with a
 * label. */
static bool is_distribution(const ls_node *only) {
  if (ls_family_find(&ls_distributions, only->key)) return true;
  if (only->kind == LS_NODE_MAPPING) return ls_node_find(only, "low") && ls_node_find(only, "high");
  bool named = strstr(only->key, "uniform") || strstr(only->key, "normal");
  return named && holds_numbers(only);
}

static int fail_distribution(const ls_node *only, const ls_path *path) {
  const char *names[LS_MAX_DISTRIBUTIONS];
  for (size_t i = 0; i < ls_distributions.count; i++) names[i] = ls_distributions.members[i]->name;
  return ls_diagnostic_fail_unknown(only->place, path, "distribution", only->key, names,
                                    ls_distributions.count);
}

static int read_distribution(ls_values *values, ls_arena *arena, const ls_node *only,
                             const ls_path *path) {
  const ls_variables none = {0};
  const ls_path at = {path, only->key, 0};
  const ls_component *type = ls_family_find(&ls_distributions, only->key);
  ls_node *resolved = NULL;
  if (!type) return fail_distribution(only, path);
  if (only->kind != LS_NODE_MAPPING && !ls_node_is_null(only)) {
    return ls_node_fail(only, &at, "its arguments, such as {low: 0, high: 1}");
  }
  void *arguments = ls_arena_new(arena, type->size);
  int status = arguments ? ls_resolve(&resolved, arena, &none, type, only, &at) : LS_FAILED;
  if (status == LS_OK) status = ls_bind(type, resolved, &at, arguments);
  values->drawn = values->ranged = true;
  values->distribution = (const ls_distribution *)type;
  values->arguments = arguments;
  values->log = values->distribution->log;
  return status;
}

/* ---- The forms ------------------------------------------------------------------------------- */

static int read_form(ls_values *values, ls_arena *arena, const ls_node *entry,
                     const ls_path *path) {
  bool single = entry->kind == LS_NODE_MAPPING && entry->count == 1;
  const ls_node *only = single ? entry->first : NULL;
  if (only && strcmp(only->key, "choice") == 0) {
    const ls_path at = {path, only->key, 0};
    values->drawn = true;
    if (only->kind == LS_NODE_SCALAR) return ls_node_fail(only, &at, "a list of values");
    return read_list(values, arena, only, &at);
  }
  if (only && is_distribution(only)) return read_distribution(values, arena, only, path);
  if (is_range(entry)) return expand_range(values, arena, entry, path);
  return read_listed(values, arena, entry, path);
}

/* Takes the condition out of a mapping with one. What is left is one of the other forms, or the
 * list that `values` has. */
static int read_conditional(ls_values *values, ls_arena *arena, const ls_node *entry,
                            const ls_path *path) {
  ls_node *form = ls_node_copy(arena, entry);
  if (!form) return LS_FAILED;
  form->key = entry->key;
  values->condition = ls_node_remove(form, "when");
  if (form->count == 0) {
    return ls_diagnostic_fail(entry->place, path, "has no values (expected them beside 'when')");
  }
  if (form->count > 1 || strcmp(form->first->key, "values") != 0) {
    return read_form(values, arena, form, path);
  }
  const ls_path at = {path, "values", 0};
  return read_listed(values, arena, form->first, &at);
}

int ls_values_read(ls_values *values, ls_arena *arena, const ls_node *entry, const ls_path *path) {
  *values = (ls_values){.name = entry->key, .place = entry->place};
  bool conditional = entry->kind == LS_NODE_MAPPING && ls_node_find(entry, "when");
  return conditional ? read_conditional(values, arena, entry, path)
                     : read_form(values, arena, entry, path);
}
