/* JSON values, and their text. */
#include "job/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void ls_json_put(bool *failed, json_t *object, const char *key, json_t *value) {
  *failed |= json_object_set_new(object, key, value) != 0;
}

void ls_json_append(bool *failed, json_t *array, json_t *value) {
  *failed |= json_array_append_new(array, value) != 0;
}

json_t *ls_json_number(double value) {
  bool whole = value == rint(value) && fabs(value) <= 0x1p53;
  return whole ? json_integer((json_int_t)value) : json_real(value);
}

json_t *ls_json_value(bool *failed, const ls_node *node) {
  bool truth;
  double real;
  if (ls_node_is_null(node)) return json_null();
  if (ls_node_boolean(node, &truth)) return json_boolean(truth);
  if (ls_node_number(node, &real)) return ls_json_number(real);
  if (node->kind == LS_NODE_SCALAR) return json_string(ls_node_text(node));
  bool list = node->kind == LS_NODE_LIST;
  json_t *out = list ? json_array() : json_object();
  for (const ls_node *child = node->first; child; child = child->next) {
    if (list) ls_json_append(failed, out, ls_json_value(failed, child));
    if (!list) ls_json_put(failed, out, child->key, ls_json_value(failed, child));
  }
  return out;
}

enum { WIDTH = 100 }; /* of a line */

static void add_member(ls_text *out, const char *key, json_t *value, size_t indent, bool first) {
  ls_text_add(out, "%s\n%*s", first ? "" : ",", (int)indent + 1, "");
  if (key) ls_text_add(out, "\"%s\": ", key);
  ls_json_add(out, value, indent + 1);
}

void ls_json_add(ls_text *out, json_t *value, size_t indent) {
  char *flat = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
  out->failed |= !flat;
  if (!flat || indent + strlen(flat) < WIDTH - 20 || json_is_string(value)) {
    ls_text_add(out, "%s", flat ? flat : "");
  } else if (json_is_object(value)) {
    const char *key;
    json_t *member;
    bool first = true;
    ls_text_add(out, "{");
    json_object_foreach(value, key, member) {
      add_member(out, key, member, indent, first);
      first = false;
    }
    ls_text_add(out, "\n%*s}", (int)indent, "");
  } else {
    ls_text_add(out, "[");
    for (size_t i = 0; i < json_array_size(value); i++) {
      add_member(out, NULL, json_array_get(value, i), indent, i == 0);
    }
    ls_text_add(out, "\n%*s]", (int)indent, "");
  }
  free(flat);
}
