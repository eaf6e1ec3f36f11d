/* Numbers and texts for people, for gnuplot and for the page. */
#include "format.h"
#include "gnuplot.h"
#include "lockstep/error.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void exact_reads_back(void **state) {
  (void)state;
  char text[LS_REPORT_NUMBER];
  ls_report_exact(text, 1e-6);
  assert_string_equal(text, "1e-06");
  ls_report_exact(text, 1.0 / 3);
  assert_true(strtod(text, NULL) == 1.0 / 3);
  ls_report_exact(text, NAN);
  assert_string_equal(text, "");
}

static void fixed_keeps_digits(void **state) {
  (void)state;
  char text[LS_REPORT_NUMBER];
  ls_report_fixed(text, 0.98604, 4);
  assert_string_equal(text, "0.9860");
  ls_report_fixed(text, 0.00012345, 4);
  assert_string_equal(text, "1.23e-04");
  ls_report_fixed(text, 0, 4);
  assert_string_equal(text, "0.0000");
  ls_report_fixed(text, 3e12, 4);
  assert_string_equal(text, "3.00e+12");
  ls_report_fixed(text, NAN, 4);
  assert_string_equal(text, "-");
  ls_report_rounded(text, 0.00012345, 4, false);
  assert_string_equal(text, "0.0001");
  ls_report_rounded(text, 0.25, 2, true);
  assert_string_equal(text, "+0.25");
  ls_report_p(text, 0.0304);
  assert_string_equal(text, "0.030");
  ls_report_p(text, 3.14e-5);
  assert_string_equal(text, "3.1e-05");
  ls_report_p(text, NAN);
  assert_string_equal(text, "-");
  assert_int_equal(ls_report_decimals(0.986, 0.0004), 5);
  assert_int_equal(ls_report_decimals(0.986, 0.004), 4);
  assert_int_equal(ls_report_decimals(0.986, NAN), 4);
  assert_int_equal(ls_report_decimals(340, NAN), 2);
}

static void check_labels(const double *values, size_t count, const char *const *expected) {
  char **labels = ls_report_labels(values, count);
  assert_non_null(labels);
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(labels[i], expected[i]);
    free(labels[i]);
  }
  free(labels);
}

static void labels_differ(void **state) {
  (void)state;
  check_labels((double[]){1e-6, 5.62341325e-6}, 2, (const char *[]){"1e-06", "5.62e-06"});
  check_labels((double[]){0.12341, 0.12342}, 2, (const char *[]){"0.12341", "0.12342"});
  check_labels((double[]){10, 60000}, 2, (const char *[]){"10", "60000"});
  check_labels((double[]){2, 2}, 2, (const char *[]){"2", "2"}); /* the same value twice */
}

static void width_counts_characters(void **state) {
  (void)state;
  assert_int_equal(ls_report_width("1 ± 2"), 5);
}

static void page_text_is_escaped(void **state) {
  (void)state;
  ls_text text = {0};
  ls_report_add_escaped(&text, "a<b> & \"c\"");
  assert_string_equal(text.data, "a&lt;b&gt; &amp; &quot;c&quot;");
  ls_text_free(&text);
}

static void gnuplot_strings_are_closed(void **state) {
  (void)state;
  ls_text text = {0};
  ls_gnuplot_add_quoted(&text, "it's `x`\n");
  assert_string_equal(text.data, "'it''s `x` '");
  ls_text_free(&text);
}

static void ids_get_their_prefix(void **state) {
  (void)state;
  char *out = NULL;
  const char *svg = "<?xml?>\n<svg w='1'><g id=\"a\"/><path id='b'/><use xlink:href='#b'/>"
                    "<text>not id=\"a\" here</text><g fill=\"url(#a)\"/></svg>";
  assert_int_equal(ls_gnuplot_inline(&out, svg, "p", "a \"label\""), LS_OK);
  assert_string_equal(out, "<svg role=\"img\" aria-label=\"a &quot;label&quot;\" w='1'>"
                           "<g id=\"p-a\"/><path id='p-b'/><use xlink:href='#p-b'/>"
                           "<text>not id=\"a\" here</text><g fill=\"url(#p-a)\"/></svg>");
  free(out);
  assert_int_equal(ls_gnuplot_inline(&out, "", "p", ""), LS_FAILED);
}

static void missing_gnuplot_is_an_error(void **state) {
  (void)state;
  char *svg = NULL;
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  assert_int_equal(ls_gnuplot_run(&svg, "", "title"), LS_FAILED);
  assert_null(svg);
  assert_non_null(strstr(ls_error_message(), "cannot run gnuplot"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_reads_back),     cmocka_unit_test(fixed_keeps_digits),
      cmocka_unit_test(labels_differ),        cmocka_unit_test(width_counts_characters),
      cmocka_unit_test(page_text_is_escaped), cmocka_unit_test(gnuplot_strings_are_closed),
      cmocka_unit_test(ids_get_their_prefix), cmocka_unit_test(missing_gnuplot_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
