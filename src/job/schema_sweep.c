/* The schema of the section `sweep`. */
#include "job/axes.h"
#include "job/distributions.h"
#include "job/schema_parts.h"
#include "job/values.h"

/* A mapping of this one key alone, which is a distribution and no label. */
static json_t *only_key(schema_builder *b, const char *key) {
  json_t *schema = json_object();
  schema_put(b, schema, "required", json_pack("[s]", key));
  schema_put(b, schema, "maxProperties", json_integer(1));
  return schema;
}

/* A mapping of labels to values: any without a key of a range. */
static json_t *labelled_values(schema_builder *b) {
  json_t *schema = schema_of_type(b, "object"), *names = json_object(), *keys = json_array();
  json_t *of_range = json_object(), *distributions = json_array(), *excluded = json_object();
  for (const ls_arg *arg = ls_range.args; arg->name; arg++)
    schema_append(b, keys, json_string(arg->name));
  schema_append(b, keys, json_string("when"));
  schema_put(b, of_range, "enum", keys);
  schema_put(b, names, "not", of_range);
  for (size_t i = 0; i < ls_distributions.count; i++) {
    schema_append(b, distributions, only_key(b, ls_distributions.members[i]->name));
  }
  schema_append(b, distributions, only_key(b, "choice"));
  schema_put(b, excluded, "anyOf", distributions);
  schema_put(b, schema, "not", excluded);
  schema_put(b, schema, "propertyNames", names);
  schema_put(b, schema, "minProperties", json_integer(1));
  schema_put(b, schema, "description", json_string("values with labels"));
  return schema;
}

/* The key `when`: variables with one value, or several of which each will do. */
static json_t *condition(schema_builder *b) {
  json_t *schema = schema_of_type(b, "object"), *forms = json_array();
  schema_append(b, forms, schema_reference(b, "text"));
  schema_append(b, forms, schema_list_of(b, schema_reference(b, "text")));
  schema_put(b, schema, "additionalProperties", schema_any_of(b, forms));
  schema_put(b, schema, "minProperties", json_integer(1));
  schema_put(b, schema, "description",
             json_string("values of other variables, only with which this one has a value"));
  return schema;
}

/* A mapping with one key, and perhaps `when`. */
static json_t *form(schema_builder *b, const char *key, json_t *value) {
  json_t *schema = schema_of_type(b, "object"), *properties = json_object();
  schema_put(b, properties, key, value);
  schema_put(b, properties, "when", condition(b));
  schema_put(b, schema, "properties", properties);
  schema_put(b, schema, "required", json_pack("[s]", key));
  schema_put(b, schema, "additionalProperties", json_false());
  return schema;
}

static json_t *list_of_values(schema_builder *b) {
  json_t *list = schema_of_type(b, "array");
  schema_put(b, list, "minItems", json_integer(1));
  schema_put(b, list, "uniqueItems", json_true());
  schema_put(b, list, "description", json_string("the values"));
  return list;
}

/* A list, or a mapping of labels to values. */
static json_t *listed_values(schema_builder *b) {
  json_t *forms = json_array();
  schema_append(b, forms, list_of_values(b));
  schema_append(b, forms, labelled_values(b));
  return schema_any_of(b, forms);
}

static json_t *range_of_values(schema_builder *b) {
  json_t *schema = schema_mapping(b, &ls_range);
  schema_put(b, json_object_get(schema, "properties"), "when", condition(b));
  return schema;
}

static json_t *values_of_variable(schema_builder *b) {
  json_t *forms = json_array();
  schema_append(b, forms, list_of_values(b));
  schema_append(b, forms, schema_reference(b, "text"));
  schema_append(b, forms, range_of_values(b));
  for (size_t i = 0; i < ls_distributions.count; i++) {
    const ls_component *type = ls_distributions.members[i];
    schema_append(b, forms, form(b, type->name, schema_component(b, type)));
  }
  schema_append(b, forms, form(b, "choice", listed_values(b)));
  schema_append(b, forms, form(b, "values", listed_values(b)));
  schema_append(b, forms, labelled_values(b));
  json_t *schema = schema_any_of(b, forms);
  schema_put(
      b, schema, "description",
      json_string("a variable: a list of values, {range: [FIRST, LAST], count: N}, "
                  "{log_range: [FIRST, LAST], count: N}, a mapping of labels to values, or a "
                  "distribution, such as {uniform: {low: 0, high: 1}} or {choice: [1, 2]}"));
  return schema;
}

/* The key `joint`: lists side by side, or rows. */
static json_t *joint(schema_builder *b) {
  json_t *lists = schema_of_type(b, "object"), *row = schema_of_type(b, "object"),
         *forms = json_array();
  json_t *list = schema_of_type(b, "array");
  schema_put(b, list, "minItems", json_integer(1));
  schema_put(b, lists, "additionalProperties", list);
  schema_put(b, lists, "minProperties", json_integer(1));
  schema_put(b, row, "minProperties", json_integer(1));
  schema_append(b, forms, lists);
  schema_append(b, forms, schema_list_of(b, row));
  json_t *schema = schema_any_of(b, forms);
  schema_put(
      b, schema, "description",
      json_string("variables whose values go together: lists of the same length, or a list of rows "
                  "{variable: value}"));
  return schema;
}

/* Names that a variable may have. */
static json_t *variable_names(schema_builder *b) {
  json_t *schema = schema_names_pattern(b), *taken = json_object(), *names = json_array();
  for (const char *const *name = ls_axes_taken; *name; name++) {
    schema_append(b, names, json_string(*name));
  }
  json_t *listed = json_object(), *begins = json_object();
  schema_put(b, listed, "enum", names);
  schema_put(b, begins, "pattern", json_string("^(val|test)_"));
  schema_put(b, taken, "anyOf", json_pack("[oo]", listed, begins));
  schema_put(b, schema, "not", taken);
  return schema;
}

json_t *schema_sweep(schema_builder *b) {
  b->variables = false;
  json_t *section = schema_mapping(b, &ls_sweep_section), *forms = json_array();
  schema_put(b, json_object_get(section, "properties"), LS_SWEEP_JOINT, joint(b));
  schema_put(b, section, "additionalProperties", values_of_variable(b));
  schema_put(b, section, "propertyNames", variable_names(b));
  schema_append(b, forms, section);
  schema_append(b, forms, schema_of_type(b, "null"));
  json_t *schema = schema_any_of(b, forms);
  schema_put(b, schema, "description", json_string(ls_sweep_section.purpose));
  b->variables = true;
  return schema;
}
