/* What completes an argument, from its placeholder in the help. */
#include "cli/placeholder.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void add_word(cli_completion *c, const char *word, size_t length) {
  size_t used = strlen(c->words);
  snprintf(c->words + used, sizeof c->words - used, "%s%.*s", used > 0 ? " " : "", (int)length,
           word);
}

/* One alternative of a placeholder; whether it is known what completes it. */
static bool add_alternative(cli_completion *c, const char *text, size_t length) {
  const char *dot = memchr(text, '.', length);
  if (length == 4 && strncmp(text, "FILE", length) == 0) {
    c->files = true;
  } else if (length == 6 && strncmp(text, "FOLDER", length) == 0) {
    c->folders = true;
  } else if (dot && islower((unsigned char)dot[1])) {
    size_t ending = strspn(dot, ".abcdefghijklmnopqrstuvwxyz0123456789");
    while (dot[ending - 1] == '.') ending--; /* of "MODEL.h5..." */
    c->files = true;
    snprintf(c->extension, sizeof c->extension, "%.*s", (int)ending, dot);
  } else if (islower((unsigned char)*text)) {
    add_word(c, text, length);
  } else {
    return false;
  }
  return true;
}

/* Adds what a placeholder of that length says; whether it says anything. */
static bool add_placeholder(cli_completion *c, const char *text, size_t length) {
  bool known = false;
  for (size_t at = 0; at < length;) {
    size_t end = at;
    while (end < length && text[end] != '|') end++;
    known |= add_alternative(c, text + at, end - at);
    at = end + 1;
  }
  return known;
}

cli_completion cli_complete_option(const char *placeholder) {
  cli_completion c = {0};
  add_placeholder(&c, placeholder, strlen(placeholder));
  return c;
}

cli_completion cli_complete_arguments(const struct argp *parser) {
  cli_completion c = {0};
  bool value = false; /* of the option before */
  for (const char *at = parser->args_doc ? parser->args_doc : ""; *at;) {
    size_t length = strcspn(at, " \n[]");
    bool option = *at == '-';
    if (length > 0 && !option && !value) {
      bool known = add_placeholder(&c, at, length);
      if (!known) c.files = true;
    }
    if (length > 0)
      value = option && strncmp(at, "--idx", 5) != 0 && strncmp(at, "--summary", 9) != 0;
    at += length + (at[length] != '\0');
  }
  return c;
}

bool cli_has_letter(const struct argp_option *option) {
  return option->key > 0 && option->key < 128 && isgraph(option->key);
}
