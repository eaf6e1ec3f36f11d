/* What the files that write the JSON Schema of jobs share. Without memory the builder fails, which
 * is checked once, at the end. */
#ifndef LS_JOB_SCHEMA_PARTS_H
#define LS_JOB_SCHEMA_PARTS_H

#include "lockstep/component.h"

#include <jansson.h>
#include <stdbool.h>

/* `variables`: whether variables may stand for values, which the sweep's own keys don't allow. */
typedef struct schema_builder {
  json_t *definitions;
  bool variables;
  bool failed;
} schema_builder;

/* Adds to an object or an array, which takes the value over. */
void schema_put(schema_builder *b, json_t *object, const char *key, json_t *value);
void schema_append(schema_builder *b, json_t *array, json_t *value);

/* {type: ...}, and a reference to a definition. */
json_t *schema_of_type(schema_builder *b, const char *type);
json_t *schema_reference(schema_builder *b, const char *name);

/* {anyOf: forms}, or the form itself if there is but one. Takes over `forms`. */
json_t *schema_any_of(schema_builder *b, json_t *forms);

/* A list of `items`, not empty; a name of the user's. */
json_t *schema_list_of(schema_builder *b, json_t *items);
json_t *schema_names_pattern(schema_builder *b);

/* ---- schema_components.c --------------------------------------------------------------------- */

/* A component in all its forms, and the mapping of its arguments alone. */
json_t *schema_component(schema_builder *b, const ls_component *type);
json_t *schema_mapping(schema_builder *b, const ls_component *type);

/* ---- schema_sweep.c -------------------------------------------------------------------------- */

json_t *schema_sweep(schema_builder *b);

#endif
