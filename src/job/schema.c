/* The JSON Schema of job files: that of the recipe, the sweep, and what both refer to. */
#include "job/schema.h"

#include "job/axes.h"
#include "job/json.h"
#include "job/schema_parts.h"
#include "lockstep/error.h"

static json_t *pattern(schema_builder *b, const char *text, const char *description) {
  json_t *schema = schema_of_type(b, "string");
  schema_put(b, schema, "pattern", json_string(text));
  schema_put(b, schema, "description", json_string(description));
  return schema;
}

/* What the rest refers to: texts, for which any scalar but null may stand, and variables. */
static void define_scalars(schema_builder *b) {
  json_t *text = json_object();
  schema_put(b, text, "type", json_pack("[sss]", "string", "number", "boolean"));
  schema_put(b, b->definitions, "text", text);
  schema_put(b, b->definitions, "variable",
             pattern(b, "^\\$[A-Za-z0-9_]+$", "a variable of the sweep"));
  schema_put(b, b->definitions, "expression",
             pattern(b,
                     "^(?=.*\\$[A-Za-z0-9_])(\\$[A-Za-z0-9_]+|([0-9]+(\\.[0-9]*)?|\\.[0-9]+)"
                     "([eE][-+]?[0-9]+)?|[-+*/() ])+$",
                     "a variable of the sweep, or arithmetic with variables"));
}

int ls_schema_write(char **out, const ls_component *recipe) {
  schema_builder b = {.definitions = json_object(), .variables = true};
  define_scalars(&b);
  json_t *schema = json_object(), *job = schema_mapping(&b, recipe);
  schema_put(&b, schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
  schema_put(&b, schema, "title", json_string("Lockstep job file"));
  b.failed |= json_object_update(schema, job) != 0;
  json_decref(job);
  schema_put(&b, json_object_get(schema, "properties"), ls_sweep_section.name, schema_sweep(&b));
  schema_put(&b, schema, "$defs", b.definitions);
  ls_text text = {.failed = b.failed};
  ls_json_add(&text, schema, 0);
  ls_text_add(&text, "\n");
  json_decref(schema);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
