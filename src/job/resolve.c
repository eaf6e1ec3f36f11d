/* Resolving: one function for each kind of value that an argument can have. `path` is that of the
 * value. */
#include "job/resolve.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct context {
  ls_arena *arena;
  const ls_variables *variables;
} context;

bool ls_arg_is_optional(const ls_arg *arg) {
  return arg->fallback && strcmp(arg->fallback, "null") == 0;
}

static size_t count_args(const ls_component *type) {
  size_t count = 0;
  while (type->args && type->args[count].name) count++;
  return count;
}

/* Whether the value is known only at a point of the sweep. */
static bool is_open(const ls_node *node) {
  return ls_node_variable(node) || ls_node_expression(node);
}

static int copy(const context *c, ls_node **out, const ls_node *node) {
  *out = node->settled ? ls_node_share(c->arena, node) : ls_node_copy(c->arena, node);
  return *out ? LS_OK : LS_FAILED;
}

static int resolve_values(const context *c, ls_node **out, const ls_component *type,
                          const ls_node *given, const ls_path *path);

/* ---- Choices --------------------------------------------------------------------------------- */

static int fail_unknown_member(const ls_family *family, const ls_node *node, const char *name,
                               const ls_path *path) {
  if (ls_family_takes_number(family) &&
      !isalpha((unsigned char)*name)) { /* '0,1' is meant for a number */
    return ls_diagnostic_fail(node->place, path,
                              "found '%s' (expected a number or the name of a %s)", name,
                              family->kind);
  }
  const char **names = ls_new(family->count, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t i = 0; i < family->count; i++) names[i] = family->members[i]->name;
  int status =
      ls_diagnostic_fail_unknown(node->place, path, family->kind, name, names, family->count);
  free(names);
  return status;
}

static int fail_no_member(const ls_family *family, const ls_node *node, const ls_path *path) {
  char expected[128];
  bool vowel = strchr("aeiou", family->kind[0]) != NULL;
  snprintf(expected, sizeof expected, "%sthe name of %s %s",
           ls_family_takes_number(family) ? "a number or " : "", vowel ? "an" : "a", family->kind);
  return ls_node_fail(node, path, expected);
}

/* The member that a plain number stands for, or NULL. */
static const ls_component *number_member(const ls_family *family, const ls_node *node) {
  double number;
  return ls_family_takes_number(family) && ls_node_number(node, &number) ? family->members[0]
                                                                         : NULL;
}

/* Splits a choice into its name and the value that gives its arguments. */
static int split_choice(const context *c, const ls_family *family, const ls_node *given,
                        const ls_path *path, const char **name, const ls_node **values) {
  if (given->kind == LS_NODE_LIST || ls_node_is_null(given)) {
    return fail_no_member(family, given, path);
  }
  const ls_component *by_number = number_member(family, given);
  if (by_number) {
    *name = by_number->name;
    *values = given;
  } else if (given->kind == LS_NODE_SCALAR) {
    *name = ls_node_text(given);
    *values = ls_node_new_scalar(c->arena, "null", given->place);
  } else if (given->count == 1) {
    *name = given->first->key;
    *values = given->first;
  } else if (given->count == 0) {
    return fail_no_member(family, given, path);
  } else {
    return ls_diagnostic_fail(given->first->next->place, path,
                              "found both '%s' and '%s' (expected one %s)", given->first->key,
                              given->first->next->key, family->kind);
  }
  return *values ? LS_OK : LS_FAILED;
}

static int resolve_choice(const context *c, ls_node **out, const ls_family *family,
                          const ls_node *given, const ls_path *path) {
  if (given->settled || is_open(given)) return copy(c, out, given);
  const char *name = NULL;
  const ls_node *values = NULL;
  int status = split_choice(c, family, given, path, &name, &values);
  if (status != LS_OK) return status;
  const ls_component *type = ls_family_find(family, name);
  if (!type) return fail_unknown_member(family, values, name, path);
  ls_path inside = {path, name, 0};
  ls_node *filled = NULL;
  status = resolve_values(c, &filled, type, values, &inside);
  if (status != LS_OK) return status;
  bool bare = count_args(type) == 0;
  *out = bare ? ls_node_new_scalar(c->arena, type->name, values->place)
              : ls_node_new(c->arena, LS_NODE_MAPPING, values->place);
  if (*out && !bare) ls_node_add(*out, type->name, filled);
  return *out ? LS_OK : LS_FAILED;
}

static int resolve_choices(const context *c, ls_node **out, const ls_arg *arg, const ls_node *given,
                           const ls_path *path) {
  bool may_be_empty =
      ls_arg_is_optional(arg) || (arg->fallback && strcmp(arg->fallback, "[]") == 0);
  char expected[128];
  snprintf(expected, sizeof expected, "a list of %s%ss", may_be_empty ? "" : "one or more ",
           arg->family->kind);
  if (given->kind != LS_NODE_LIST || (given->count == 0 && !may_be_empty)) {
    return ls_node_fail(given, path, expected);
  }
  *out = ls_node_new(c->arena, LS_NODE_LIST, given->place);
  if (!*out) return LS_FAILED;
  for (const ls_node *item = given->first; item; item = item->next) {
    ls_path at = {path, NULL, (*out)->count};
    ls_node *resolved = NULL;
    int status = resolve_choice(c, &resolved, arg->family, item, &at);
    if (status != LS_OK) return status;
    ls_node_add(*out, NULL, resolved);
  }
  return LS_OK;
}

static int resolve_sections(const context *c, ls_node **out, const ls_arg *arg,
                            const ls_node *given, const ls_path *path) {
  if (given->kind != LS_NODE_MAPPING || given->count == 0) {
    char expected[128];
    snprintf(expected, sizeof expected, "a mapping of one or more names to a %s each",
             arg->section->name);
    return ls_node_fail(given, path, expected);
  }
  *out = ls_node_new(c->arena, LS_NODE_MAPPING, given->place);
  if (!*out) return LS_FAILED;
  for (const ls_node *item = given->first; item; item = item->next) {
    ls_path at = {path, item->key, 0};
    ls_node *resolved = NULL;
    int status = ls_diagnostic_check_name(item->place, &at, arg->section->name, item->key);
    if (status == LS_OK) status = resolve_values(c, &resolved, arg->section, item, &at);
    if (status != LS_OK) return status;
    ls_node_add(*out, item->key, resolved);
  }
  return LS_OK;
}

static int resolve_list(const context *c, ls_node **out, const ls_arg *arg, const ls_node *given,
                        const ls_path *path) {
  if (given->kind != LS_NODE_LIST || given->count == 0) {
    char expected[128];
    snprintf(expected, sizeof expected, "a list of one or more %ss", arg->section->name);
    return ls_node_fail(given, path, expected);
  }
  *out = ls_node_new(c->arena, LS_NODE_LIST, given->place);
  if (!*out) return LS_FAILED;
  for (const ls_node *item = given->first; item; item = item->next) {
    ls_path at = {path, NULL, (*out)->count};
    ls_node *resolved = NULL;
    int status = resolve_values(c, &resolved, arg->section, item, &at);
    if (status != LS_OK) return status;
    ls_node_add(*out, NULL, resolved);
  }
  return LS_OK;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

/* `given` is NULL for an argument that the job doesn't mention; `parent` is what it belongs to. */
static int resolve_arg(const context *c, ls_node **out, const ls_arg *arg, const ls_node *given,
                       const ls_node *parent, const ls_path *up) {
  ls_node *fallback = NULL;
  if (!given && !arg->fallback) {
    return ls_diagnostic_fail(parent->place, up, "needs '%s' (%s)", arg->name, arg->purpose);
  }
  if (!given) {
    int status = ls_tree_read(&fallback, c->arena, arg->fallback, parent->place);
    if (status != LS_OK) return status;
    given = fallback;
  }
  if (given->settled) return copy(c, out, given);
  bool left_out = ls_arg_is_optional(arg) && ls_node_is_null(given);
  if (left_out || is_open(given)) return copy(c, out, given);
  ls_path path = {up, arg->name, 0};
  switch (arg->kind) {
  case LS_ARG_CHOICE:
    return resolve_choice(c, out, arg->family, given, &path);
  case LS_ARG_CHOICES:
    return resolve_choices(c, out, arg, given, &path);
  case LS_ARG_SECTION:
    return resolve_values(c, out, arg->section, given, &path);
  case LS_ARG_SECTIONS:
    return resolve_sections(c, out, arg, given, &path);
  case LS_ARG_LIST:
    return resolve_list(c, out, arg, given, &path);
  default:
    return copy(c, out, given);
  }
}

static int check_keys(const ls_component *type, const ls_node *mapping, const ls_path *path) {
  size_t count = count_args(type);
  const char **names = ls_new(count + 1, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t i = 0; i < count; i++) names[i] = type->args[i].name;
  if (!path) names[count++] = "sweep"; /* it stands beside the recipe's keys */
  int status = LS_OK;
  size_t next = 0; /* the likely place of a key: what is resolved has the order of the table */
  for (const ls_node *child = mapping->first; child && status == LS_OK; child = child->next) {
    size_t i = 0;
    if (next < count && strcmp(child->key, names[next]) == 0) i = next;
    while (i < count && strcmp(child->key, names[i]) != 0) i++;
    next = i + 1;
    if (i == count)
      status = ls_diagnostic_fail_unknown(child->place, path, "key", child->key, names, count);
  }
  free(names);
  return status;
}

/* Whether a variable may turn out to be more than a single value: a mapping of arguments or null
 * (all defaults). Then what it stands for is known only at a point of the sweep. */
static bool may_be_arguments(const context *c, const ls_node *node) {
  const char *name = ls_node_variable(node);
  if (!name) return false;
  const ls_values *values = ls_variables_find(c->variables, name);
  for (size_t i = 0; values && i < values->count; i++) {
    const ls_node *value = values->nodes[i];
    if (value->kind == LS_NODE_MAPPING || ls_node_is_null(value)) return true;
    if (may_be_arguments(c, value)) return true;
  }
  return false;
}

/* The mapping of arguments that a value stands for: null for an empty one, a single value for that
 * of the first argument. */
static int as_mapping(const context *c, const ls_node **out, const ls_component *type,
                      const ls_node *given, const ls_path *path) {
  *out = given;
  if (given->kind == LS_NODE_MAPPING) return LS_OK;
  ls_node *mapping = ls_node_new(c->arena, LS_NODE_MAPPING, given->place);
  *out = mapping;
  if (!mapping) return LS_FAILED;
  if (ls_node_is_null(given)) return LS_OK;
  if (count_args(type) == 0) return ls_node_fail(given, path, "no arguments");
  ls_node *value = NULL;
  int status = copy(c, &value, given);
  if (status == LS_OK) ls_node_add(mapping, type->args[0].name, value);
  return status;
}

/* Whether a mapping gives the argument, as far as that is known before variables are replaced. */
static bool is_given(const ls_node *mapping, const char *name) {
  const ls_node *value = ls_node_find(mapping, name);
  return value && !ls_node_is_null(value);
}

static bool is_undecided(const ls_node *mapping, const char *name) {
  const ls_node *value = ls_node_find(mapping, name);
  return value && is_open(value);
}

/* Of an argument and the one that it may stand instead of, exactly one has to be given. */
static int check_alternatives(const ls_component *type, const ls_node *mapping,
                              const ls_path *path) {
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    const char *other = arg->instead_of;
    if (!other || is_undecided(mapping, other) || is_undecided(mapping, arg->name)) continue;
    bool one = is_given(mapping, other), two = is_given(mapping, arg->name);
    if (one && two) {
      return ls_diagnostic_fail(mapping->place, path,
                                "found both '%s' and '%s' (expected one of them)", other,
                                arg->name);
    }
    if (!one && !two) {
      return ls_diagnostic_fail(mapping->place, path, "needs '%s' or '%s'", other, arg->name);
    }
  }
  return LS_OK;
}

static int resolve_values(const context *c, ls_node **out, const ls_component *type,
                          const ls_node *given, const ls_path *path) {
  if (given->settled || may_be_arguments(c, given)) return copy(c, out, given);
  const ls_node *mapping = NULL;
  int status = as_mapping(c, &mapping, type, given, path);
  if (status == LS_OK) status = check_keys(type, mapping, path);
  if (status == LS_OK) status = check_alternatives(type, mapping, path);
  if (status != LS_OK) return status;
  *out = ls_node_new(c->arena, LS_NODE_MAPPING, given->place);
  if (!*out) return LS_FAILED;
  const ls_node *next = mapping->first; /* the likely one, as in check_keys */
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    ls_node *value = NULL;
    bool likely = next && strcmp(next->key, arg->name) == 0;
    const ls_node *found = likely ? next : ls_node_find(mapping, arg->name);
    if (found) next = found->next;
    status = resolve_arg(c, &value, arg, found, mapping, path);
    if (status != LS_OK) return status;
    ls_node_add(*out, arg->name, value);
  }
  return LS_OK;
}

int ls_resolve(ls_node **out, ls_arena *arena, const ls_variables *variables,
               const ls_component *type, const ls_node *given, const ls_path *path) {
  context c = {arena, variables};
  return resolve_values(&c, out, type, given, path);
}

bool ls_resolve_settle(ls_node *resolved) {
  resolved->settled = !is_open(resolved);
  for (ls_node *child = resolved->first; child; child = child->next) {
    resolved->settled &= ls_resolve_settle(child);
  }
  return resolved->settled;
}
