/* Sweep variables where they are used: in the recipe. */
#include "axes.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"

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

static int fail_undefined(const ls_axes *sweep, const ls_node *node, const ls_path *path) {
  const char **names = ls_new(sweep->variable_count, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t i = 0; i < sweep->variable_count; i++) names[i] = sweep->axes[i].name;
  int status = ls_fail_unknown(node->place, path, "sweep variable", ls_node_variable(node), names,
                               sweep->variable_count);
  free(names);
  return status;
}

/* Checks the variables in the tree and marks those that are used. */
static int check_tree(const ls_axes *sweep, const ls_node *node, const ls_path *path, bool *used) {
  const char *name = ls_node_variable(node);
  if (name) {
    size_t i = find(sweep, name);
    if (i == sweep->variable_count) return fail_undefined(sweep, node, path);
    used[i] = true;
  }
  size_t index = 0;
  for (const ls_node *child = node->first; child; child = child->next) {
    ls_path at = {path, child->key, index++};
    if (child->key && child->key[0] == '$') {
      return ls_fail_at(child->place, path, "a variable can't stand for a key, as '%s' does",
                        child->key);
    }
    int status = check_tree(sweep, child, &at, used);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

static int fail_unused(const ls_values *values, const char *name) {
  ls_path sweep_path = {NULL, "sweep", 0}, path = {&sweep_path, name, 0};
  ls_place place = values->place;
  const char *meant = ls_nearest_name(name, ls_axes_settings, LS_AXES_SETTINGS);
  if (meant) return ls_fail_at(place, &path, "nothing uses $%s (did you mean '%s'?)", name, meant);
  return ls_fail_at(place, &path, "nothing uses $%s (expected it in the place of a value)", name);
}

int ls_axes_check_uses(const ls_axes *sweep, const ls_node *recipe) {
  bool *used = ls_new(sweep->variable_count, sizeof *used);
  if (!used) return LS_FAILED;
  int status = check_tree(sweep, recipe, NULL, used);
  for (size_t i = 0; status == LS_OK && i < sweep->variable_count; i++) {
    if (!used[i]) status = fail_unused(&sweep->values[i], sweep->axes[i].name);
  }
  free(used);
  return status;
}

typedef struct point {
  const ls_axes *sweep;
  const size_t *index;
} point;

static const ls_node *value_at(const ls_node *scalar, const void *context) {
  const point *p = context;
  const char *name = ls_node_variable(scalar);
  if (!name) return scalar;
  size_t variable = find(p->sweep, name);
  return p->sweep->values[variable].nodes[p->index[variable]];
}

ls_node *ls_axes_fill(const ls_axes *sweep, ls_arena *arena, const ls_node *tree,
                      const size_t *index) {
  point p = {sweep, index};
  return ls_node_copy(arena, tree, value_at, &p);
}
