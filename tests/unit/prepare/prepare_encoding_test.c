/* Encodings as a dataset stores them: read back, applied to another source, and refused. */
#include "folder.h"

#include "lockstep/error.h"
#include "prepare/encoding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char stored[] =
    "[{\"column\": \"age\", \"fill\": 37.5}, {\"column\": \"colour\", \"categories\": [\"blue\", "
    "\"red\"], \"one_hot\": true}, {\"column\": \"size\", \"categories\": [\"L\", \"S\"], "
    "\"one_hot\": false}]";

static char *colours[] = {"green", "red"}, *sizes[] = {"S"};
static ls_column columns[] = {
    {.name = "colour", .width = 1, .text = true, .categories = colours, .category_count = 2},
    {.name = "size",
     .offset = 1,
     .width = 1,
     .text = true,
     .categories = sizes,
     .category_count = 1},
    {.name = "age", .offset = 2, .width = 1},
};

static void place(const ls_source *source, size_t number, char *out, size_t size) {
  snprintf(out, size, "%s:%zu", source->path, number);
}

static const ls_source_format format = {.name = "a test", .place = place};

static ls_source source = {
    .path = "new.csv", .format = &format, .columns = columns, .column_count = 3, .width = 3};

static ls_encoding *parse(const char *json) {
  ls_encoding *e = NULL;
  assert_int_equal(ls_encoding_parse(&e, json, "a.h5"), LS_OK);
  return e;
}

static void test_read_back(void **state) {
  (void)state;
  ls_encoding *e = parse(stored);
  char *json = NULL, *name = ls_encoding_name(e, 2);
  assert_int_equal(ls_encoding_format(&json, e), LS_OK);
  assert_string_equal(json, stored);
  assert_string_equal(name, "colour=red");
  assert_int_equal(ls_encoding_shape(e).extent[0], 4);
  free(json);
  free(name);
  ls_encoding_free(&e);
}

static void test_applied(void **state) {
  (void)state;
  ls_encoding *e = parse(stored);
  ls_encoder *encoder = NULL;
  float x[4];
  const double row[] = {1, 0, 20}, missing[] = {1, 0, NAN}, unseen[] = {0, 0, 20};
  assert_int_equal(ls_encoder_create(&encoder, e, &source), LS_OK);
  assert_int_equal(ls_encoder_apply(encoder, row, 5, x), LS_OK);
  assert_memory_equal(x, ((const float[]){20, 0, 1, 1}), sizeof x);
  assert_false(ls_encoder_is_missing(encoder, row));
  assert_true(ls_encoder_is_missing(encoder, missing));
  assert_int_equal(ls_encoder_apply(encoder, missing, 5, x), LS_OK);
  assert_true(x[0] == 37.5f);
  assert_int_equal(ls_encoder_apply(encoder, unseen, 5, x), LS_INVALID);
  assert_string_equal(ls_error_message(), "new.csv:5: column colour: 'green' (expected blue, red)");
  ls_encoder_free(&encoder);
  ls_encoding_free(&e);
}

static void refuse_source(const char *json, const char *says) {
  ls_encoding *e = parse(json);
  ls_encoder *encoder = NULL;
  assert_int_equal(ls_encoder_create(&encoder, e, &source), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), says));
  assert_null(encoder);
  ls_encoding_free(&e);
}

static void test_other_columns(void **state) {
  (void)state;
  refuse_source("[{\"column\": \"ages\"}]", "no column 'ages' (did you mean 'age'?)");
  refuse_source("[{\"column\": \"colour\"}]", "colour: has texts (expected numbers");
  refuse_source("[{\"column\": \"age\", \"categories\": [\"1\"]}]", "age: has numbers (expected");
  refuse_source("[{\"column\": \"age\", \"shape\": [2]}]", "1 numbers per sample (expected 2)");
}

static void test_options(void **state) {
  (void)state;
  const char *texts[3];
  ls_source_options options = {0};
  ls_encoding *e = parse(stored);
  ls_encoding_set_options(e, texts, &options);
  assert_int_equal(options.text_column_count, 2);
  assert_string_equal(options.text_columns[1], "size");
  assert_int_equal(options.height, 0);
  ls_encoding_free(&e);
  e = parse("[{\"column\": \"x\", \"shape\": [5, 4, 3], \"crop\": true}]");
  ls_encoding_set_options(e, texts, &options);
  assert_int_equal(options.text_column_count, 0);
  assert_true(options.height == 5 && options.width == 4 && options.channels == 3 && options.crop);
  ls_encoding_free(&e);
}

static void test_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "{}",
      "[]",
      "[1]",
      "[{\"column\": 1}]",
      "[{\"column\": \"a\", \"fill\": \"b\"}]",
      "[{\"column\": \"a\", \"categories\": [1]}]",
      "[{\"column\": \"a\", \"shape\": [0]}]",
      "[{\"column\": \"a\", \"shape\": [2, 2, 2, 2, 2]}]",
      "[{\"column\": \"a\"}",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    ls_encoding *e = NULL;
    assert_int_equal(ls_encoding_parse(&e, texts[i], "a.h5"), LS_INVALID);
    assert_string_equal(ls_error_message(),
                        "a.h5: its attribute encoding is not a list of features");
    assert_null(e);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read_back),     cmocka_unit_test(test_applied),
      cmocka_unit_test(test_other_columns), cmocka_unit_test(test_options),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
