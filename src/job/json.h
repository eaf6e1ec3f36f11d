/* JSON values, and their text: what the schema needs beside jansson. Local. */
#ifndef LS_JOB_JSON_H
#define LS_JOB_JSON_H

#include "base/text.h"
#include "job/tree.h"

#include <jansson.h>

/* Add a value, which they take over, to an object or an array. Set *failed, which is checked once
 * at the end, if it is NULL or there is no memory. */
void ls_json_put(bool *failed, json_t *object, const char *key, json_t *value);
void ls_json_append(bool *failed, json_t *array, json_t *value);

/* A number: an integer where it is one. */
json_t *ls_json_number(double value);

/* The value of a YAML node. */
json_t *ls_json_value(bool *failed, const ls_node *node);

/* Appends the text of a value that begins at column `indent`: on one line where it fits, else with
 * a line for each member. */
void ls_json_add(ls_text *out, json_t *value, size_t indent);

#endif
