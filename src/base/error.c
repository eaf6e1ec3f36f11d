/* The one recorded error message of this process. */
#include "lockstep/error.h"

#include <stdarg.h>
#include <stdio.h>

static char message[2048];

/* What messages cite, from jobs and other files, may hold line breaks and other control characters.
 */
static void keep_to_one_line(char *text) {
  for (char *c = text; *c; c++) {
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = ' ';
  }
}

int ls_fail(int code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char next[sizeof message]; /* the arguments may point into the message itself */
  vsnprintf(next, sizeof next, format, args);
  va_end(args);
  keep_to_one_line(next);
  snprintf(message, sizeof message, "%s", next);
  return code;
}

const char *ls_error_message(void) {
  return message;
}

void ls_error_clear(void) {
  message[0] = '\0';
}
