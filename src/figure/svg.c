/* Copying drawings from SVG files into pages: what is not known to be harmless is left out. The
 * file is read as XML without a document type; HTML reads what remains in the same way. */
#include "figure/svg.h"

#include "base/escape.h"
#include "lockstep/error.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { MOST_OPEN = 64, LONGEST_NAME = 32 };

/* What gnuplot and graphviz draw with, as lists of words. */
static const char elements[] =
    "svg g defs title desc rect circle ellipse line path text use tspan filter polygon "
    "feComposite image polyline feFlood";
static const char attributes[] =
    "id class width height viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx ry dx "
    "dy d points transform rotate color fill fill-opacity fill-rule stroke stroke-width "
    "stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin "
    "stroke-miterlimit opacity visibility shape-rendering text-rendering image-rendering "
    "font-family font-size font-style font-weight text-anchor text-decoration "
    "dominant-baseline baseline-shift filter filterUnits flood-color flood-opacity in in2 "
    "operator result xmlns xmlns:xlink xml:space";

static bool contains(const char *list, const char *word) {
  size_t length = strlen(word);
  for (const char *at = list; (at = strstr(at, word)); at++) {
    bool begins = at == list || at[-1] == ' ', ends = at[length] == ' ' || !at[length];
    if (begins && ends) return true;
  }
  return false;
}

typedef struct reader {
  const char *at;
  ls_text *out;
  const char *prefix;                 /* of ids */
  char open[MOST_OPEN][LONGEST_NAME]; /* names of the open elements */
  size_t depth;
  size_t left_out; /* depth of the outermost element that is left out; 0: none */
} reader;

static void emit(const reader *r, const char *text, size_t length) {
  if (r->left_out == 0) ls_text_add_bytes(r->out, text, length);
}

/* ---- Attributes ---- */

static const char blanks[] = " \t\r\n";
static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_:-";

static bool read_name(reader *r, char name[LONGEST_NAME]) {
  size_t length = strspn(r->at, name_characters);
  if (length == 0 || length >= LONGEST_NAME) return false;
  memcpy(name, r->at, length);
  name[length] = '\0';
  r->at += length;
  return true;
}

/* Whether the value is numbers, words and functions, which refer to nothing outside the file. */
static bool is_harmless(const char *value, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (strchr("&\\<>;{}@", value[i])) return false;
    bool refers = length - i >= 4 && strncasecmp(value + i, "url(", 4) == 0;
    if (refers && (length - i == 4 || value[i + 4] != '#')) return false;
  }
  return true;
}

static bool is_image(const char *value, size_t length) {
  static const char start[] = "data:image/png;base64,";
  static const char base64[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789+/=\r\n";
  const size_t skip = sizeof start - 1;
  return length > skip && strncmp(value, start, skip) == 0 &&
         strspn(value + skip, base64) >= length - skip;
}

/* Where in the value an id begins, or `length` if none does. */
static size_t find_id(const char *name, const char *value, size_t length) {
  if (strcmp(name, "id") == 0) return 0;
  for (size_t i = 0; i + 1 < length; i++) {
    if (strncmp(value + i, "(#", 2) == 0) return i + 2;
  }
  return strstr(name, "href") && value[0] == '#' ? 1 : length;
}

/* Groups have no ids: a file of some lines in which groups use each other may draw billions of
 * shapes. */
static bool is_kept(const char *element, const char *name, const char *value, size_t length) {
  static const char pixelated[] = "image-rendering:pixelated";
  bool refers = strcmp(name, "xlink:href") == 0 || strcmp(name, "href") == 0;
  if (strcmp(name, "style") == 0) {
    return length == sizeof pixelated - 1 && strncmp(value, pixelated, length) == 0;
  }
  if (strcmp(name, "id") == 0 && strcmp(element, "g") == 0) return false;
  if (refers && is_image(value, length)) return true;
  if (!is_harmless(value, length)) return false;
  return refers ? value[0] == '#' : contains(attributes, name);
}

/* Copies an attribute, or leaves it out. */
static bool copy_attribute(reader *r, const char *element) {
  char name[LONGEST_NAME];
  if (!read_name(r, name)) return false;
  r->at += strspn(r->at, blanks);
  if (*r->at++ != '=') return false;
  r->at += strspn(r->at, blanks);
  const char quote = *r->at;
  if (quote != '"' && quote != '\'') return false;
  const char *value = ++r->at, *end = strchr(value, quote);
  if (!end) return false;
  r->at = end + 1;
  size_t length = (size_t)(end - value), id = find_id(name, value, length);
  if (r->left_out > 0 || !is_kept(element, name, value, length)) return true;
  ls_text_add(r->out, " %s=%c%.*s%s%s", name, quote, (int)id, value, id < length ? r->prefix : "",
              id < length ? "-" : "");
  ls_text_add_bytes(r->out, value + id, length - id);
  ls_text_add(r->out, "%c", quote);
  return true;
}

/* ---- Elements ---- */

static bool copy_start(reader *r, const char *label) {
  char *name = r->open[r->depth];
  if (r->depth + 1 == MOST_OPEN || !read_name(r, name)) return false;
  bool outermost = r->depth++ == 0;
  if (outermost != (strcmp(name, "svg") == 0)) return false;
  if (r->left_out == 0 && !contains(elements, name)) r->left_out = r->depth;
  if (r->left_out == 0) ls_text_add(r->out, "<%s", name);
  if (outermost) ls_text_add_html(r->out, " role=\"img\" aria-label=\"%s\"", label);
  for (;;) {
    r->at += strspn(r->at, blanks);
    if (*r->at == '>' || *r->at == '/') break;
    if (!copy_attribute(r, name)) return false;
  }
  bool empty = *r->at == '/';
  if (empty && *++r->at != '>') return false;
  r->at++;
  emit(r, empty ? "/>" : ">", empty ? 2 : 1);
  if (!empty) return true;
  if (r->left_out == r->depth) r->left_out = 0;
  r->depth--;
  return true;
}

static bool copy_end(reader *r) {
  char name[LONGEST_NAME];
  r->at += 2;
  if (!read_name(r, name) || r->depth == 0) return false;
  r->at += strspn(r->at, blanks);
  if (*r->at++ != '>' || strcmp(name, r->open[r->depth - 1]) != 0) return false;
  if (r->left_out == 0) ls_text_add(r->out, "</%s>", name);
  if (r->left_out == r->depth) r->left_out = 0;
  r->depth--;
  return true;
}

/* Skips a comment of XML, which HTML may end elsewhere. */
static bool skip_comment(reader *r) {
  const char *end = strncmp(r->at, "<!--", 4) == 0 ? strstr(r->at + 4, "-->") : NULL;
  if (end) r->at = end + 3;
  return end != NULL;
}

static bool copy_markup(reader *r, const char *label) {
  if (r->at[1] == '/') return copy_end(r);
  if (r->at[1] == '!') return skip_comment(r);
  r->at++;
  return copy_start(r, label);
}

/* Copies the first <svg> element of a file to its end. */
static bool copy_svg(reader *r, const char *label) {
  do {
    if (*r->at != '<' || !copy_markup(r, label)) return false;
    size_t text = r->depth > 0 ? strcspn(r->at, "<") : 0;
    emit(r, r->at, text);
    r->at += text;
  } while (r->depth > 0);
  return true;
}

int ls_svg_inline(char **out, const char *svg, const char *prefix, const char *label) {
  *out = NULL;
  ls_text text = {0};
  const char *start = strstr(svg, "<svg");
  reader r = {.at = start, .out = &text, .prefix = prefix};
  if (!start || !copy_svg(&r, label)) {
    ls_text_free(&text);
    return ls_fail(LS_INVALID, "%s: is not a well-formed SVG file", prefix);
  }
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
