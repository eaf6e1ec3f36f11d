/* The one recorded error message of this process. */
#include "lockstep/error.h"

#include "base/visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char message[2048];

/* Copies to the message what fits into it, with the control characters of names and texts that it
 * cites written as escapes. */
static void record(const char *text) {
  char shown[LS_VISIBLE];
  size_t used = 0;
  while (*text) {
    text = ls_visible_next(shown, text);
    size_t length = strlen(shown);
    if (used + length >= sizeof message) break;
    memcpy(message + used, shown, length);
    used += length;
  }
  message[used] = '\0';
}

int ls_fail(int code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char next[sizeof message]; /* the arguments may point into the message itself */
  vsnprintf(next, sizeof next, format, args);
  va_end(args);
  record(next);
  return code;
}

const char *ls_error_message(void) {
  return message;
}

void ls_error_clear(void) {
  message[0] = '\0';
}
