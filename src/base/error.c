/* The one recorded error message of this process. */
#include "lockstep/error.h"

#include <stdarg.h>
#include <stdio.h>

static char message[2048];

int ls_fail(int code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char next[sizeof message]; /* the arguments may point into the message itself */
  vsnprintf(next, sizeof next, format, args);
  va_end(args);
  snprintf(message, sizeof message, "%s", next);
  return code;
}

const char *ls_error_message(void) {
  return message;
}

void ls_error_clear(void) {
  message[0] = '\0';
}
