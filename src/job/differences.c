/* Comparing two resolved jobs as trees. */
#include "job/differences.h"

#include <stdlib.h>
#include <string.h>

/* Most keys that a message names, and columns for a value in it. */
enum { MOST_NAMED = 4, VALUE_WIDTH = 60 };

typedef struct comparison {
  ls_text *out;     /* NULL: differences are only counted */
  bool values_only; /* a variable or expression is no difference */
  size_t found;
} comparison;

static const ls_node *find(const ls_node *mapping, const char *key) {
  return mapping && mapping->kind == LS_NODE_MAPPING ? ls_node_find(mapping, key) : NULL;
}

/* ---- Naming a difference --------------------------------------------------------------------- */

static void add_value(ls_text *out, const ls_node *node) {
  ls_text value = {0};
  ls_tree_add_flow(&value, node);
  char *line = ls_text_take(&value);
  bool cut = line && ls_text_width(line) > VALUE_WIDTH;
  if (cut) ls_text_cut(line, VALUE_WIDTH);
  ls_text_add(out, "%s%s", line ? line : "", cut ? "..." : "");
  free(line);
}

static void add_difference(ls_text *out, const ls_path *path, const ls_node *past,
                           const ls_node *present, const ls_node *completed) {
  ls_path_add(out, path);
  if (path) ls_text_add(out, ": ");
  if (past) {
    add_value(out, past);
    ls_text_add(out, " in the file, ");
  } else {
    const char *why = completed ? ", which an earlier version wrote" : "";
    ls_text_add(out, "not in the file%s, ", why);
  }
  if (present) {
    add_value(out, present);
    ls_text_add(out, " in the job");
  } else {
    ls_text_add(out, "not in the job");
  }
}

static void report(comparison *c, const ls_path *path, const ls_node *past, const ls_node *present,
                   const ls_node *completed) {
  c->found++;
  if (!c->out || c->found > MOST_NAMED) return;
  if (c->found > 1) ls_text_add(c->out, "; ");
  add_difference(c->out, path, past, present, completed);
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static void compare(comparison *c, const ls_path *path, const ls_node *past, const ls_node *present,
                    const ls_node *completed);

/* The other mapping's child of the same key as `child`. Mostly it is the one at `guess`. */
static const ls_node *counterpart(const ls_node *guess, const ls_node *mapping,
                                  const ls_node *child) {
  if (guess && strcmp(guess->key, child->key) == 0) return guess;
  return ls_node_find(mapping, child->key);
}

/* Whether the mappings have no key in common, as two components of different types. */
static bool are_unrelated(const ls_node *a, const ls_node *b) {
  for (const ls_node *child = a->first; child; child = child->next) {
    if (ls_node_find(b, child->key)) return false;
  }
  return a->count > 0 && b->count > 0;
}

static void compare_mappings(comparison *c, const ls_path *path, const ls_node *past,
                             const ls_node *present, const ls_node *completed) {
  const ls_node *other = present->first;
  for (const ls_node *child = past->first; child; child = child->next) {
    const ls_path inner = {.up = path, .key = child->key};
    other = counterpart(other, present, child);
    compare(c, &inner, child, other, find(completed, child->key));
    other = other ? other->next : present->first;
  }
  other = past->first;
  for (const ls_node *child = present->first; child; child = child->next) {
    const ls_path inner = {.up = path, .key = child->key};
    other = counterpart(other, past, child);
    if (!other) compare(c, &inner, NULL, child, find(completed, child->key));
    other = other ? other->next : past->first;
  }
}

static void compare_lists(comparison *c, const ls_path *path, const ls_node *past,
                          const ls_node *present, const ls_node *completed) {
  const ls_node *a = past->first, *b = present->first;
  const ls_node *full = completed && completed->kind == LS_NODE_LIST ? completed->first : NULL;
  for (size_t i = 0; a || b; i++) {
    const ls_path inner = {.up = path, .index = i};
    compare(c, &inner, a, b, full);
    if (a) a = a->next;
    if (b) b = b->next;
    if (full) full = full->next;
  }
}

/* Whether the scalars have the same value, such as 1e-05 and 0.00001. */
static bool are_equal(const ls_node *a, const ls_node *b) {
  double x, y;
  if (ls_node_number(a, &x) && ls_node_number(b, &y)) return x == y;
  return strcmp(a->text, b->text) == 0 && ls_node_is_text(a) == ls_node_is_text(b);
}

/* Whether `mapping` is a component without arguments, {a: {}}, and `scalar` its name. A version in
 * which the component has no arguments at all writes the name alone. */
static bool is_named(const ls_node *mapping, const ls_node *scalar) {
  return mapping->kind == LS_NODE_MAPPING && scalar->kind == LS_NODE_SCALAR &&
         mapping->count == 1 && mapping->first->kind == LS_NODE_MAPPING &&
         mapping->first->count == 0 && strcmp(mapping->first->key, scalar->text) == 0;
}

/* Keys whose default is not what versions did that had no such key. */
static bool has_new_default(const ls_path *path) {
  static const char *const keys[] = {"products", "synchronized"};
  for (size_t i = 0; path && path->key && i < sizeof keys / sizeof *keys; i++) {
    if (strcmp(path->key, keys[i]) == 0) return true;
  }
  return false;
}

/* Whether a key that an earlier version did not write has the value that this version completes. */
static bool is_default(const ls_path *path, const ls_node *present, const ls_node *completed) {
  comparison c = {0};
  if (!completed || has_new_default(path)) return false;
  compare(&c, path, completed, present, NULL);
  return c.found == 0;
}

/* Whether the value is known only at a point of the sweep. */
static bool is_open(const ls_node *node) {
  return node && (ls_node_variable(node) || ls_node_expression(node));
}

/* At most one of both is NULL. */
static void compare(comparison *c, const ls_path *path, const ls_node *past, const ls_node *present,
                    const ls_node *completed) {
  if (c->values_only && (is_open(past) || is_open(present))) return;
  if (past && present && (is_named(past, present) || is_named(present, past))) return;
  if (!past && is_default(path, present, completed)) return;
  bool alike = past && present && past->kind == present->kind;
  if (alike && past->kind == LS_NODE_MAPPING && !are_unrelated(past, present)) {
    compare_mappings(c, path, past, present, completed);
  } else if (alike && past->kind == LS_NODE_LIST) {
    compare_lists(c, path, past, present, completed);
  } else if (!alike || past->kind != LS_NODE_SCALAR || !are_equal(past, present)) {
    report(c, path, past, present, completed);
  }
}

/* Whether the variables of the sweep, which are all in both, have another order. */
static bool is_reordered(const ls_node *past, const ls_node *present) {
  const ls_node *a = find(past, "sweep"), *b = find(present, "sweep");
  if (!a || !b) return false;
  a = a->first, b = b->first;
  while (a && b && strcmp(a->key, b->key) == 0) a = a->next, b = b->next;
  return a && b;
}

static const char *const without_effect[] = {
    "title",      "figures",   "reference", "reference_metric", "reference_label",
    "references", "orderings", "folder",    "keep_models"};

bool ls_differences_has_effect(const char *key) {
  bool found = false;
  for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++) {
    found |= strcmp(key, without_effect[i]) == 0;
  }
  return !found;
}

/* Within the sweep, null is a value. */
void ls_differences_reduce(ls_node *root) {
  if (root->kind != LS_NODE_MAPPING) return;
  for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++) {
    ls_node_remove(root, without_effect[i]);
  }
  ls_node *sweep = ls_node_remove(root, "sweep");
  ls_node_prune(root);
  if (!sweep || sweep->kind != LS_NODE_MAPPING) return;
  ls_node_remove(sweep, "ranks_per_trial");
  if (sweep->count > 0) ls_node_add(root, "sweep", sweep);
}

/* Appends how many differences have not been named; returns how many there are. */
static size_t finish(const comparison *c) {
  if (c->out && c->found > MOST_NAMED) ls_text_add(c->out, "; %zu more", c->found - MOST_NAMED);
  return c->found;
}

size_t ls_differences(ls_text *out, ls_node *past, ls_node *present, const ls_node *completed) {
  comparison c = {.out = out};
  ls_differences_reduce(past);
  ls_differences_reduce(present);
  compare(&c, NULL, past, present, completed);
  if (c.found == 0 && is_reordered(past, present)) {
    const ls_path sweep = {.key = "sweep"};
    report(&c, &sweep, find(past, "sweep"), find(present, "sweep"), NULL);
  }
  return finish(&c);
}

size_t ls_differences_of_recipes(ls_text *out, ls_node *past, ls_node *present,
                                 const ls_node *completed) {
  comparison c = {.out = out, .values_only = true};
  ls_differences_reduce(past);
  ls_differences_reduce(present);
  ls_node_remove(past, "sweep");
  ls_node_remove(present, "sweep");
  compare(&c, NULL, past, present, completed);
  return finish(&c);
}
