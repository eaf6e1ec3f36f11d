/* Printing. A failure to write remains in the stream, where the program looks for it at its end. */
#include "base/print.h"

#include "base/escape.h"

#include <string.h>

bool ls_print_lines(FILE *out, const char *lines) {
  size_t length = strlen(lines);
  return fwrite(lines, 1, length, out) == length;
}

void ls_print_error(const char *message) {
  fprintf(stderr, "lockstep: %s\n", message);
}

void ls_print(FILE *out, const char *format, ...) {
  ls_text text = {0};
  va_list args;
  va_start(args, format);
  ls_text_add_format(&text, ls_escape_terminal, format, args);
  va_end(args);
  if (text.data && !text.failed) ls_print_lines(out, text.data);
  ls_text_free(&text);
}
