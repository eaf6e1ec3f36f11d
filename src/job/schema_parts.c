/* Parts of JSON Schemas. */
#include "job/schema_parts.h"

#include "job/axes.h"
#include "job/json.h"

#include <stdio.h>

void schema_put(schema_builder *b, json_t *object, const char *key, json_t *value) {
  ls_json_put(&b->failed, object, key, value);
}

void schema_append(schema_builder *b, json_t *array, json_t *value) {
  ls_json_append(&b->failed, array, value);
}

json_t *schema_of_type(schema_builder *b, const char *type) {
  json_t *schema = json_object();
  schema_put(b, schema, "type", json_string(type));
  return schema;
}

json_t *schema_reference(schema_builder *b, const char *name) {
  char path[128];
  json_t *schema = json_object();
  snprintf(path, sizeof path, "#/$defs/%s", name);
  schema_put(b, schema, "$ref", json_string(path));
  return schema;
}

json_t *schema_any_of(schema_builder *b, json_t *forms) {
  if (json_array_size(forms) == 1) {
    json_t *only = json_incref(json_array_get(forms, 0));
    json_decref(forms);
    return only;
  }
  json_t *schema = json_object();
  schema_put(b, schema, "anyOf", forms);
  return schema;
}

json_t *schema_names_pattern(schema_builder *b) {
  json_t *schema = json_object();
  schema_put(b, schema, "pattern",
             json_sprintf("^[A-Za-z_][A-Za-z0-9_]{0,%d}$", LS_NAME_LENGTH - 1));
  return schema;
}

json_t *schema_list_of(schema_builder *b, json_t *items) {
  json_t *schema = schema_of_type(b, "array");
  schema_put(b, schema, "items", items);
  schema_put(b, schema, "minItems", json_integer(1));
  return schema;
}

/* The forms of an argument's value, but for a variable and null, appended to `forms`. */
