/* Growing text, whole files, nearest names, durations, dates. */
#include "unit.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void growing(void **state) {
  (void)state;
  ls_text text = {0};
  char *taken = ls_text_take(&text);
  assert_string_equal(taken, "");
  free(taken);

  char expected[20016] = "";
  for (int i = 0; i < 4000; i++) {
    ls_text_add(&text, "%04d,", i);
    snprintf(expected + 5 * i, 16, "%04d,", i);
  }
  assert_int_equal(text.length, 20000);
  ls_text_add_bytes(&text, "a\0b", 3);
  taken = ls_text_take(&text);
  assert_null(text.data);
  assert_memory_equal(taken, expected, 20000);
  assert_memory_equal(taken + 20000, "a\0b", 4); /* with the terminator */
  free(taken);

  ls_text_add(&text, "%s", "gone");
  ls_text_free(&text);
  assert_null(text.data);
  assert_int_equal(text.length, 0);
}

static void lack_of_memory(void **state) {
  (void)state;
  ls_text text = {.failed = true};
  ls_text_add(&text, "x");
  assert_int_equal(text.length, 0);
  assert_null(ls_text_take(&text));
  assert_non_null(strstr(ls_error_message(), "out of memory"));
  assert_false(text.failed);
}

static void measured(void **state) {
  (void)state;
  assert_int_equal(ls_text_width(""), 0);
  assert_int_equal(ls_text_width("1 ± 2"), 5);
  assert_int_equal(ls_text_width("µ\nthe longest\nline\n"), 11);
}

static void cut(void **state) {
  (void)state;
  char text[] = "µ ± 2";
  ls_text_cut(text, 5);
  assert_string_equal(text, "µ ± 2");
  ls_text_cut(text, 3);
  assert_string_equal(text, "µ ±");
  ls_text_cut(text, 0);
  assert_string_equal(text, "");
}

static void shortened(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t columns;
    const char *expected;
  } cases[] = {
      {"µ=1 r=2", 7, "µ=1 r=2"}, {"µ=1 r=2", 6, "µ=…r=2"}, {"l2=0.1 µ=3", 5, "l2…=3"},
      {"l2=0.1 µ=3", 2, "…3"},   {"l2", 1, "…"},           {"", 1, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ls_text text = {0};
    ls_text_add_shortened(&text, cases[i].text, cases[i].columns);
    char *got = ls_text_take(&text);
    assert_string_equal(got, cases[i].expected);
    free(got);
  }
}

static void files(void **state) {
  (void)state;
  char path[] = "/tmp/lockstep-text-XXXXXX", *text = NULL, content[40000];
  int file = mkstemp(path);
  assert_true(file >= 0);
  for (size_t i = 0; i < sizeof content; i++) content[i] = (char)(i % 251);
  assert_int_equal(write(file, content, sizeof content), sizeof content);
  close(file);
  size_t length = 0;
  assert_int_equal(ls_text_read_file(&text, &length, path, sizeof content), LS_OK);
  assert_int_equal(length, sizeof content);
  assert_memory_equal(text, content, sizeof content);
  assert_int_equal(text[length], 0);
  free(text);
  assert_int_equal(ls_text_read_file(&text, NULL, path, sizeof content - 1), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "larger than 39999 bytes"));
  assert_null(text);
  unlink(path);
  assert_int_equal(ls_text_read_file(&text, NULL, path, 100), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "cannot open"));
  assert_int_equal(ls_text_read_file(&text, NULL, "/tmp", 100), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "cannot read"));
}

/* A link, a folder or a pipe is not read, which for the latter would wait for ever. */
static void regular_files(void **state) {
  (void)state;
  char folder[] = "/tmp/lockstep-text-XXXXXX", file[64], link[64], pipe[64], *text = NULL;
  assert_non_null(mkdtemp(folder));
  snprintf(file, sizeof file, "%s/file", folder);
  snprintf(link, sizeof link, "%s/link", folder);
  snprintf(pipe, sizeof pipe, "%s/pipe", folder);
  FILE *out = fopen(file, "w");
  assert_true(out && fputs("text", out) >= 0 && fclose(out) == 0);
  assert_int_equal(symlink(file, link), 0);
  assert_int_equal(mkfifo(pipe, 0600), 0);
  assert_int_equal(ls_text_read_regular(&text, file, 4), LS_OK);
  assert_string_equal(text, "text");
  free(text);
  assert_int_equal(ls_text_read_regular(&text, file, 3), LS_INVALID);
  const char *const others[] = {link, pipe, folder};
  const char *const reasons[] = {"symbolic link", "regular file", "regular file"};
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    assert_int_equal(ls_text_read_regular(&text, others[i], 4), LS_INVALID);
    assert_non_null(strstr(ls_error_message(), reasons[i]));
  }
  unlink(file);
  unlink(link);
  unlink(pipe);
  rmdir(folder);
}

static void nearest(void **state) {
  (void)state;
  static const char *const names[] = {"relu", "tanh", "linear", "kernel_regularizer", "lr"};
  static const struct {
    const char *word, *expected;
  } cases[] = {
      {"rleu", "relu"},     {"RELU", "relu"},
      {"lineer", "linear"}, {"kernal_regulariser", "kernel_regularizer"},
      {"l", "lr"},          {"softmax", NULL},
      {"", NULL},           {"relu_and_something_else", NULL},
      {"tan", "tanh"},      {"xyzw", NULL},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    const char *found = ls_nearest_name(cases[i].word, names, COUNT_OF(names));
    if (!cases[i].expected) {
      assert_null(found);
    } else {
      assert_non_null(found);
      assert_string_equal(found, cases[i].expected);
    }
  }
  char longest[200];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  assert_null(ls_nearest_name(longest, names, COUNT_OF(names)));
  assert_null(ls_nearest_name("relu", NULL, 0));
}

static void durations(void **state) {
  (void)state;
  static const struct {
    double seconds;
    const char *expected;
  } cases[] = {
      {0, "0.0 s"},          {0.84, "0.8 s"},          {9.94, "9.9 s"},   {9.96, "10 s"},
      {119.4, "119 s"},      {119.6, "2 min"},         {7169, "119 min"}, {7170, "2 h 00 min"},
      {12000, "3 h 20 min"}, {359999, "100 h 00 min"}, {-1, "?"},         {NAN, "?"},
      {INFINITY, "?"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char text[32];
    ls_clock_duration(text, cases[i].seconds);
    assert_string_equal(text, cases[i].expected);
  }
}

static void clocks(void **state) {
  (void)state;
  double before = ls_clock_seconds();
  usleep(2000);
  double passed = ls_clock_seconds() - before;
  assert_true(passed >= 0.002 && passed < 60);
  char date[32];
  int year, month, day, hour, minute, second, end = 0;
  ls_clock_utc(date);
  sscanf(date, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &end);
  assert_int_equal(end, 20);
  assert_int_equal(date[end], 0);
  assert_true(year >= 2024 && month <= 12 && day <= 31 && hour < 24 && minute < 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(growing),       cmocka_unit_test(lack_of_memory),
      cmocka_unit_test(measured),      cmocka_unit_test(cut),
      cmocka_unit_test(shortened),     cmocka_unit_test(files),
      cmocka_unit_test(regular_files), cmocka_unit_test(nearest),
      cmocka_unit_test(durations),     cmocka_unit_test(clocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
