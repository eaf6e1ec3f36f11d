/* lockstep completion: the script by which a shell completes command lines. */
#include "cli/completion.h"

#include "base/print.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  ls_print_lines(stdout, script);
  free(script);
  return LS_OK;
}

const cli_verb cli_verb_completion = {
    .name = "completion",
    .purpose = "print a script for shell completion",
    .parser = &parser,
    .local = execute,
};
