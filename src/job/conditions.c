/* Reading and evaluating `when`. */
#include "job/conditions.h"

#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The variables above `own`, as for a message. */
static int fail_unknown(const ls_variables *variables, size_t own, const ls_node *item,
                        const ls_path *path) {
  enum { MOST = 64 };
  const char *names[MOST];
  size_t count = own < MOST ? own : MOST;
  for (size_t i = 0; i < count; i++) names[i] = variables->items[i].name;
  if (count == 0) {
    return ls_diagnostic_fail(item->place, path,
                              "'%s' is no variable above this one (expected one that stands above)",
                              item->key);
  }
  return ls_diagnostic_fail_unknown(item->place, path, "variable above this one", item->key, names,
                                    count);
}

/* Whether a listed value is the one that the job names: by its label, number or text. */
static bool is_named(const ls_values *values, size_t i, const ls_node *wanted) {
  const ls_node *value = values->nodes[i];
  double a, b;
  if (values->labelled) return strcmp(value->key, wanted->text) == 0;
  if (value->kind != LS_NODE_SCALAR) return false;
  if (ls_node_number(value, &a) && ls_node_number(wanted, &b)) return a == b;
  return strcmp(value->text, wanted->text) == 0;
}

static int find_value(double *out, const ls_values *values, const ls_node *wanted,
                      const ls_path *path) {
  if (wanted->kind != LS_NODE_SCALAR) return ls_node_fail(wanted, path, "a value or its label");
  for (size_t i = 0; i < values->count; i++) {
    if (!is_named(values, i, wanted)) continue;
    *out = (double)i;
    return LS_OK;
  }
  return ls_diagnostic_fail(wanted->place, path, "'%s' is no value of %s", wanted->text,
                            values->name);
}

static int read_item(ls_condition *out, ls_arena *arena, const ls_variables *variables,
                     const ls_node *item, const ls_path *path) {
  const ls_values *values = &variables->items[out->variable];
  bool list = item->kind == LS_NODE_LIST;
  if (values->distribution) {
    return ls_diagnostic_fail(item->place, path,
                              "%s is drawn from a distribution (expected a variable with a list of "
                              "values)",
                              values->name);
  }
  if (list && item->count == 0) return ls_node_fail(item, path, "at least one value");
  out->accepted = ls_arena_new(arena, (list ? item->count : 1) * sizeof *out->accepted);
  if (!out->accepted) return LS_FAILED;
  if (!list) return find_value(&out->accepted[out->count++], values, item, path);
  for (const ls_node *wanted = item->first; wanted; wanted = wanted->next) {
    const ls_path at = {path, NULL, out->count};
    int status = find_value(&out->accepted[out->count++], values, wanted, &at);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

int ls_conditions_read(ls_conditions *out, ls_arena *arena, const ls_variables *variables,
                       size_t own) {
  const ls_values *values = &variables->items[own];
  const ls_node *when = values->condition;
  const ls_path sweep = {NULL, "sweep", 0}, of = {&sweep, values->name, 0}, path = {&of, "when", 0};
  *out = (ls_conditions){0};
  if (!when) return LS_OK;
  if (when->kind != LS_NODE_MAPPING || when->count == 0) {
    return ls_node_fail(when, &path, "a mapping of variables to values, such as {layers: 2}");
  }
  out->items = ls_arena_new(arena, when->count * sizeof *out->items);
  if (!out->items) return LS_FAILED;
  for (const ls_node *item = when->first; item; item = item->next) {
    const ls_path at = {&path, item->key, 0};
    ls_condition *condition = &out->items[out->count++];
    const ls_values *other = ls_variables_find(variables, item->key);
    condition->variable = other ? (size_t)(other - variables->items) : own;
    if (condition->variable >= own) return fail_unknown(variables, own, item, &path);
    int status = read_item(condition, arena, variables, item, &at);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

bool ls_conditions_hold(const ls_conditions *conditions, const double *cells) {
  bool all = true;
  for (size_t i = 0; i < conditions->count; i++) {
    const ls_condition *c = &conditions->items[i];
    bool found = false;
    for (size_t k = 0; k < c->count; k++) found |= c->accepted[k] == cells[c->variable];
    all &= found;
  }
  return all;
}
