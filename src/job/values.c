/* The values of one sweep variable: lists, ranges and named values. */
#include "job/axes.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Computed values are rounded to this many digits, beyond which lie only the errors of computing:
 * 0.3 instead of 0.30000000000000004, and decades that are exact. */
enum { LINEAR_DIGITS = 15, LOG_DIGITS = 13 };

typedef struct range {
  bool log;
  const ls_node *ends[2];
  double first, last;
  size_t count;
} range;

/* The items of a list, or the values of a mapping, which are named by their keys. */
static int read_list(ls_values *values, ls_arena *arena, const ls_node *list, const ls_path *path) {
  values->named = list->kind == LS_NODE_MAPPING;
  if (list->count == 0) return ls_node_fail(list, path, "at least one value");
  values->nodes = ls_arena_new(arena, list->count * sizeof *values->nodes);
  if (!values->nodes) return LS_FAILED;
  for (const ls_node *item = list->first; item; item = item->next) {
    values->nodes[values->count++] = item;
  }
  return LS_OK;
}

static int read_ends(range *r, const ls_node *node, const ls_path *path) {
  double numbers[2];
  if (node->kind != LS_NODE_LIST) return ls_node_fail(node, path, "[first, last]");
  if (node->count != 2) {
    return ls_fail_at(node->place, path, "found %zu values (expected [first, last])", node->count);
  }
  r->ends[0] = node->first, r->ends[1] = node->last;
  for (size_t i = 0; i < 2; i++) {
    ls_path at = {path, NULL, i};
    if (!ls_node_number(r->ends[i], &numbers[i]) || (r->log && !(numbers[i] > 0))) {
      return ls_node_fail(r->ends[i], &at, r->log ? "a number above 0" : "a number");
    }
  }
  r->first = numbers[0], r->last = numbers[1];
  return LS_OK;
}

static int read_count(range *r, const ls_node *node, const ls_path *path) {
  int64_t count;
  if (!ls_node_integer(node, &count) || count < 1 || count > LS_MAX_TRIALS) {
    return ls_node_fail(node, path, "a whole number from 1 to 1000000");
  }
  if (count == 1 && r->first != r->last) {
    return ls_fail_at(node->place, path, "1 is too small (expected room for both ends)");
  }
  r->count = (size_t)count;
  return LS_OK;
}

static int read_step(range *r, const ls_node *node, const ls_path *path) {
  double step;
  if (!ls_node_number(node, &step)) return ls_node_fail(node, path, "a number");
  double steps = (r->last - r->first) / step; /* not finite for a step of 0 */
  if (!(steps >= 0) || !(fabs(steps - rint(steps)) <= 1e-9 * fmax(1, steps))) {
    return ls_fail_at(node->place, path, "no whole number of steps of %s leads from %s to %s",
                      node->text, r->ends[0]->text, r->ends[1]->text);
  }
  if (!(steps < LS_MAX_TRIALS)) {
    return ls_fail_at(node->place, path, "%s is too small (expected at most %d values)", node->text,
                      LS_MAX_TRIALS);
  }
  r->count = (size_t)rint(steps) + 1;
  return LS_OK;
}

static int check_keys(const ls_node *entry, const ls_path *path) {
  static const char *const keys[] = {"range", "log_range", "count", "step"};
  for (const ls_node *child = entry->first; child; child = child->next) {
    bool known = false;
    for (size_t i = 0; i < 4; i++) known |= strcmp(child->key, keys[i]) == 0;
    if (!known) return ls_fail_unknown(child->place, path, "key", child->key, keys, 4);
  }
  return LS_OK;
}

static int read_range(range *r, const ls_node *entry, const ls_path *path) {
  int status = check_keys(entry, path);
  if (status != LS_OK) return status;
  const ls_node *linear = ls_node_find(entry, "range"), *log = ls_node_find(entry, "log_range");
  const ls_node *count = ls_node_find(entry, "count"), *step = ls_node_find(entry, "step");
  ls_place at = entry->place;
  if (!linear == !log) {
    return ls_fail_at(at, path, "needs either 'range' or 'log_range'");
  }
  if (log && step) return ls_fail_at(at, path, "log_range has no 'step' (expected 'count')");
  if (log && !count) return ls_fail_at(at, path, "needs 'count'");
  if (!count == !step) return ls_fail_at(at, path, "needs either 'count' or 'step'");
  r->log = log != NULL;
  ls_path ends = {path, log ? "log_range" : "range", 0};
  ls_path size = {path, count ? "count" : "step", 0};
  status = read_ends(r, log ? log : linear, &ends);
  if (status != LS_OK) return status;
  return count ? read_count(r, count, &size) : read_step(r, step, &size);
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

/* The text of a value: whole numbers as such, so that they can stand for integers; else the ends as
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
  int status = read_range(&r, entry, path);
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
      return ls_fail_at(entry->place, path, "its values can't be told apart (expected fewer)");
    }
    before = value;
  }
  return LS_OK;
}

/* Any other mapping is one of names to values. */
static bool is_range(const ls_node *entry) {
  return entry->kind == LS_NODE_MAPPING &&
         (ls_node_find(entry, "range") || ls_node_find(entry, "log_range") ||
          ls_node_find(entry, "count") || ls_node_find(entry, "step"));
}

int ls_values_read(ls_values *values, ls_arena *arena, const ls_node *entry, const ls_path *path) {
  *values = (ls_values){.place = entry->place};
  if (is_range(entry)) return expand_range(values, arena, entry, path);
  if (entry->kind != LS_NODE_SCALAR) return read_list(values, arena, entry, path);
  if (ls_node_is_null(entry)) return ls_node_fail(entry, path, "a list of values or a range");
  values->nodes = ls_arena_new(arena, sizeof *values->nodes);
  if (!values->nodes) return LS_FAILED;
  values->nodes[values->count++] = entry;
  return LS_OK;
}
