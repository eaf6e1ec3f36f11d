/* Binding: one function for each kind of argument. `path` is that of the value. */
#include "job/bind.h"

#include "base/memory.h"
#include "job/describe.h"
#include "job/resolve.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bind_values(const ls_component *type, const ls_node *mapping, const ls_path *path,
                       void *values);

/* ---- Numbers --------------------------------------------------------------------------------- */

static int fail_number(const ls_arg *arg, const ls_node *node, const ls_path *path) {
  char expected[160];
  ls_describe_numbers(arg, expected);
  return ls_node_fail(node, path, expected);
}

static int check_bounds(const ls_arg *arg, const ls_node *node, const ls_path *path, double value) {
  if (!ls_arg_is_bounded(arg)) return LS_OK;
  bool small = value < arg->min || ((arg->flags & LS_ABOVE_MIN) && value == arg->min);
  bool large = value > arg->max || ((arg->flags & LS_BELOW_MAX) && value == arg->max);
  if (!small && !large) return LS_OK;
  char expected[160];
  ls_describe_numbers(arg, expected);
  return ls_diagnostic_fail(node->place, path, "%s is too %s (expected %s)", node->text,
                            small ? "small" : "large", expected);
}

static int bind_integer(const ls_arg *arg, const ls_node *node, const ls_path *path,
                        int64_t *value) {
  *value = 0;
  if (arg->words && node->kind == LS_NODE_SCALAR && strcmp(node->text, arg->words[0]) == 0) {
    return LS_OK;
  }
  if (!ls_node_integer(node, value)) return fail_number(arg, node, path);
  return check_bounds(arg, node, path, (double)*value);
}

static int bind_real(const ls_arg *arg, const ls_node *node, const ls_path *path, double *value) {
  bool right = ls_node_number(node, value);
  if (right && (arg->flags & LS_INTEGERS)) right = *value == rint(*value);
  if (!right) return fail_number(arg, node, path);
  return check_bounds(arg, node, path, *value);
}

static int check_length(const ls_arg *arg, const ls_node *node, const ls_path *path, size_t count) {
  bool any = arg->min_items == 0 && arg->max_items == 0;
  if (any || (count >= arg->min_items && count <= arg->max_items)) return LS_OK;
  char most[32] = "";
  if (arg->max_items > arg->min_items) snprintf(most, sizeof most, " or %zu", arg->max_items);
  if (arg->max_items > arg->min_items + 1) snprintf(most, sizeof most, " to %zu", arg->max_items);
  return ls_diagnostic_fail(node->place, path, "found %zu number%s (expected %zu%s)", count,
                            count == 1 ? "" : "s", arg->min_items, most);
}

static int bind_items(const ls_arg *arg, const ls_node *list, const ls_path *path,
                      ls_reals *reals) {
  reals->values = ls_new(list->count, sizeof *reals->values);
  if (!reals->values) return LS_FAILED;
  for (const ls_node *item = list->first; item; item = item->next) {
    ls_path at = {path, NULL, reals->count};
    double *value = &reals->values[reals->count++];
    *value = NAN;
    bool hole = (arg->flags & LS_NULL_ITEMS) && ls_node_is_null(item);
    int status = hole ? LS_OK : bind_real(arg, item, &at, value);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* A number alone is a list of one. */
static int bind_reals(const ls_arg *arg, const ls_node *node, const ls_path *path,
                      ls_reals *reals) {
  double number;
  int status = LS_OK;
  if (ls_node_number(node, &number)) {
    reals->values = ls_new(1, sizeof *reals->values);
    if (!reals->values) return LS_FAILED;
    reals->count = 1;
    status = bind_real(arg, node, path, reals->values);
  } else if (node->kind == LS_NODE_LIST) {
    status = bind_items(arg, node, path, reals);
  } else {
    return ls_node_fail(node, path, "a list of numbers");
  }
  return status == LS_OK ? check_length(arg, node, path, reals->count) : status;
}

/* ---- Texts and words ------------------------------------------------------------------------- */

/* Any scalar may stand for a text, so that `name: 2024` needs no quotes. */
static int bind_text(const ls_node *node, const ls_path *path, char **text) {
  if (node->kind != LS_NODE_SCALAR || ls_node_is_null(node)) {
    return ls_node_fail(node, path, "a text");
  }
  *text = ls_copy_text(ls_node_text(node));
  return *text ? LS_OK : LS_FAILED;
}

/* A text alone is a list of one. */
static int bind_texts(const ls_node *node, const ls_path *path, ls_texts *texts) {
  bool list = node->kind == LS_NODE_LIST;
  if (list && node->count == 0) return ls_node_fail(node, path, "one or more texts");
  texts->items = ls_new(list ? node->count : 1, sizeof *texts->items);
  if (!texts->items) return LS_FAILED;
  if (!list) return bind_text(node, path, &texts->items[texts->count++]);
  int status = LS_OK;
  for (const ls_node *item = node->first; item && status == LS_OK; item = item->next) {
    ls_path at = {path, NULL, texts->count};
    status = bind_text(item, &at, &texts->items[texts->count++]);
  }
  return status;
}

static int bind_word(const ls_arg *arg, const ls_node *node, const ls_path *path, int *index) {
  bool is_text = node->kind == LS_NODE_SCALAR && !ls_node_is_null(node);
  size_t count = 0;
  for (; arg->words[count]; count++) {
    if (!is_text || strcmp(arg->words[count], ls_node_text(node)) != 0) continue;
    *index = (int)count;
    return LS_OK;
  }
  if (is_text) {
    return ls_diagnostic_fail_unknown(node->place, path, "word", ls_node_text(node), arg->words,
                                      count);
  }
  char *expected = ls_diagnostic_list_names(arg->words, count);
  if (!expected) return LS_FAILED;
  int status = ls_node_fail(node, path, expected);
  free(expected);
  return status;
}

/* ---- Components ------------------------------------------------------------------------------ */

/* Binds a resolved choice: a bare name, or {name: {arguments}}. */
static int bind_choice(const ls_family *family, const ls_node *node, const ls_path *up,
                       ls_choice *choice) {
  bool bare = node->kind == LS_NODE_SCALAR;
  const ls_component *type = ls_family_find(family, bare ? node->text : node->first->key);
  ls_path path = {up, type->name, 0};
  choice->where = ls_diagnostic_place(node->place, &path);
  if (!choice->where) return LS_FAILED;
  choice->type = type;
  if (type->size > 0) choice->args = ls_new(1, type->size);
  if (type->size > 0 && !choice->args) return LS_FAILED;
  return bare ? LS_OK : bind_values(type, node->first, &path, choice->args);
}

static int bind_choices(const ls_family *family, const ls_node *node, const ls_path *path,
                        ls_choices *list) {
  list->items = ls_new(node->count, sizeof *list->items);
  if (!list->items) return LS_FAILED;
  for (const ls_node *item = node->first; item; item = item->next) {
    ls_path at = {path, NULL, list->count};
    int status = bind_choice(family, item, &at, &list->items[list->count++]);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* The sections of a mapping by name, or of a list. */
static int bind_sections(const ls_component *type, const ls_node *node, const ls_path *path,
                         ls_sections *sections) {
  sections->items = ls_new(node->count, sizeof *sections->items);
  if (!sections->items) return LS_FAILED;
  for (const ls_node *item = node->first; item; item = item->next) {
    ls_path at = {path, item->key, sections->count};
    ls_section *section = &sections->items[sections->count++];
    if (item->key) section->name = ls_copy_text(item->key);
    section->where = ls_diagnostic_place(item->place, &at);
    section->values = ls_new(1, type->size);
    bool named = section->name || !item->key;
    if (!named || !section->where || !section->values) return LS_FAILED;
    int status = bind_values(type, item, &at, section->values);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* ---- Settings of the sweep ------------------------------------------------------------------- */

static int bind_setting(const ls_node *value, const ls_path *path, ls_setting *setting) {
  ls_path at = {path, value->key, 0};
  ls_text text = {0};
  if (ls_node_is_null(value)) return ls_node_fail(value, &at, "a value, or the label of one");
  ls_tree_add_label(&text, value);
  setting->value = ls_text_take(&text);
  setting->variable = ls_copy_text(value->key);
  return setting->value && setting->variable ? LS_OK : LS_FAILED;
}

static int bind_settings(const ls_node *node, const ls_path *path, ls_settings *settings) {
  if (node->kind != LS_NODE_MAPPING || node->count == 0) {
    return ls_node_fail(node, path, "a mapping of variables of the sweep to values");
  }
  settings->items = ls_new(node->count, sizeof *settings->items);
  int status = settings->items ? LS_OK : LS_FAILED;
  for (const ls_node *value = node->first; value && status == LS_OK; value = value->next) {
    status = bind_setting(value, path, &settings->items[settings->count++]);
  }
  return status;
}

/* A mapping alone is a list of one. */
static int bind_settings_list(const ls_arg *arg, const ls_node *node, const ls_path *path,
                              ls_settings_list *list) {
  bool many = node->kind == LS_NODE_LIST && arg->max_items != 1;
  list->items = ls_new(many ? node->count : 1, sizeof *list->items);
  if (!list->items) return LS_FAILED;
  if (!many) return bind_settings(node, path, &list->items[list->count++]);
  if (node->count == 0)
    return ls_node_fail(node, path, "a list of mappings of variables to values");
  for (const ls_node *item = node->first; item; item = item->next) {
    ls_path at = {path, NULL, list->count};
    int status = bind_settings(item, &at, &list->items[list->count++]);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* ---- Numbers by name ------------------------------------------------------------------------- */

/* A scalar is one of the words. */
static int bind_name_of_reals(const ls_arg *arg, const ls_node *node, const ls_path *path,
                              const char **word) {
  char expected[160];
  for (size_t i = 0; node->kind == LS_NODE_SCALAR && arg->words[i]; i++) {
    if (strcmp(ls_node_text(node), arg->words[i]) == 0) *word = arg->words[i];
  }
  if (*word) return LS_OK;
  snprintf(expected, sizeof expected, "a mapping of names to numbers, or %s", arg->words[0]);
  return ls_node_fail(node, path, expected);
}

static int bind_named_reals(const ls_arg *arg, const ls_node *node, const ls_path *path,
                            ls_named_reals *named) {
  if (node->kind != LS_NODE_MAPPING || node->count == 0) {
    return bind_name_of_reals(arg, node, path, &named->word);
  }
  named->names.items = ls_new(node->count, sizeof *named->names.items);
  named->values = ls_new(node->count, sizeof *named->values);
  if (!named->names.items || !named->values) return LS_FAILED;
  for (const ls_node *item = node->first; item; item = item->next) {
    ls_path at = {path, item->key, 0};
    const size_t i = named->names.count++;
    named->names.items[i] = ls_copy_text(item->key);
    int status = named->names.items[i] ? LS_OK : LS_FAILED;
    if (status == LS_OK) status = bind_real(arg, item, &at, &named->values[i]);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* What stands for an optional argument that was left out, where that isn't all zeroes. */
static void leave_out(const ls_arg *arg, void *value) {
  if (arg->kind == LS_ARG_REAL) *(double *)value = NAN;
  if (arg->kind == LS_ARG_WORD) *(int *)value = -1;
}

static int bind_arg(const ls_arg *arg, const ls_node *node, const ls_path *path, void *value) {
  if (ls_arg_is_optional(arg) && ls_node_is_null(node)) {
    leave_out(arg, value);
    return LS_OK;
  }
  switch (arg->kind) {
  case LS_ARG_INTEGER:
    return bind_integer(arg, node, path, value);
  case LS_ARG_REAL:
    return bind_real(arg, node, path, value);
  case LS_ARG_BOOLEAN:
    return ls_node_boolean(node, value) ? LS_OK : ls_node_fail(node, path, "true or false");
  case LS_ARG_TEXT:
    return bind_text(node, path, value);
  case LS_ARG_WORD:
    return bind_word(arg, node, path, value);
  case LS_ARG_REALS:
    return bind_reals(arg, node, path, value);
  case LS_ARG_TEXTS:
    return bind_texts(node, path, value);
  case LS_ARG_CHOICE:
    return bind_choice(arg->family, node, path, value);
  case LS_ARG_CHOICES:
    return bind_choices(arg->family, node, path, value);
  case LS_ARG_SECTION:
    return bind_values(arg->section, node, path, value);
  case LS_ARG_SECTIONS:
  case LS_ARG_LIST:
    return bind_sections(arg->section, node, path, value);
  case LS_ARG_SETTINGS:
    return bind_settings_list(arg, node, path, value);
  case LS_ARG_NAMED_REALS:
    return bind_named_reals(arg, node, path, value);
  }
  return ls_fail(LS_FAILED, "argument '%s' is of no known kind", arg->name);
}

/* A resolved mapping has the arguments' values in the order of the table. */
static int bind_values(const ls_component *type, const ls_node *mapping, const ls_path *path,
                       void *values) {
  const ls_node *node = mapping->first;
  for (const ls_arg *arg = type->args; node; arg++, node = node->next) {
    ls_path at = {path, arg->name, 0};
    int status = bind_arg(arg, node, &at, (char *)values + arg->offset);
    if (status != LS_OK) return status;
  }
  const char *problem = type->check ? type->check(values) : NULL;
  return problem ? ls_diagnostic_fail(mapping->place, path, "%s", problem) : LS_OK;
}

int ls_bind(const ls_component *type, const ls_node *resolved, const ls_path *path, void *values) {
  memset(values, 0, type->size);
  int status = bind_values(type, resolved, path, values);
  if (status != LS_OK) ls_component_clear(type, values);
  return status;
}
