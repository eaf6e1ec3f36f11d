/* Sweep variables where they are used: in the recipe, and in the values of others. Checking goes
 * before substituting, which then can't fail but for arithmetic and memory. */
#include "job/substitute.h"

#include "base/memory.h"
#include "job/expression.h"
#include "job/job.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail_undefined(const ls_variables *variables, const char *name, const ls_node *node,
                          const ls_path *path) {
  const char **names = ls_new(variables->count, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t i = 0; i < variables->count; i++) names[i] = variables->items[i].name;
  int status = ls_diagnostic_fail_unknown(node->place, path, "sweep variable", name, names,
                                          variables->count);
  free(names);
  return status;
}

/* ---- Checking -------------------------------------------------------------------------------- */

/* The state of a variable during the walk: the largest size and height of its values with all
 * variables in them replaced. */
typedef struct use {
  enum { UNUSED, OPEN, USED } state;
  size_t nodes, height;
} use;

typedef struct walk {
  const ls_variables *variables;
  use *uses; /* [variable] */
} walk;

static int check_tree(const walk *w, const ls_node *node, const ls_path *path, size_t depth,
                      use *size);

/* Checks the values of a variable when it is first found, at `depth`. */
static int check_values(const walk *w, size_t variable, size_t depth) {
  use *own = &w->uses[variable];
  const ls_values *values = &w->variables->items[variable];
  const ls_path sweep = {NULL, "sweep", 0}, path = {&sweep, values->name, 0};
  own->state = OPEN;
  for (size_t i = 0; i < values->count; i++) {
    const ls_path at = {&path, values->nodes[i]->key, i};
    const bool alone = at.key && !values->labelled; /* the entry itself is the value */
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
  const ls_values *values = ls_variables_find(w->variables, name);
  if (!values) return fail_undefined(w->variables, name, node, path);
  size_t i = (size_t)(values - w->variables->items);
  use *u = &w->uses[i];
  if (u->state == OPEN) {
    return ls_diagnostic_fail(node->place, path, "$%s is part of its own value", name);
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
  return ls_diagnostic_fail(
      node->place, path,
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
      return ls_diagnostic_fail(child->place, path,
                                "a variable can't stand for a key, as '%s' does", child->key);
    }
    status = check_tree(w, child, &at, depth + 1, size);
  }
  return status;
}

/* `settings` are the keys that may have been meant. */
static int fail_unused(const ls_values *values, const ls_arg *settings) {
  enum { MOST = 16 };
  const char *names[MOST];
  size_t count = 0;
  for (; settings[count].name && count < MOST; count++) names[count] = settings[count].name;
  ls_path section = {NULL, "sweep", 0}, path = {&section, values->name, 0};
  const char *meant = ls_nearest_name(values->name, names, count);
  if (meant) {
    return ls_diagnostic_fail(values->place, &path, "nothing uses $%s (did you mean '%s'?)",
                              values->name, meant);
  }
  return ls_diagnostic_fail(values->place, &path,
                            "nothing uses $%s (expected it in the place of a value)", values->name);
}

int ls_substitute_check(const ls_variables *variables, const ls_component *settings,
                        const ls_node *recipe) {
  walk w = {variables, ls_new(variables->count, sizeof *w.uses)};
  if (!w.uses) return LS_FAILED;
  use size = {.state = UNUSED};
  int status = check_tree(&w, recipe, NULL, 0, &size);
  for (size_t i = 0; status == LS_OK && i < variables->count; i++) {
    if (w.uses[i].state == UNUSED) status = fail_unused(&variables->items[i], settings->args);
  }
  free(w.uses);
  return status;
}

/* ---- Substituting ---------------------------------------------------------------------------- */

typedef struct point {
  const ls_variables *variables;
  const size_t *index;
  ls_arena *arena;
} point;

static int fill(const point *p, ls_node **out, const ls_node *node, const ls_path *path);

/* Finds the variable's value at the point. */
static int value_at(const point *p, const ls_node **out, const char *name, const ls_node *node,
                    const ls_path *path) {
  const ls_values *values = ls_variables_find(p->variables, name);
  size_t index = p->index[values - p->variables->items];
  if (index == LS_NO_VALUE) {
    return ls_diagnostic_fail(node->place, path,
                              "$%s has no value in some trial (expected it only where its 'when' "
                              "holds)",
                              name);
  }
  *out = values->nodes[index];
  return LS_OK;
}

static int number_at(double *value, const char *name, const ls_node *node, const ls_path *path,
                     void *context) {
  const ls_node *given = NULL;
  ls_node *filled = NULL;
  int status = value_at(context, &given, name, node, path);
  if (status == LS_OK) status = fill(context, &filled, given, path);
  if (status != LS_OK || ls_node_number(filled, value)) return status;
  return ls_diagnostic_fail(node->place, path, "'%s': $%s is not a number in some trial",
                            node->text, name);
}

/* The number of an expression, as a scalar: integers such that they can stand for integers. */
static int fill_expression(const point *p, ls_node **out, const ls_node *node,
                           const ls_path *path) {
  double value;
  int status = ls_expression_evaluate(&value, node, path, number_at, (void *)p);
  if (status != LS_OK) return status;
  if (!isfinite(value)) {
    return ls_diagnostic_fail(node->place, path,
                              "'%s' is %s in some trial (expected a finite number)", node->text,
                              isnan(value) ? "no number" : "infinite");
  }
  char text[40];
  bool whole = value == rint(value) && fabs(value) <= 0x1p53;
  int length = snprintf(text, sizeof text, whole ? "%.0f" : "%.17g", value);
  const char *kept = ls_arena_text(p->arena, text, (size_t)length);
  *out = kept ? ls_node_new_scalar(p->arena, kept, node->place) : NULL;
  return *out ? LS_OK : LS_FAILED;
}

static int fill(const point *p, ls_node **out, const ls_node *node, const ls_path *path) {
  if (node->settled) {
    *out = ls_node_share(p->arena, node);
    return *out ? LS_OK : LS_FAILED;
  }
  const char *name = ls_node_variable(node);
  const ls_node *given = NULL;
  if (name) {
    int status = value_at(p, &given, name, node, path);
    return status == LS_OK ? fill(p, out, given, path) : status;
  }
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

int ls_substitute(ls_node **out, ls_arena *arena, const ls_variables *variables,
                  const ls_node *tree, const size_t *index) {
  point p = {variables, index, arena};
  return fill(&p, out, tree, NULL);
}
