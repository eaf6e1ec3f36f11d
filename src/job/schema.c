/* The JSON Schema of job files: one function for each kind of argument, one for the forms of a
 * component, one for a family; families are definitions that the rest refers to. */
#include "job/schema.h"

#include "job/axes.h"
#include "job/describe.h"
#include "job/distributions.h"
#include "job/json.h"
#include "job/resolve.h"
#include "job/values.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* `variables`: whether variables may stand for values, which the sweep's own keys don't allow. */
typedef struct builder {
  json_t *definitions;
  bool variables;
  bool failed; /* out of memory: checked once, at the end */
} builder;

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put(builder *b, json_t *object, const char *key, json_t *value) {
  ls_json_put(&b->failed, object, key, value);
}

static void append(builder *b, json_t *array, json_t *value) {
  ls_json_append(&b->failed, array, value);
}

static json_t *of_type(builder *b, const char *type) {
  json_t *schema = json_object();
  put(b, schema, "type", json_string(type));
  return schema;
}

static json_t *reference(builder *b, const char *name) {
  char path[128];
  json_t *schema = json_object();
  snprintf(path, sizeof path, "#/$defs/%s", name);
  put(b, schema, "$ref", json_string(path));
  return schema;
}

static void put_default(builder *b, json_t *schema, const char *fallback) {
  ls_arena arena = {0};
  ls_node *node = NULL;
  if (ls_tree_read(&node, &arena, fallback, (ls_place){"default", 0}) == LS_OK) {
    put(b, schema, "default", ls_json_value(&b->failed, node));
  } else {
    b->failed = true;
  }
  ls_arena_free(&arena);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static json_t *component(builder *b, const ls_component *type);
static json_t *family(builder *b, const ls_family *f);

static void put_bounds(builder *b, json_t *schema, const ls_arg *arg) {
  if (!ls_arg_is_bounded(arg)) return;
  const char *min = arg->flags & LS_ABOVE_MIN ? "exclusiveMinimum" : "minimum";
  const char *max = arg->flags & LS_BELOW_MAX ? "exclusiveMaximum" : "maximum";
  if (isfinite(arg->min)) put(b, schema, min, ls_json_number(arg->min));
  if (isfinite(arg->max)) put(b, schema, max, ls_json_number(arg->max));
}

static json_t *a_number(builder *b, const ls_arg *arg) {
  json_t *schema = of_type(b, ls_arg_takes_integers(arg) ? "integer" : "number");
  put_bounds(b, schema, arg);
  return schema;
}

static json_t *one_of_words(builder *b, const char *const *words) {
  json_t *schema = json_object(), *list = json_array();
  for (; *words; words++) append(b, list, json_string(*words));
  put(b, schema, "enum", list);
  return schema;
}

/* A list of numbers, with what may stand for each. */
static json_t *numbers(builder *b, const ls_arg *arg) {
  json_t *schema = of_type(b, "array"), *items = json_object(), *forms = json_array();
  append(b, forms, a_number(b, arg));
  if (arg->flags & LS_NULL_ITEMS) append(b, forms, of_type(b, "null"));
  if (b->variables) append(b, forms, reference(b, "expression"));
  put(b, items, "anyOf", forms);
  put(b, schema, "items", items);
  if (arg->min_items > 0) put(b, schema, "minItems", json_integer((json_int_t)arg->min_items));
  if (arg->max_items > 0) put(b, schema, "maxItems", json_integer((json_int_t)arg->max_items));
  return schema;
}

static json_t *members(builder *b, const ls_arg *arg) {
  bool may_be_empty =
      ls_arg_is_optional(arg) || (arg->fallback && strcmp(arg->fallback, "[]") == 0);
  json_t *schema = of_type(b, "array");
  put(b, schema, "items", family(b, arg->family));
  if (!may_be_empty) put(b, schema, "minItems", json_integer(1));
  return schema;
}

static json_t *names_pattern(builder *b) {
  json_t *schema = json_object();
  put(b, schema, "pattern", json_sprintf("^[A-Za-z_][A-Za-z0-9_]{0,%d}$", LS_NAME_LENGTH - 1));
  return schema;
}

static json_t *sections(builder *b, const ls_arg *arg) {
  json_t *schema = of_type(b, "object");
  put(b, schema, "propertyNames", names_pattern(b));
  put(b, schema, "additionalProperties", component(b, arg->section));
  put(b, schema, "minProperties", json_integer(1));
  return schema;
}

/* Values of variables of the sweep. */
static json_t *settings(builder *b) {
  json_t *schema = of_type(b, "object");
  put(b, schema, "propertyNames", names_pattern(b));
  put(b, schema, "minProperties", json_integer(1));
  return schema;
}

/* Numbers by names of the user's. */
static json_t *named_numbers(builder *b, const ls_arg *arg) {
  json_t *schema = of_type(b, "object"), *value = json_object(), *forms = json_array();
  append(b, forms, a_number(b, arg));
  if (b->variables) append(b, forms, reference(b, "expression"));
  put(b, value, "anyOf", forms);
  put(b, schema, "additionalProperties", value);
  put(b, schema, "minProperties", json_integer(1));
  return schema;
}

/* A list of `items`, not empty. */
static json_t *list_of(builder *b, json_t *items) {
  json_t *schema = of_type(b, "array");
  put(b, schema, "items", items);
  put(b, schema, "minItems", json_integer(1));
  return schema;
}

/* The forms of an argument's value, but for a variable and null, appended to `forms`. */
static void add_forms(builder *b, json_t *forms, const ls_arg *arg) {
  switch (arg->kind) {
  case LS_ARG_INTEGER:
    append(b, forms, a_number(b, arg));
    if (arg->words) append(b, forms, one_of_words(b, arg->words));
    break;
  case LS_ARG_REAL:
    append(b, forms, a_number(b, arg));
    break;
  case LS_ARG_BOOLEAN:
    append(b, forms, of_type(b, "boolean"));
    break;
  case LS_ARG_TEXT:
    append(b, forms, reference(b, "text"));
    break;
  case LS_ARG_WORD:
    append(b, forms, one_of_words(b, arg->words));
    break;
  case LS_ARG_REALS:
    if (arg->min_items <= 1) append(b, forms, a_number(b, arg));
    append(b, forms, numbers(b, arg));
    break;
  case LS_ARG_TEXTS:
    append(b, forms, reference(b, "text"));
    append(b, forms, list_of(b, reference(b, "text")));
    break;
  case LS_ARG_CHOICE:
    append(b, forms, family(b, arg->family));
    break;
  case LS_ARG_CHOICES:
    append(b, forms, members(b, arg));
    break;
  case LS_ARG_SECTION:
    append(b, forms, component(b, arg->section));
    break;
  case LS_ARG_SECTIONS:
    append(b, forms, sections(b, arg));
    break;
  case LS_ARG_LIST:
    append(b, forms, list_of(b, component(b, arg->section)));
    break;
  case LS_ARG_SETTINGS:
    append(b, forms, settings(b));
    if (arg->max_items != 1) append(b, forms, list_of(b, settings(b)));
    break;
  case LS_ARG_NAMED_REALS:
    append(b, forms, named_numbers(b, arg));
    append(b, forms, one_of_words(b, arg->words));
    break;
  }
}

static bool is_numeric(const ls_arg *arg) {
  return arg->kind == LS_ARG_INTEGER || arg->kind == LS_ARG_REAL || arg->kind == LS_ARG_REALS;
}

/* {anyOf: forms}, or the form itself if there is but one. Takes over `forms`. */
static json_t *any_of(builder *b, json_t *forms) {
  if (json_array_size(forms) == 1) {
    json_t *only = json_incref(json_array_get(forms, 0));
    json_decref(forms);
    return only;
  }
  json_t *schema = json_object();
  put(b, schema, "anyOf", forms);
  return schema;
}

/* The forms of a value that is given, variables among them. */
static json_t *value_forms(builder *b, const ls_arg *arg) {
  json_t *forms = json_array();
  add_forms(b, forms, arg);
  /* A family, a component and a text allow variables themselves. */
  bool included = arg->kind == LS_ARG_CHOICE || arg->kind == LS_ARG_SECTION ||
                  arg->kind == LS_ARG_TEXT || !b->variables;
  if (!included) append(b, forms, reference(b, is_numeric(arg) ? "expression" : "variable"));
  return forms;
}

static json_t *argument(builder *b, const ls_arg *arg) {
  bool optional = ls_arg_is_optional(arg);
  json_t *forms = value_forms(b, arg);
  if (optional) append(b, forms, of_type(b, "null"));
  json_t *schema = any_of(b, forms);
  put(b, schema, "description", json_string(arg->purpose));
  if (arg->fallback && !optional) put_default(b, schema, arg->fallback);
  return schema;
}

/* ---- Components ------------------------------------------------------------------------------ */

static json_t *is_given(builder *b, const char *name) {
  json_t *schema = json_object(), *properties = json_object(), *excluded = json_object();
  put(b, excluded, "not", of_type(b, "null"));
  put(b, properties, name, excluded);
  put(b, schema, "required", json_pack("[s]", name));
  put(b, schema, "properties", properties);
  return schema;
}

/* Of each argument with `instead_of` and that other one exactly one. */
static void put_alternatives(builder *b, json_t *schema, const ls_component *type) {
  json_t *all = json_array();
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    if (!arg->instead_of) continue;
    json_t *either = json_object();
    put(b, either, "oneOf",
        json_pack("[oo]", is_given(b, arg->instead_of), is_given(b, arg->name)));
    append(b, all, either);
  }
  if (json_array_size(all) > 0) {
    put(b, schema, "allOf", all);
  } else {
    json_decref(all);
  }
}

/* The mapping of a component's arguments. */
static json_t *mapping(builder *b, const ls_component *type) {
  json_t *schema = of_type(b, "object"), *properties = json_object(), *required = json_array();
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    put(b, properties, arg->name, argument(b, arg));
    if (!arg->fallback) append(b, required, json_string(arg->name));
  }
  put(b, schema, "properties", properties);
  if (json_array_size(required) > 0) {
    put(b, schema, "required", required);
  } else {
    json_decref(required);
  }
  put_alternatives(b, schema, type);
  put(b, schema, "additionalProperties", json_false());
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
static json_t *first_argument(builder *b, const ls_component *type) {
  json_t *schema = any_of(b, value_forms(b, type->args));
  if (!is_numeric(type->args) && type->args->kind != LS_ARG_TEXT) {
    put(b, schema, "type", json_pack("[ssss]", "string", "number", "boolean", "array"));
  }
  return schema;
}

/* All that may stand for a component's arguments. */
static json_t *component(builder *b, const ls_component *type) {
  json_t *forms = json_array();
  append(b, forms, mapping(b, type));
  bool has_arguments = type->args && type->args->name;
  if (has_arguments && is_complete_with(type, 1)) append(b, forms, first_argument(b, type));
  if (is_complete_with(type, 0)) append(b, forms, of_type(b, "null"));
  if (b->variables) append(b, forms, reference(b, "variable"));
  json_t *schema = any_of(b, forms);
  put(b, schema, "description", json_string(type->purpose));
  return schema;
}

/* ---- Families -------------------------------------------------------------------------------- */

/* {name: arguments}. */
static json_t *member_mapping(builder *b, const ls_family *f) {
  json_t *schema = of_type(b, "object"), *properties = json_object();
  for (size_t i = 0; i < f->count; i++) {
    put(b, properties, f->members[i]->name, component(b, f->members[i]));
  }
  put(b, schema, "properties", properties);
  put(b, schema, "additionalProperties", json_false());
  put(b, schema, "minProperties", json_integer(1));
  put(b, schema, "maxProperties", json_integer(1));
  return schema;
}

/* The names that stand for their component with its defaults. */
static json_t *member_names(builder *b, const ls_family *f) {
  json_t *schema = json_object(), *names = json_array();
  for (size_t i = 0; i < f->count; i++) {
    if (is_complete_with(f->members[i], 0)) append(b, names, json_string(f->members[i]->name));
  }
  put(b, schema, "enum", names);
  return schema;
}

static json_t *family_definition(builder *b, const ls_family *f) {
  json_t *forms = json_array(), *names = member_names(b, f);
  if (json_array_size(json_object_get(names, "enum")) > 0) {
    append(b, forms, names);
  } else {
    json_decref(names);
  }
  append(b, forms, member_mapping(b, f));
  bool takes_number = ls_family_takes_number(f);
  if (takes_number) append(b, forms, a_number(b, f->members[0]->args));
  append(b, forms, reference(b, takes_number ? "expression" : "variable"));
  return any_of(b, forms);
}

/* A reference to the family's definition, which is made when it is first asked for; members may
 * refer to it. */
static json_t *family(builder *b, const ls_family *f) {
  if (!json_object_get(b->definitions, f->kind)) {
    put(b, b->definitions, f->kind, json_object());
    put(b, b->definitions, f->kind, family_definition(b, f));
  }
  return reference(b, f->kind);
}

/* ---- Variables and the sweep ----------------------------------------------------------------- */

static json_t *pattern(builder *b, const char *text, const char *description) {
  json_t *schema = of_type(b, "string");
  put(b, schema, "pattern", json_string(text));
  put(b, schema, "description", json_string(description));
  return schema;
}

/* What the rest refers to: texts, for which any scalar but null may stand, and variables. */
static void define_scalars(builder *b) {
  json_t *text = json_object();
  put(b, text, "type", json_pack("[sss]", "string", "number", "boolean"));
  put(b, b->definitions, "text", text);
  put(b, b->definitions, "variable", pattern(b, "^\\$[A-Za-z0-9_]+$", "a variable of the sweep"));
  put(b, b->definitions, "expression",
      pattern(b,
              "^(?=.*\\$[A-Za-z0-9_])(\\$[A-Za-z0-9_]+|([0-9]+(\\.[0-9]*)?|\\.[0-9]+)"
              "([eE][-+]?[0-9]+)?|[-+*/() ])+$",
              "a variable of the sweep, or arithmetic with variables"));
}

/* A mapping of this one key alone, which is a distribution and no label. */
static json_t *only_key(builder *b, const char *key) {
  json_t *schema = json_object();
  put(b, schema, "required", json_pack("[s]", key));
  put(b, schema, "maxProperties", json_integer(1));
  return schema;
}

/* A mapping of labels to values: any without a key of a range. */
static json_t *labelled_values(builder *b) {
  json_t *schema = of_type(b, "object"), *names = json_object(), *keys = json_array();
  json_t *of_range = json_object(), *distributions = json_array(), *excluded = json_object();
  for (const ls_arg *arg = ls_range.args; arg->name; arg++) append(b, keys, json_string(arg->name));
  append(b, keys, json_string("when"));
  put(b, of_range, "enum", keys);
  put(b, names, "not", of_range);
  for (size_t i = 0; i < ls_distributions.count; i++) {
    append(b, distributions, only_key(b, ls_distributions.members[i]->name));
  }
  append(b, distributions, only_key(b, "choice"));
  put(b, excluded, "anyOf", distributions);
  put(b, schema, "not", excluded);
  put(b, schema, "propertyNames", names);
  put(b, schema, "minProperties", json_integer(1));
  put(b, schema, "description", json_string("values with labels"));
  return schema;
}

/* The key `when`: variables with one value, or several of which each will do. */
static json_t *condition(builder *b) {
  json_t *schema = of_type(b, "object"), *forms = json_array();
  append(b, forms, reference(b, "text"));
  append(b, forms, list_of(b, reference(b, "text")));
  put(b, schema, "additionalProperties", any_of(b, forms));
  put(b, schema, "minProperties", json_integer(1));
  put(b, schema, "description",
      json_string("values of other variables, only with which this one has a value"));
  return schema;
}

/* A mapping with one key, and perhaps `when`. */
static json_t *form(builder *b, const char *key, json_t *value) {
  json_t *schema = of_type(b, "object"), *properties = json_object();
  put(b, properties, key, value);
  put(b, properties, "when", condition(b));
  put(b, schema, "properties", properties);
  put(b, schema, "required", json_pack("[s]", key));
  put(b, schema, "additionalProperties", json_false());
  return schema;
}

static json_t *list_of_values(builder *b) {
  json_t *list = of_type(b, "array");
  put(b, list, "minItems", json_integer(1));
  put(b, list, "uniqueItems", json_true());
  put(b, list, "description", json_string("the values"));
  return list;
}

/* A list, or a mapping of labels to values. */
static json_t *listed_values(builder *b) {
  json_t *forms = json_array();
  append(b, forms, list_of_values(b));
  append(b, forms, labelled_values(b));
  return any_of(b, forms);
}

static json_t *range_of_values(builder *b) {
  json_t *schema = mapping(b, &ls_range);
  put(b, json_object_get(schema, "properties"), "when", condition(b));
  return schema;
}

static json_t *values_of_variable(builder *b) {
  json_t *forms = json_array();
  append(b, forms, list_of_values(b));
  append(b, forms, reference(b, "text"));
  append(b, forms, range_of_values(b));
  for (size_t i = 0; i < ls_distributions.count; i++) {
    const ls_component *type = ls_distributions.members[i];
    append(b, forms, form(b, type->name, component(b, type)));
  }
  append(b, forms, form(b, "choice", listed_values(b)));
  append(b, forms, form(b, "values", listed_values(b)));
  append(b, forms, labelled_values(b));
  json_t *schema = any_of(b, forms);
  put(b, schema, "description",
      json_string("a variable: a list of values, {range: [FIRST, LAST], count: N}, "
                  "{log_range: [FIRST, LAST], count: N}, a mapping of labels to values, or a "
                  "distribution, such as {uniform: {low: 0, high: 1}} or {choice: [1, 2]}"));
  return schema;
}

/* The key `joint`: lists side by side, or rows. */
static json_t *joint(builder *b) {
  json_t *lists = of_type(b, "object"), *row = of_type(b, "object"), *forms = json_array();
  json_t *list = of_type(b, "array");
  put(b, list, "minItems", json_integer(1));
  put(b, lists, "additionalProperties", list);
  put(b, lists, "minProperties", json_integer(1));
  put(b, row, "minProperties", json_integer(1));
  append(b, forms, lists);
  append(b, forms, list_of(b, row));
  json_t *schema = any_of(b, forms);
  put(b, schema, "description",
      json_string("variables whose values go together: lists of the same length, or a list of rows "
                  "{variable: value}"));
  return schema;
}

/* Names that a variable may have. */
static json_t *variable_names(builder *b) {
  json_t *schema = names_pattern(b), *taken = json_object(), *names = json_array();
  for (const char *const *name = ls_axes_taken; *name; name++) {
    append(b, names, json_string(*name));
  }
  json_t *listed = json_object(), *begins = json_object();
  put(b, listed, "enum", names);
  put(b, begins, "pattern", json_string("^(val|test)_"));
  put(b, taken, "anyOf", json_pack("[oo]", listed, begins));
  put(b, schema, "not", taken);
  return schema;
}

static json_t *sweep(builder *b) {
  b->variables = false;
  json_t *section = mapping(b, &ls_sweep_section), *forms = json_array();
  put(b, json_object_get(section, "properties"), LS_SWEEP_JOINT, joint(b));
  put(b, section, "additionalProperties", values_of_variable(b));
  put(b, section, "propertyNames", variable_names(b));
  append(b, forms, section);
  append(b, forms, of_type(b, "null"));
  json_t *schema = any_of(b, forms);
  put(b, schema, "description", json_string(ls_sweep_section.purpose));
  b->variables = true;
  return schema;
}

/* ---- The whole ------------------------------------------------------------------------------- */

int ls_schema_write(char **out, const ls_component *recipe) {
  builder b = {.definitions = json_object(), .variables = true};
  define_scalars(&b);
  json_t *schema = json_object(), *job = mapping(&b, recipe);
  put(&b, schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
  put(&b, schema, "title", json_string("Lockstep job file"));
  b.failed |= json_object_update(schema, job) != 0;
  json_decref(job);
  put(&b, json_object_get(schema, "properties"), ls_sweep_section.name, sweep(&b));
  put(&b, schema, "$defs", b.definitions);
  ls_text text = {.failed = b.failed};
  ls_json_add(&text, schema, 0);
  ls_text_add(&text, "\n");
  json_decref(schema);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
