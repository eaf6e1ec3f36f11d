/* Schemas of components: one function for each kind of argument, one for the forms of a component,
 * one for a family; families are definitions that the rest refers to. */
#include "job/schema_parts.h"

#include "job/axes.h"
#include "job/describe.h"
#include "job/json.h"
#include "job/resolve.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_default(schema_builder *b, json_t *schema, const char *fallback) {
  ls_arena arena = {0};
  ls_node *node = NULL;
  if (ls_tree_read(&node, &arena, fallback, (ls_place){"default", 0}) == LS_OK) {
    schema_put(b, schema, "default", ls_json_value(&b->failed, node));
  } else {
    b->failed = true;
  }
  ls_arena_free(&arena);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static json_t *family(schema_builder *b, const ls_family *f);

static void put_bounds(schema_builder *b, json_t *schema, const ls_arg *arg) {
  if (!ls_arg_is_bounded(arg)) return;
  const char *min = arg->flags & LS_ABOVE_MIN ? "exclusiveMinimum" : "minimum";
  const char *max = arg->flags & LS_BELOW_MAX ? "exclusiveMaximum" : "maximum";
  if (isfinite(arg->min)) schema_put(b, schema, min, ls_json_number(arg->min));
  if (isfinite(arg->max)) schema_put(b, schema, max, ls_json_number(arg->max));
}

static json_t *a_number(schema_builder *b, const ls_arg *arg) {
  json_t *schema = schema_of_type(b, ls_arg_takes_integers(arg) ? "integer" : "number");
  put_bounds(b, schema, arg);
  return schema;
}

static json_t *one_of_words(schema_builder *b, const char *const *words) {
  json_t *schema = json_object(), *list = json_array();
  for (; *words; words++) schema_append(b, list, json_string(*words));
  schema_put(b, schema, "enum", list);
  return schema;
}

/* A list of numbers, with what may stand for each. */
static json_t *numbers(schema_builder *b, const ls_arg *arg) {
  json_t *schema = schema_of_type(b, "array"), *items = json_object(), *forms = json_array();
  schema_append(b, forms, a_number(b, arg));
  if (arg->flags & LS_NULL_ITEMS) schema_append(b, forms, schema_of_type(b, "null"));
  if (b->variables) schema_append(b, forms, schema_reference(b, "expression"));
  schema_put(b, items, "anyOf", forms);
  schema_put(b, schema, "items", items);
  if (arg->min_items > 0)
    schema_put(b, schema, "minItems", json_integer((json_int_t)arg->min_items));
  if (arg->max_items > 0)
    schema_put(b, schema, "maxItems", json_integer((json_int_t)arg->max_items));
  return schema;
}

static json_t *members(schema_builder *b, const ls_arg *arg) {
  bool may_be_empty =
      ls_arg_is_optional(arg) || (arg->fallback && strcmp(arg->fallback, "[]") == 0);
  json_t *schema = schema_of_type(b, "array");
  schema_put(b, schema, "items", family(b, arg->family));
  if (!may_be_empty) schema_put(b, schema, "minItems", json_integer(1));
  return schema;
}

static json_t *sections(schema_builder *b, const ls_arg *arg) {
  json_t *schema = schema_of_type(b, "object");
  schema_put(b, schema, "propertyNames", schema_names_pattern(b));
  schema_put(b, schema, "additionalProperties", schema_component(b, arg->section));
  schema_put(b, schema, "minProperties", json_integer(1));
  return schema;
}

/* Values of variables of the sweep. */
static json_t *settings(schema_builder *b) {
  json_t *schema = schema_of_type(b, "object");
  schema_put(b, schema, "propertyNames", schema_names_pattern(b));
  schema_put(b, schema, "minProperties", json_integer(1));
  return schema;
}

/* Numbers by names of the user's. */
static json_t *named_numbers(schema_builder *b, const ls_arg *arg) {
  json_t *schema = schema_of_type(b, "object"), *value = json_object(), *forms = json_array();
  schema_append(b, forms, a_number(b, arg));
  if (b->variables) schema_append(b, forms, schema_reference(b, "expression"));
  schema_put(b, value, "anyOf", forms);
  schema_put(b, schema, "additionalProperties", value);
  schema_put(b, schema, "minProperties", json_integer(1));
  return schema;
}

static void add_forms(schema_builder *b, json_t *forms, const ls_arg *arg) {
  switch (arg->kind) {
  case LS_ARG_INTEGER:
    schema_append(b, forms, a_number(b, arg));
    if (arg->words) schema_append(b, forms, one_of_words(b, arg->words));
    break;
  case LS_ARG_REAL:
    schema_append(b, forms, a_number(b, arg));
    break;
  case LS_ARG_BOOLEAN:
    schema_append(b, forms, schema_of_type(b, "boolean"));
    break;
  case LS_ARG_TEXT:
    schema_append(b, forms, schema_reference(b, "text"));
    break;
  case LS_ARG_WORD:
    schema_append(b, forms, one_of_words(b, arg->words));
    break;
  case LS_ARG_REALS:
    if (arg->min_items <= 1) schema_append(b, forms, a_number(b, arg));
    schema_append(b, forms, numbers(b, arg));
    break;
  case LS_ARG_TEXTS:
    schema_append(b, forms, schema_reference(b, "text"));
    schema_append(b, forms, schema_list_of(b, schema_reference(b, "text")));
    break;
  case LS_ARG_CHOICE:
    schema_append(b, forms, family(b, arg->family));
    break;
  case LS_ARG_CHOICES:
    schema_append(b, forms, members(b, arg));
    break;
  case LS_ARG_SECTION:
    schema_append(b, forms, schema_component(b, arg->section));
    break;
  case LS_ARG_SECTIONS:
    schema_append(b, forms, sections(b, arg));
    break;
  case LS_ARG_LIST:
    schema_append(b, forms, schema_list_of(b, schema_component(b, arg->section)));
    break;
  case LS_ARG_SETTINGS:
    schema_append(b, forms, settings(b));
    if (arg->max_items != 1) schema_append(b, forms, schema_list_of(b, settings(b)));
    break;
  case LS_ARG_NAMED_REALS:
    schema_append(b, forms, named_numbers(b, arg));
    schema_append(b, forms, one_of_words(b, arg->words));
    break;
  }
}

static bool is_numeric(const ls_arg *arg) {
  return arg->kind == LS_ARG_INTEGER || arg->kind == LS_ARG_REAL || arg->kind == LS_ARG_REALS;
}

/* The forms of a value that is given, variables among them. */
static json_t *value_forms(schema_builder *b, const ls_arg *arg) {
  json_t *forms = json_array();
  add_forms(b, forms, arg);
  /* A family, a component and a text allow variables themselves. */
  bool included = arg->kind == LS_ARG_CHOICE || arg->kind == LS_ARG_SECTION ||
                  arg->kind == LS_ARG_TEXT || !b->variables;
  if (!included)
    schema_append(b, forms, schema_reference(b, is_numeric(arg) ? "expression" : "variable"));
  return forms;
}

static json_t *argument(schema_builder *b, const ls_arg *arg) {
  bool optional = ls_arg_is_optional(arg);
  json_t *forms = value_forms(b, arg);
  if (optional) schema_append(b, forms, schema_of_type(b, "null"));
  json_t *schema = schema_any_of(b, forms);
  schema_put(b, schema, "description", json_string(arg->purpose));
  if (arg->fallback && !optional) put_default(b, schema, arg->fallback);
  return schema;
}

/* ---- Components ------------------------------------------------------------------------------ */

static json_t *is_given(schema_builder *b, const char *name) {
  json_t *schema = json_object(), *properties = json_object(), *excluded = json_object();
  schema_put(b, excluded, "not", schema_of_type(b, "null"));
  schema_put(b, properties, name, excluded);
  schema_put(b, schema, "required", json_pack("[s]", name));
  schema_put(b, schema, "properties", properties);
  return schema;
}

/* Of each argument with `instead_of` and that other one exactly one. */
static void put_alternatives(schema_builder *b, json_t *schema, const ls_component *type) {
  json_t *all = json_array();
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    if (!arg->instead_of) continue;
    json_t *either = json_object();
    schema_put(b, either, "oneOf",
               json_pack("[oo]", is_given(b, arg->instead_of), is_given(b, arg->name)));
    schema_append(b, all, either);
  }
  if (json_array_size(all) > 0) {
    schema_put(b, schema, "allOf", all);
  } else {
    json_decref(all);
  }
}

/* The mapping of a component's arguments. */
json_t *schema_mapping(schema_builder *b, const ls_component *type) {
  json_t *schema = schema_of_type(b, "object"), *properties = json_object(),
         *required = json_array();
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    schema_put(b, properties, arg->name, argument(b, arg));
    if (!arg->fallback) schema_append(b, required, json_string(arg->name));
  }
  schema_put(b, schema, "properties", properties);
  if (json_array_size(required) > 0) {
    schema_put(b, schema, "required", required);
  } else {
    json_decref(required);
  }
  put_alternatives(b, schema, type);
  schema_put(b, schema, "additionalProperties", json_false());
  return schema;
}

/* Whether all arguments but the first `given` ones may be left out. */
static bool is_complete_with(const ls_component *type, size_t given) {
  for (size_t i = 0; type->args && type->args[i].name; i++) {
    const ls_arg *arg = &type->args[i];
    bool chosen = given > 0 && arg->instead_of && strcmp(arg->instead_of, type->args->name) == 0;
    if (i >= given && (!arg->fallback || (arg->instead_of && !chosen))) return false;
  }
  return true;
}

/* The first argument's value alone: no mapping, which would be one of all arguments. */
static json_t *first_argument(schema_builder *b, const ls_component *type) {
  json_t *schema = schema_any_of(b, value_forms(b, type->args));
  if (!is_numeric(type->args) && type->args->kind != LS_ARG_TEXT) {
    schema_put(b, schema, "type", json_pack("[ssss]", "string", "number", "boolean", "array"));
  }
  return schema;
}

/* All that may stand for a component's arguments. */
json_t *schema_component(schema_builder *b, const ls_component *type) {
  json_t *forms = json_array();
  schema_append(b, forms, schema_mapping(b, type));
  bool has_arguments = type->args && type->args->name;
  if (has_arguments && is_complete_with(type, 1)) schema_append(b, forms, first_argument(b, type));
  if (is_complete_with(type, 0)) schema_append(b, forms, schema_of_type(b, "null"));
  if (b->variables) schema_append(b, forms, schema_reference(b, "variable"));
  json_t *schema = schema_any_of(b, forms);
  schema_put(b, schema, "description", json_string(type->purpose));
  return schema;
}

/* ---- Families -------------------------------------------------------------------------------- */

/* {name: arguments}. */
static json_t *member_mapping(schema_builder *b, const ls_family *f) {
  json_t *schema = schema_of_type(b, "object"), *properties = json_object();
  for (size_t i = 0; i < f->count; i++) {
    schema_put(b, properties, f->members[i]->name, schema_component(b, f->members[i]));
  }
  schema_put(b, schema, "properties", properties);
  schema_put(b, schema, "additionalProperties", json_false());
  schema_put(b, schema, "minProperties", json_integer(1));
  schema_put(b, schema, "maxProperties", json_integer(1));
  return schema;
}

/* The names that stand for their component with its defaults. */
static json_t *member_names(schema_builder *b, const ls_family *f) {
  json_t *schema = json_object(), *names = json_array();
  for (size_t i = 0; i < f->count; i++) {
    if (is_complete_with(f->members[i], 0))
      schema_append(b, names, json_string(f->members[i]->name));
  }
  schema_put(b, schema, "enum", names);
  return schema;
}

static json_t *family_definition(schema_builder *b, const ls_family *f) {
  json_t *forms = json_array(), *names = member_names(b, f);
  if (json_array_size(json_object_get(names, "enum")) > 0) {
    schema_append(b, forms, names);
  } else {
    json_decref(names);
  }
  schema_append(b, forms, member_mapping(b, f));
  bool takes_number = ls_family_takes_number(f);
  if (takes_number) schema_append(b, forms, a_number(b, f->members[0]->args));
  schema_append(b, forms, schema_reference(b, takes_number ? "expression" : "variable"));
  return schema_any_of(b, forms);
}

/* A reference to the family's definition, which is made when it is first asked for; members may
 * refer to it. */
static json_t *family(schema_builder *b, const ls_family *f) {
  if (!json_object_get(b->definitions, f->kind)) {
    schema_put(b, b->definitions, f->kind, json_object());
    schema_put(b, b->definitions, f->kind, family_definition(b, f));
  }
  return schema_reference(b, f->kind);
}
