/* lockstep schema: what a job file may hold, for editors and for the manual page. */
#include "job/schema.h"
#include "base/print.h"

#include "cli/arguments.h"
#include "cli/cli.h"
#include "job/manual.h"
#include "lockstep/error.h"
#include "trial/recipe.h"

#include <stdio.h>
#include <stdlib.h>

enum option_key { KEY_MANUAL = 256 };

static const struct argp_option options[] = {
    {"manual", KEY_MANUAL, NULL, 0,
     "Print the same as part of a manual page, in the macros of mdoc(7)", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  bool *manual = state->input;
  switch (key) {
  case KEY_MANUAL:
    *manual = true;
    return 0;
  case ARGP_KEY_ARG:
    return cli_parsed(ls_fail(LS_INVALID, "schema: unexpected argument '%s'", value));
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .doc = "Print the JSON Schema (draft 2020-12) of job files, with which editors complete and "
           "check them."};

static int execute(int argc, char **argv) {
  bool helped = false, manual = false;
  int status = cli_parse(&parser, argc, argv, true, &manual, &helped);
  if (status != LS_OK || helped) return status;
  char *text = NULL;
  status = manual ? ls_manual_write(&text, &ls_recipe_component)
                  : ls_schema_write(&text, &ls_recipe_component);
  if (status == LS_OK) ls_print_lines(stdout, text);
  free(text);
  return status;
}

const cli_verb cli_verb_schema = {
    .name = "schema",
    .purpose = "print the JSON Schema of job files",
    .parser = &parser,
    .local = execute,
};
