/* The schema and the manual's reference of a recipe: both have what the tables have. What the
 * schema accepts is tested with the program's own recipe, in tests/cli/schema_test.py. */
#include "recipe.h"

#include "job/manual.h"
#include "job/schema.h"

#include <jansson.h>

/* The value at a path such as "properties/train", which exists. */
static json_t *at(json_t *value, const char *path) {
  char copy[128], *rest = copy;
  snprintf(copy, sizeof copy, "%s", path);
  for (char *key; (key = strsep(&rest, "/"));) {
    bool index = key[0] >= '0' && key[0] <= '9';
    value = index ? json_array_get(value, (size_t)atoi(key)) : json_object_get(value, key);
    if (!value) fail_msg("no %s in %s", key, path);
  }
  return value;
}

static void schema_has_bounds_and_defaults(void **state) {
  (void)state;
  char *text = NULL;
  assert_int_equal(ls_schema_write(&text, &recipe), LS_OK);
  json_t *schema = json_loads(text, 0, NULL);
  assert_non_null(schema);
  json_t *layer = at(schema, "$defs/layer/anyOf/1/properties/dense/anyOf/0");
  assert_int_equal(json_integer_value(at(layer, "properties/units/anyOf/0/minimum")), 1);
  assert_string_equal(json_string_value(at(layer, "required/0")), "units");
  assert_string_equal(json_string_value(at(layer, "properties/activation/default")), "linear");
  assert_true(json_is_false(at(layer, "additionalProperties")));
  json_t *rate = at(schema, "$defs/layer/anyOf/1/properties/dropout/anyOf/0/properties/rate");
  assert_int_equal(json_integer_value(at(rate, "anyOf/0/exclusiveMaximum")), 1);
  assert_non_null(at(schema, "properties/sweep/anyOf/0/properties/replicates"));
  json_decref(schema);
  free(text);
}

static void manual_has_arguments(void **state) {
  (void)state;
  char *text = NULL;
  assert_int_equal(ls_manual_write(&text, &recipe), LS_OK);
  assert_non_null(strstr(text, "\n.Ss Layers\n"));
  assert_non_null(strstr(text, "\n.It Cm units\nNumber of outputs; an integer of at least 1.\n"));
  assert_non_null(strstr(text, "\n.It Cm activation Bq Cm linear\n"));
  assert_non_null(strstr(text, "\n.It Cm factor Bq 0.01\n"));
  assert_non_null(strstr(text, "\n.It Cm log_range\n"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(schema_has_bounds_and_defaults),
      cmocka_unit_test(manual_has_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
