/* Texts in the languages that the program writes, formatted text, and printing. */
#include "unit.h"

#include "base/escape.h"
#include "base/print.h"
#include "base/visible.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct example {
  const char *text, *expected;
} example;

static void expect_all(ls_escape *escape, const example *examples, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ls_text out = {0};
    escape(&out, examples[i].text);
    assert_string_equal(out.data ? out.data : "", examples[i].expected);
    ls_text_free(&out);
  }
}

#define EXPECT(escape, ...)                                                                        \
  do {                                                                                             \
    const example examples[] = {__VA_ARGS__};                                                      \
    expect_all(escape, examples, COUNT_OF(examples));                                              \
  } while (0)

static void on_a_terminal(void **state) {
  (void)state;
  EXPECT(ls_escape_terminal, {"", ""}, {"l2 = 1e-06, µ ± 2 日本 😀", "l2 = 1e-06, µ ± 2 日本 😀"},
         {"C:\\n", "C:\\n"}, {"a\nb\tc\rd", "a\\nb\\tc\\rd"}, {"\033[31m", "\\x1b[31m"},
         {"\a\b\x7f", "\\x07\\x08\\x7f"});
}

/* What Unicode has for moving around within a line. */
static void controls_of_unicode(void **state) {
  (void)state;
  EXPECT(ls_escape_terminal, {"\xc2\x9b", "\\u009b"}, {"\xc2\xa0", "\xc2\xa0"},
         {"\xe2\x80\xae", "\\u202e"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x81\xa6", "\\u2066"},
         {"\xef\xbb\xbf", "\\ufeff"});
}

/* Truncated, too long, out of range, a half of a pair, continuation alone. */
static void damaged_utf8(void **state) {
  (void)state;
  EXPECT(ls_escape_terminal, {"\xff", "\\xff"}, {"a\xc3", "a\\xc3"}, {"\xc0\x8a", "\\xc0\\x8a"},
         {"\xe0\x80\x8a", "\\xe0\\x80\\x8a"}, {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
         {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, {"\x8a", "\\x8a"},
         {"\xe2\x82"
          "x",
          "\\xe2\\x82x"});
  assert_true(ls_is_visible("µ \\x"));
  assert_false(ls_is_visible("\xff"));
  assert_false(ls_is_visible("a\n"));
  assert_true(ls_is_utf8("a\n\xc3\xa9\xf0\x9f\x98\x80"));
  assert_false(ls_is_utf8("\x99\x99"));
  assert_false(ls_is_utf8("\xed\xa0\x80")); /* a surrogate */
  assert_int_equal(ls_visible_width("µ\n\xff\xe2\x80\xae"), 1 + 2 + 4 + 6);
}

static void values(void **state) {
  (void)state;
  EXPECT(ls_escape_value, {"1e-06", "1e-06"}, {"µ", "µ"}, {"", "\"\""},
         {"a epoch=1/2", "\"a epoch=1/2\""}, {"a=b", "\"a=b\""}, {"\"", "\"\\\"\""},
         {"\\", "\"\\\\\""}, {"a\nb", "\"a\\nb\""});
}

static void html(void **state) {
  (void)state;
  EXPECT(ls_escape_html, {"a<b> & \"c\" 'd'", "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"},
         {"a\n\tb", "a\n\tb"}, {"\033\r\xff", "\\x1b\\r\\xff"});
}

static void markdown(void **state) {
  (void)state;
  EXPECT(ls_escape_markdown, {"val_accuracy -0.5 # 3", "val_accuracy -0.5 # 3"},
         {"<img>", "\\<img>"},
         {"[a](b) *c* `d` ~e~ &lt;", "\\[a\\](b) \\*c\\* \\`d\\` \\~e\\~ \\&lt;"},
         {"_a_ a_", "\\_a\\_ a\\_"}, {"a|b\nc", "a\\|b\\\\nc"}, {"# a", "\\# a"},
         {"> a & b", "\\> a & b"}, {"\\", "\\\\"});
}

static void shell(void **state) {
  (void)state;
  EXPECT(ls_escape_shell, {"a.yaml", "a.yaml"}, {"--set=x=1", "--set=x=1"}, {"", "''"},
         {"a b", "'a b'"}, {"$x", "'$x'"}, {"it's", "'it'\\''s'"}, {"\\", "'\\'"}, {"[1]", "'[1]'"},
         {"µ", "'µ'"}, {"a\nb'\\", "$'a\\012b\\047\\134'"}, {"\xff", "$'\\377'"});
}

static void csv(void **state) {
  (void)state;
  EXPECT(ls_escape_csv, {"a b", "a b"}, {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""});
}

static void json(void **state) {
  (void)state;
  EXPECT(ls_escape_json, {"", "\"\""}, {"a b", "\"a b\""}, {"\"a\\", "\"\\\"a\\\\\""},
         {"\n\033", "\"\\\\n\\\\x1b\""}, {"µ", "\"µ\""}, {"\xff", "\"\\\\xff\""});
}

/* The same as printf's where no text is escaped. */
static void formats(void **state) {
  (void)state;
  char expected[512];
  ls_text out = {0};
#define FORMAT                                                                                     \
  "%d %5d|%-5d|%05d %+i %u %ld %lu %lld %zu %zd %x %016llx %.3f %10.4g|%e %*d|%-*d|%.*f %% %c %s"
#define ARGUMENTS                                                                                  \
  -1, 2, 3, 4, 5, 4000000000u, -6L, 7UL, -8LL, (size_t)9, (ptrdiff_t)-10, 255u, 11ULL, 1.5, 2.25,  \
      1e-9, 4, 12, 4, 13, 2, 3.14159, 'c', "text"
  snprintf(expected, sizeof expected, FORMAT, ARGUMENTS);
  ls_text_add_visible(&out, FORMAT, ARGUMENTS);
  assert_string_equal(out.data, expected);
  ls_text_free(&out);
  snprintf(expected, sizeof expected, "%" PRId64 " %" PRIu64, INT64_MIN, UINT64_MAX);
  ls_text_add_visible(&out, "%" PRId64 " %" PRIu64, INT64_MIN, UINT64_MAX);
  assert_string_equal(out.data, expected);
  ls_text_free(&out);
}

/* Arguments are escaped and the format is not; widths count characters. */
static void formatted_texts(void **state) {
  (void)state;
  ls_text out = {0};
  ls_text_add_visible(&out, "%s\n%5s|%-5s|%.2s|%*s|", "a\nb", "µ", "\n", "abc", -3, "x");
  assert_string_equal(out.data, "a\\nb\n    µ|\\n   |ab|x  |");
  ls_text_free(&out);
  ls_text_add_html(&out, "<b title=\"%s\">%s</b>", "\"", "<i>");
  assert_string_equal(out.data, "<b title=\"&quot;\">&lt;i&gt;</b>");
  ls_text_free(&out);
  ls_text_add_markdown(&out, "- *%s*\n", "*");
  assert_string_equal(out.data, "- *\\**\n");
  ls_text_free(&out);
}

static void printing(void **state) {
  (void)state;
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  ls_print(out, "%s: %d\n", "\033", 1);
  assert_true(ls_print_lines(out, "two\nlines\n"));
  fclose(out);
  assert_string_equal(text, "\\x1b: 1\ntwo\nlines\n");
  free(text);
}

/* What a message cites stays within its line. */
static void messages(void **state) {
  (void)state;
  char longest[4096];
  memset(longest, '\n', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  assert_int_equal(ls_fail(LS_INVALID, "%s: \xff\n", "a\033[2Jb"), LS_INVALID);
  assert_string_equal(ls_error_message(), "a\\x1b[2Jb: \\xff\\n");
  ls_fail(LS_INVALID, "%s", ls_error_message());
  assert_string_equal(ls_error_message(), "a\\x1b[2Jb: \\xff\\n");
  ls_fail(LS_INVALID, "%s", longest);
  assert_in_range(strlen(ls_error_message()), 2040, 2047);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(on_a_terminal),
      cmocka_unit_test(controls_of_unicode),
      cmocka_unit_test(damaged_utf8),
      cmocka_unit_test(values),
      cmocka_unit_test(html),
      cmocka_unit_test(markdown),
      cmocka_unit_test(shell),
      cmocka_unit_test(csv),
      cmocka_unit_test(json),
      cmocka_unit_test(formats),
      cmocka_unit_test(formatted_texts),
      cmocka_unit_test(printing),
      cmocka_unit_test(messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
