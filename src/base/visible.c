/* Control characters and damaged UTF-8 as escapes. */
#include "base/visible.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Decodes a character of two bytes or more; returns its length, 0 if it is not valid UTF-8 (The
 * Unicode Standard, table 3-7). */
static size_t decode(const char *text, uint32_t *code) {
  const unsigned char *c = (const unsigned char *)text;
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* of a length: no longer forms */
  size_t length = c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;
  *code = c[0] & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((c[i] & 0xc0) != 0x80) return 0; /* the terminator, too */
    *code = *code << 6 | (c[i] & 0x3fu);
  }
  bool surrogate = *code >= 0xd800 && *code < 0xe000;
  return *code < least[length] || surrogate || *code > 0x10ffff ? 0 : length;
}

/* Whether a character beyond ASCII has no shape of its own but an effect on others: C1 controls,
 * line separators, marks of direction (Unicode Standard Annex 9), the byte order mark. */
static bool is_control(uint32_t code) {
  return code < 0xa0 || code == 0x061c || (code >= 0x200e && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static const char *show_ascii(char shown[LS_VISIBLE], const char *at) {
  static const char named[] = "\n\t\r", letters[] = "ntr";
  const char *name = strchr(named, *at);
  if (name) {
    snprintf(shown, LS_VISIBLE, "\\%c", letters[name - named]);
  } else if ((unsigned char)*at < ' ' || *at == 0x7f) {
    snprintf(shown, LS_VISIBLE, "\\x%02x", (unsigned char)*at);
  } else {
    snprintf(shown, LS_VISIBLE, "%c", *at);
  }
  return at + 1;
}

const char *ls_visible_next(char shown[LS_VISIBLE], const char *at) {
  if ((unsigned char)*at < 0x80) return show_ascii(shown, at);
  uint32_t code = 0;
  size_t length = decode(at, &code);
  if (length == 0) {
    snprintf(shown, LS_VISIBLE, "\\x%02x", (unsigned char)*at);
    return at + 1;
  }
  if (is_control(code)) {
    snprintf(shown, LS_VISIBLE, "\\u%04x", (unsigned)code);
  } else {
    snprintf(shown, LS_VISIBLE, "%.*s", (int)length, at);
  }
  return at + length;
}

bool ls_is_utf8(const char *text) {
  uint32_t code;
  for (size_t length; *text; text += length) {
    length = (unsigned char)*text < 0x80 ? 1 : decode(text, &code);
    if (length == 0) return false;
  }
  return true;
}

bool ls_is_visible(const char *text) {
  char shown[LS_VISIBLE];
  while (*text) {
    const char *next = ls_visible_next(shown, text);
    if (strncmp(shown, text, (size_t)(next - text)) != 0) return false;
    text = next;
  }
  return true;
}

size_t ls_visible_width(const char *text) {
  char shown[LS_VISIBLE];
  size_t width = 0;
  while (*text) {
    text = ls_visible_next(shown, text);
    width += (unsigned char)shown[0] < 0x80 ? strlen(shown) : 1;
  }
  return width;
}
