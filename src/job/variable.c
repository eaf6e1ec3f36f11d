/* Sweep variables where they are used: in the recipe, and in the values of others. */
#include "base/memory.h"
#include "job/axes.h"
#include "job/expression.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The variable's index, or variable_count if there is none of that name. */
static size_t find(const ls_axes *sweep, const char *name) {
  size_t i = 0;
  while (i < sweep->variable_count && strcmp(sweep->axes[i].name, name) != 0) i++;
  return i;
}

const ls_values *ls_axes_values(const ls_axes *sweep, const char *name) {
  return &sweep->values[find(sweep, name)];
}

static int fail_undefined(const ls_axes *sweep, const char *name, const ls_node *node,
                          const ls_path *path) {
  const char **names = ls_new(sweep->variable_count, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t i = 0; i < sweep->variable_count; i++) names[i] = sweep->axes[i].name;
  int status =
      ls_fail_unknown(node->place, path, "sweep variable", name, names, sweep->variable_count);
  free(names);
  return status;
}

/* ---- Checking -------------------------------------------------------------------------------- */

/* What is known of a variable while the tree is walked: how large and how deep its largest value
 * gets when all variables within are replaced. */
typedef struct use {
  enum { UNUSED, OPEN, USED } state;
  size_t nodes, height;
} use;

typedef struct walk {
  const ls_axes *sweep;
  use *uses; /* [variable] */
} walk;

static int check_tree(const walk *w, const ls_node *node, const ls_path *path, size_t depth,
                      use *size);

/* Checks the values of a variable when it is first met, at `depth`. */
static int check_values(const walk *w, size_t variable, size_t depth) {
  use *own = &w->uses[variable];
  const ls_values *values = &w->sweep->values[variable];
  const ls_path sweep = {NULL, "sweep", 0}, path = {&sweep, w->sweep->axes[variable].name, 0};
  own->state = OPEN;
  for (size_t i = 0; i < values->count; i++) {
    const ls_path at = {&path, values->nodes[i]->key, i};
    const bool alone = at.key && !values->named; /* the entry itself is the value */
    use size = {.state = UNUSED};
    int status = check_tree(w, values->nodes[i], alone ? &path : &at, depth, &size);
    if (status != LS_OK) return status;
    if (size.nodes > own->nodes) own->nodes = size.nodes;
    if (size.height - depth > own->height) own->height = size.height - depth;
  }
  own->state = USED;
  return LS_OK;
}

static int use_variable(const walk *w, const char *name, const ls_node *node, const ls_path *path,
                        size_t depth, use *size) {
  size_t i = find(w->sweep, name);
  if (i == w->sweep->variable_count) return fail_undefined(w->sweep, name, node, path);
  use *u = &w->uses[i];
  if (u->state == OPEN) {
    return ls_fail_at(node->place, path, "$%s is part of its own value", name);
  }
  int status = u->state == UNUSED ? check_values(w, i, depth + 1) : LS_OK;
  if (status != LS_OK) return status;
  size->nodes += u->nodes;
  if (depth + 1 + u->height > size->height) size->height = depth + 1 + u->height;
  return LS_OK;
}

/* A variable within an expression. */
typedef struct user {
  const walk *walk;
  size_t depth;
  use *size;
} user;

static int use_in_expression(double *value, const char *name, const ls_node *node,
                             const ls_path *path, void *context) {
  const user *u = context;
  *value = 1;
  return use_variable(u->walk, name, node, path, u->depth, u->size);
}

static int check_size(const ls_node *node, const ls_path *path, const use *size) {
  if (size->nodes <= LS_TREE_MAX_NODES && size->height <= LS_TREE_MAX_DEPTH) return LS_OK;
  return ls_fail_at(node->place, path,
                    "grows too large with its variables replaced (expected at most %d values, "
                    "nested in at most %d levels)",
                    LS_TREE_MAX_NODES, LS_TREE_MAX_DEPTH);
}

/* Checks the variables in the tree, which lies at `depth` in a value or in the recipe, and adds to
 * the size of that. */
static int check_tree(const walk *w, const ls_node *node, const ls_path *path, size_t depth,
                      use *size) {
  const char *name = ls_node_variable(node);
  size->nodes++;
  if (depth + 1 > size->height) size->height = depth + 1;
  int status = check_size(node, path, size); /* before it goes deeper: this bounds the recursion */
  if (status != LS_OK) return status;
  if (name) {
    status = use_variable(w, name, node, path, depth, size);
  } else if (ls_node_expression(node)) {
    user u = {w, depth, size};
    double value;
    status = ls_expression_evaluate(&value, node, path, use_in_expression, &u);
  }
  if (status == LS_OK) status = check_size(node, path, size);
  size_t index = 0;
  for (const ls_node *child = node->first; child && status == LS_OK; child = child->next) {
    ls_path at = {path, child->key, index++};
    if (child->key && child->key[0] == '$') {
      return ls_fail_at(child->place, path, "a variable can't stand for a key, as '%s' does",
                        child->key);
    }
    status = check_tree(w, child, &at, depth + 1, size);
  }
  return status;
}

static int fail_unused(const ls_values *values, const char *name) {
  ls_path sweep_path = {NULL, "sweep", 0}, path = {&sweep_path, name, 0};
  ls_place place = values->place;
  const char *meant = ls_nearest_name(name, ls_axes_settings, LS_AXES_SETTINGS);
  if (meant) return ls_fail_at(place, &path, "nothing uses $%s (did you mean '%s'?)", name, meant);
  return ls_fail_at(place, &path, "nothing uses $%s (expected it in the place of a value)", name);
}

int ls_axes_check_uses(const ls_axes *sweep, const ls_node *recipe) {
  walk w = {sweep, ls_new(sweep->variable_count, sizeof *w.uses)};
  if (!w.uses) return LS_FAILED;
  use size = {.state = UNUSED};
  int status = check_tree(&w, recipe, NULL, 0, &size);
  for (size_t i = 0; status == LS_OK && i < sweep->variable_count; i++) {
    if (w.uses[i].state == UNUSED) status = fail_unused(&sweep->values[i], sweep->axes[i].name);
  }
  free(w.uses);
  return status;
}

/* ---- Filling in ------------------------------------------------------------------------------ */

typedef struct point {
  const ls_axes *sweep;
  const size_t *index;
  ls_arena *arena;
} point;

static int fill(const point *p, ls_node **out, const ls_node *node, const ls_path *path);

static const ls_node *value_at(const point *p, const char *name) {
  size_t variable = find(p->sweep, name);
  return p->sweep->values[variable].nodes[p->index[variable]];
}

static int number_at(double *value, const char *name, const ls_node *node, const ls_path *path,
                     void *context) {
  ls_node *filled = NULL;
  int status = fill(context, &filled, value_at(context, name), path);
  if (status != LS_OK || ls_node_number(filled, value)) return status;
  return ls_fail_at(node->place, path, "'%s': $%s is not a number in some trial", node->text, name);
}

/* The number of an expression, as a scalar: whole ones such that they can stand for integers. */
static int fill_expression(const point *p, ls_node **out, const ls_node *node,
                           const ls_path *path) {
  double value;
  int status = ls_expression_evaluate(&value, node, path, number_at, (void *)p);
  if (status != LS_OK) return status;
  if (!isfinite(value)) {
    return ls_fail_at(node->place, path, "'%s' is %s in some trial (expected a finite number)",
                      node->text, isnan(value) ? "no number" : "infinite");
  }
  char text[40];
  bool whole = value == rint(value) && fabs(value) <= 0x1p53;
  int length = snprintf(text, sizeof text, whole ? "%.0f" : "%.17g", value);
  const char *kept = ls_arena_text(p->arena, text, (size_t)length);
  *out = kept ? ls_node_new_scalar(p->arena, kept, node->place) : NULL;
  return *out ? LS_OK : LS_FAILED;
}

static int fill(const point *p, ls_node **out, const ls_node *node, const ls_path *path) {
  const char *name = ls_node_variable(node);
  if (name) return fill(p, out, value_at(p, name), path);
  if (ls_node_expression(node)) return fill_expression(p, out, node, path);
  *out = ls_node_new(p->arena, node->kind, node->place);
  if (!*out) return LS_FAILED;
  (*out)->text = node->text;
  (*out)->quoted = node->quoted;
  for (const ls_node *child = node->first; child; child = child->next) {
    ls_path at = {path, child->key, (*out)->count};
    ls_node *filled = NULL;
    int status = fill(p, &filled, child, &at);
    if (status != LS_OK) return status;
    ls_node_add(*out, child->key, filled);
  }
  return LS_OK;
}

int ls_axes_fill(const ls_axes *sweep, ls_arena *arena, ls_node **out, const ls_node *tree,
                 const size_t *index) {
  point p = {sweep, index, arena};
  return fill(&p, out, tree, NULL);
}
