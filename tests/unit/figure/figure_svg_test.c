/* SVG files in pages: drawings are kept, everything that could act is left out. */
#include "unit.h"

#include "figure/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN "<svg role=\"img\" aria-label=\"l\">"

static void expect_inline(const char *svg, const char *expected) {
  char *out = NULL;
  assert_int_equal(ls_svg_inline(&out, svg, "p", "l"), LS_OK);
  assert_string_equal(out, expected);
  free(out);
}

static void ids_get_their_prefix(void **state) {
  (void)state;
  char *out = NULL;
  const char *svg = "<?xml?>\n<svg width='1'><path id='b'/><use xlink:href='#b'/>"
                    "<text>not id=\"a\" here</text><g fill=\"url(#b)\"/></svg>\n";
  assert_int_equal(ls_svg_inline(&out, svg, "p", "a \"label\""), LS_OK);
  assert_string_equal(out, "<svg role=\"img\" aria-label=\"a &quot;label&quot;\" width='1'>"
                           "<path id='p-b'/><use xlink:href='#p-b'/>"
                           "<text>not id=\"a\" here</text><g fill=\"url(#p-b)\"/></svg>");
  free(out);
}

static void elements_are_left_out(void **state) {
  (void)state;
  static const char *const harmful[] = {
      "<script>alert(1)</script>",
      "<script xlink:href='x.js'/>",
      "<SCRIPT>alert(1)</SCRIPT>",
      "<foreignObject><body><iframe src='x'/></body></foreignObject>",
      "<a xlink:href='javascript:alert(1)'><rect/></a>",
      "<style>@import url(x)</style>",
      "<animate attributeName='href' values='javascript:alert(1)'/>",
      "<set attributeName='onload' to='alert(1)'/>",
      "<iframe src='x'></iframe>",
      "<script><g></g></script>",
      "<pattern id='x'><use href='#y'/></pattern>",
      "<!-- --!> <script>alert(1)</script> -->",
  };
  for (size_t i = 0; i < COUNT_OF(harmful); i++) {
    char svg[256];
    snprintf(svg, sizeof svg, "<svg><g>%s<rect/></g></svg>", harmful[i]);
    expect_inline(svg, OPEN "<g><rect/></g></svg>");
  }
}

static void attributes_are_left_out(void **state) {
  (void)state;
  static const char *const harmful[] = {
      "onload='alert(1)'",
      "ONLOAD=\"alert(1)\"",
      "onclick = 'alert(1)'",
      "style='background:url(//a)'",
      "href='javascript:alert(1)'",
      "xlink:href='http://a/b.svg#c'",
      "xlink:href='data:image/svg+xml;base64,AAAA'",
      "xlink:href='data:image/png;base64,AA\"onload'",
      "fill='url(http://a)'",
      "fill='url('",
      "fill='URL(//a)'",
      "fill='u\\72l(//a)'",
      "fill='url(&quot;//a&quot;)'",
      "src='x'",
      "xml:base='http://a'",
      "xlink:href='&#106;avascript:alert(1)'",
  };
  for (size_t i = 0; i < COUNT_OF(harmful); i++) {
    char svg[256];
    snprintf(svg, sizeof svg, "<svg %s><image x='1' %s/></svg>", harmful[i], harmful[i]);
    expect_inline(svg, OPEN "<image x='1'/></svg>");
  }
  expect_inline(
      "<svg><image style='image-rendering:pixelated' xlink:href='data:image/png;base64,A+/='/>"
      "</svg>",
      OPEN "<image style='image-rendering:pixelated' "
           "xlink:href='data:image/png;base64,A+/='/></svg>");
}

/* Groups that each use the one before twice would be drawn 2^n times. */
static void groups_are_not_used(void **state) {
  (void)state;
  expect_inline("<svg><g id='a'><rect/></g><g id='b'><use href='#a'/></g></svg>",
                OPEN "<g><rect/></g><g><use href='#p-a'/></g></svg>");
}

/* What follows the element is not part of the page. */
static void the_end_is_the_end(void **state) {
  (void)state;
  expect_inline("<svg><rect/></svg></figure><script>alert(1)</script>", OPEN "<rect/></svg>");
}

static void malformed_files_are_refused(void **state) {
  (void)state;
  static const char *const malformed[] = {
      "",
      "no svg",
      "<svg",
      "<svg>",
      "<svg><g></svg>",
      "<svg></g></svg>",
      "<svg><svg/></svg>",
      "<svgx></svgx>",
      "<svg><rect x=1/></svg>",
      "<svg><rect x='1/></svg>",
      "<svg><rect x/></svg>",
      "<svg><![CDATA[<script>]]></svg>",
      "<svg><?php ?></svg>",
      "<svg><!-- </svg>",
      "<svg>< g/></svg>",
      "<svg><g /x></g></svg>",
      "<svg><averyveryverylongnameofanelementthatisnotknown/></svg>",
  };
  for (size_t i = 0; i < COUNT_OF(malformed); i++) {
    char *out = NULL;
    assert_int_equal(ls_svg_inline(&out, malformed[i], "p", "l"), LS_INVALID);
    assert_null(out);
  }
  char deep[4096] = "<svg>";
  for (int i = 0; i < 100; i++) strcat(deep, "<g>");
  char *out = NULL;
  assert_int_equal(ls_svg_inline(&out, deep, "p", "l"), LS_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_get_their_prefix),    cmocka_unit_test(elements_are_left_out),
      cmocka_unit_test(attributes_are_left_out), cmocka_unit_test(groups_are_not_used),
      cmocka_unit_test(the_end_is_the_end),      cmocka_unit_test(malformed_files_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
