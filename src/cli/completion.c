/* lockstep completion: the script by which a shell completes command lines. */
#include "cli/completion.h"

#include "cli/arguments.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What completes an argument -------------------------------------------------------------- */

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

/* ---- The verb -------------------------------------------------------------------------------- */

typedef struct shell {
  const char *name;
  void (*write)(ls_text *out);
} shell;

static const shell shells[] = {
    {"bash", cli_complete_bash}, {"zsh", cli_complete_zsh}, {"fish", cli_complete_fish}};

static int choose_shell(const shell **out, const char *name) {
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
    if (strcmp(name, shells[i].name) == 0) *out = &shells[i];
  }
  if (*out) return LS_OK;
  return ls_fail(LS_INVALID, "completion: unknown shell '%s' (expected bash, zsh or fish)", name);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  const shell **chosen = state->input;
  switch (key) {
  case ARGP_KEY_ARG:
    if (*chosen) return cli_parsed(ls_fail(LS_INVALID, "completion: one shell at a time"));
    return cli_parsed(choose_shell(chosen, value));
  case ARGP_KEY_NO_ARGS:
    return cli_parsed(
        ls_fail(LS_INVALID, "completion: no shell given (expected bash, zsh or fish)"));
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_option options[] = {{0}};

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "bash|zsh|fish",
    .doc = "Print the script with which a shell completes verbs, options and file names."
           "\vFor the running shell: eval \"$(lockstep completion bash)\"; in fish: lockstep "
           "completion fish | source."};

static int execute(int argc, char **argv) {
  const shell *chosen = NULL;
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, &chosen, &helped);
  if (status != LS_OK || helped) return status;
  ls_text text = {0};
  chosen->write(&text);
  char *script = ls_text_take(&text);
  if (!script) return LS_FAILED;
  fputs(script, stdout);
  free(script);
  return LS_OK;
}

const cli_verb cli_verb_completion = {
    .name = "completion",
    .purpose = "print a script for shell completion",
    .parser = &parser,
    .local = execute,
};
