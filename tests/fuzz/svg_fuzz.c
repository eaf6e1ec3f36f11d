/* Fuzz target: figures that pages take from files, and texts in HTML. What remains of a figure has
 * no element, attribute or reference that could act, and is read again as what it is. */
#include "fuzz.h"

#include "base/escape.h"
#include "figure/svg.h"
#include "lockstep/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  return 0;
}

/* Requires that nothing at `at`, outside of a value, is the name of an element or attribute that
 * could act, and that a reference leads to the file itself or is an image. */
static void check_name(const char *at) {
  static const char *const harmful[] = {"<script", "<foreign", "<iframe", "<style", "<a ",
                                        "<!",      " on",      " src",    "<set",   "<animate"};
  for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++) {
    require(strncasecmp(at, harmful[i], strlen(harmful[i])) != 0, harmful[i]);
  }
  if (strncasecmp(at, "href=", 5) != 0) return;
  require(at[6] == '#' || strncmp(at + 6, "data:image/png;base64,", 22) == 0, "a safe reference");
}

static void check_tags(const char *svg) {
  bool in_tag = false;
  char quote = '\0';
  for (const char *c = svg; *c; c++) {
    if (quote) {
      bool refers = strncasecmp(c, "url(", 4) == 0;
      require(!refers || c[4] == '#', "a reference within the file");
      if (*c == quote) quote = '\0';
      continue;
    }
    if (*c == '<') in_tag = true;
    if (!in_tag) continue;
    check_name(c);
    if (strchr("\"'", *c)) quote = *c;
    if (*c == '>') in_tag = false;
  }
}

static void check_figure(const char *text) {
  char *first = NULL, *again = NULL;
  int status = ls_svg_inline(&first, text, "p", "label");
  require((status == LS_OK) == (first != NULL), "a figure, or an error");
  require_outcome(status);
  if (!first) return;
  check_tags(first);
  require(ls_svg_inline(&again, first, "q", "label") == LS_OK, "a well-formed figure");
  free(first);
  free(again);
}

static void check_text(const char *text) {
  ls_text html = {0};
  ls_escape_html(&html, text);
  require(!html.data || !strpbrk(html.data, "<>\"'\033"), "text without markup");
  ls_text_free(&html);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  require(text != NULL, "memory");
  memcpy(text, data, size);
  text[size] = '\0';
  check_figure(text);
  check_text(text);
  free(text);
  return 0;
}
