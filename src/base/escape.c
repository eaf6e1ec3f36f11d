/* Escaping texts. */
#include "base/escape.h"
#include "base/visible.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- Terminals ---------------------------------------------------------------------------------
 */

void ls_escape_terminal(ls_text *out, const char *from) {
  char shown[LS_VISIBLE];
  while (*from) {
    from = ls_visible_next(shown, from);
    ls_text_add_bytes(out, shown, strlen(shown));
  }
}

void ls_escape_value(ls_text *out, const char *from) {
  if (*from && !strpbrk(from, " =\"'\\") && ls_is_visible(from)) {
    ls_text_add(out, "%s", from);
    return;
  }
  char shown[LS_VISIBLE];
  ls_text_add(out, "\"");
  while (*from) {
    if (*from == '"' || *from == '\\') ls_text_add(out, "\\");
    from = ls_visible_next(shown, from);
    ls_text_add_bytes(out, shown, strlen(shown));
  }
  ls_text_add(out, "\"");
}

/* ---- HTML --------------------------------------------------------------------------------------
 */

static const char *html_reference(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  case '\n':
    return "\n";
  case '\t':
    return "\t";
  default:
    return NULL;
  }
}

void ls_escape_html(ls_text *out, const char *from) {
  char shown[LS_VISIBLE];
  while (*from) {
    const char *reference = html_reference(*from), *next = ls_visible_next(shown, from);
    ls_text_add(out, "%s", reference ? reference : shown);
    from = next;
  }
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

void ls_escape_json(ls_text *out, const char *from) {
  char shown[LS_VISIBLE];
  ls_text_add(out, "\"");
  while (*from) {
    from = ls_visible_next(shown, from);
    for (const char *c = shown; *c; c++) {
      if (*c == '"' || *c == '\\') ls_text_add(out, "\\");
      ls_text_add_bytes(out, c, 1);
    }
  }
  ls_text_add(out, "\"");
}

/* ---- Markdown ----------------------------------------------------------------------------------
 */

static bool is_alphanumeric(char c) {
  return isalnum((unsigned char)c) != 0;
}

/* Whether the character at `at` could be markup: of a heading or a quotation at the beginning of a
 * line, of a reference before a name or number, of emphasis not within a word. */
static bool is_markup(const char *start, const char *at) {
  bool before = at > start && is_alphanumeric(at[-1]), after = is_alphanumeric(at[1]);
  if (strchr("#>", *at)) return at == start;
  if (*at == '&') return after || at[1] == '#';
  if (*at == '_') return !before || !after;
  return strchr("\\`*[]<|~", *at) != NULL;
}

void ls_escape_markdown(ls_text *out, const char *from) {
  char shown[LS_VISIBLE];
  for (const char *at = from; *at;) {
    const char *next = ls_visible_next(shown, at);
    if (is_markup(from, at) || (shown[0] == '\\' && shown[1])) ls_text_add(out, "\\");
    ls_text_add(out, "%s", shown);
    at = next;
  }
}

/* ---- Shells ------------------------------------------------------------------------------------
 */

/* Between $' and ' a byte may be written in octal. */
static void quote_bytes(ls_text *out, const char *word) {
  ls_text_add(out, "$'");
  for (; *word; word++) {
    unsigned char c = (unsigned char)*word;
    bool plain = c >= ' ' && c < 0x7f && c != '\'' && c != '\\';
    ls_text_add(out, plain ? "%c" : "\\%03o", c);
  }
  ls_text_add(out, "'");
}

static void quote(ls_text *out, const char *word) {
  ls_text_add(out, "'");
  for (; *word; word++) {
    if (*word == '\'') {
      ls_text_add(out, "'\\''");
    } else {
      ls_text_add_bytes(out, word, 1);
    }
  }
  ls_text_add(out, "'");
}

void ls_escape_shell(ls_text *out, const char *from) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789%+,-./:=@_";
  if (*from && from[strspn(from, plain)] == '\0') {
    ls_text_add(out, "%s", from);
  } else if (ls_is_visible(from)) {
    quote(out, from);
  } else {
    quote_bytes(out, from);
  }
}

/* ---- CSV ---------------------------------------------------------------------------------------
 */

void ls_escape_csv(ls_text *out, const char *from) {
  if (!strpbrk(from, ",\"\r\n")) {
    ls_text_add(out, "%s", from);
    return;
  }
  ls_text_add(out, "\"");
  for (; *from; from++) {
    if (*from == '"') ls_text_add(out, "\"");
    ls_text_add_bytes(out, from, 1);
  }
  ls_text_add(out, "\"");
}

/* ---- Formatted text ----------------------------------------------------------------------------
 */

/* A conversion of a format: "%-8.3lf". */
typedef struct conversion {
  char flags[8];
  int width, precision; /* 0, -1: none */
  int longs; /* the size of an integer: 0 int, 1 long (and size_t), 2 or more long long */
  char letter;
} conversion;

typedef struct arguments {
  va_list list;
} arguments;

/* Reads a width or precision, in digits or an argument. */
static const char *read_number(int *out, const char *at, arguments *args) {
  *out = 0;
  if (*at == '*') {
    *out = va_arg(args->list, int);
    return at + 1;
  }
  for (; isdigit((unsigned char)*at); at++) *out = *out * 10 + (*at - '0');
  return at;
}

/* Reads the conversion after a %; returns what comes after it. */
static const char *read_conversion(conversion *c, const char *at, arguments *args) {
  *c = (conversion){.precision = -1};
  size_t flags = strspn(at, "-+ #0");
  snprintf(c->flags, sizeof c->flags, "%.*s", (int)flags, at);
  at = read_number(&c->width, at + flags, args);
  if (*at == '.') at = read_number(&c->precision, at + 1, args);
  for (; *at && strchr("hlzjt", *at); at++) c->longs += *at == 'h' ? 0 : *at == 'j' ? 2 : 1;
  c->letter = *at;
  return *at ? at + 1 : at;
}

static long long next_integer(int longs, bool is_signed, arguments *args) {
  if (longs > 1) return va_arg(args->list, long long);
  if (longs == 1) {
    long value = va_arg(args->list, long);
    return is_signed ? value : (long long)(unsigned long)value;
  }
  int value = va_arg(args->list, int);
  return is_signed ? value : (long long)(unsigned)value;
}

static void add_integer(ls_text *out, const conversion *c, arguments *args) {
  char format[24];
  snprintf(format, sizeof format, "%%%s*.*ll%c", c->flags, c->letter);
  bool is_signed = c->letter == 'd' || c->letter == 'i';
  ls_text_add(out, format, c->width, c->precision, next_integer(c->longs, is_signed, args));
}

static void add_real(ls_text *out, const conversion *c, arguments *args) {
  char format[24];
  snprintf(format, sizeof format, "%%%s*.*%c", c->flags, c->letter);
  ls_text_add(out, format, c->width, c->precision, va_arg(args->list, double));
}

/* Adds a text, of at most `precision` bytes, in a field of `width` characters. */
static void add_string(ls_text *out, const conversion *c, const char *text, ls_escape *escape) {
  ls_text given = {0}, escaped = {0};
  ls_text_add_bytes(&given, text,
                    c->precision < 0 ? strlen(text) : strnlen(text, (size_t)c->precision));
  if (given.data) escape(&escaped, given.data);
  const char *made = escaped.data ? escaped.data : "";
  int padding = (c->width < 0 ? -c->width : c->width) - (int)ls_text_width(made);
  bool left = c->width < 0 || strchr(c->flags, '-');
  ls_text_add(out, "%*s%s%*s", left || padding < 0 ? 0 : padding, "", made,
              left && padding > 0 ? padding : 0, "");
  out->failed = out->failed || given.failed || escaped.failed;
  ls_text_free(&given);
  ls_text_free(&escaped);
}

static void add_conversion(ls_text *out, const conversion *c, ls_escape *escape, arguments *args) {
  char letter[2] = "";
  switch (c->letter) {
  case 's':
    add_string(out, c, va_arg(args->list, const char *), escape);
    break;
  case 'c':
    letter[0] = (char)va_arg(args->list, int);
    add_string(out, c, letter, escape);
    break;
  case '%':
    ls_text_add(out, "%%");
    break;
  default:
    if (strchr("diouxX", c->letter)) {
      add_integer(out, c, args);
    } else {
      add_real(out, c, args);
    }
  }
}

void ls_text_add_format(ls_text *out, ls_escape *escape, const char *format, va_list list) {
  arguments args;
  va_copy(args.list, list);
  while (*format) {
    size_t literal = strcspn(format, "%");
    ls_text_add_bytes(out, format, literal);
    format += literal;
    if (!*format) break;
    conversion c;
    format = read_conversion(&c, format + 1, &args);
    add_conversion(out, &c, escape, &args);
  }
  va_end(args.list);
}

void ls_text_add_visible(ls_text *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ls_text_add_format(out, ls_escape_terminal, format, args);
  va_end(args);
}

void ls_text_add_html(ls_text *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ls_text_add_format(out, ls_escape_html, format, args);
  va_end(args);
}

void ls_text_add_markdown(ls_text *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ls_text_add_format(out, ls_escape_markdown, format, args);
  va_end(args);
}
