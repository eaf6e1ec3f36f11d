/* The verbs, in the order in which --help lists them. */
#include "cli/cli.h"

#define POINTER(name) &cli_verb_##name,
const cli_verb *const cli_verbs[] = {CLI_VERBS(POINTER)};
const size_t cli_verb_count = sizeof cli_verbs / sizeof *cli_verbs;
