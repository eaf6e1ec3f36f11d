/* lockstep schema: what a job file may hold, for editors and other programs. */
#include "job/schema.h"

#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"
#include "trial/recipe.h"

#include <stdio.h>
#include <stdlib.h>

static error_t parse_option(int key, char *value, struct argp_state *state) {
  (void)state;
  if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
  return cli_parsed(ls_fail(LS_INVALID, "schema: unexpected argument '%s'", value));
}

static const struct argp_option options[] = {{0}};

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "",
    .doc = "Print the JSON Schema (draft 2020-12) of job files, with which editors complete and "
           "check them."};

static int execute(int argc, char **argv) {
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, NULL, &helped);
  if (status != LS_OK || helped) return status;
  char *schema = NULL;
  status = ls_schema_write(&schema, &ls_recipe_component);
  if (status == LS_OK) fputs(schema, stdout);
  free(schema);
  return status;
}

const cli_verb cli_verb_schema = {
    .name = "schema",
    .purpose = "print the JSON Schema of job files",
    .parser = &parser,
    .local = execute,
};
