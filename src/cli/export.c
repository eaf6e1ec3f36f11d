/* lockstep export: writes results for other programs. Reads the command line; everything else is
 * export/export.h. */
#include "export/export.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

enum option_key { KEY_OUTPUT = 'o', KEY_TO = 256, KEY_CURVES, KEY_TRIALS };

static const struct argp_option options[] = {
    {"to", KEY_TO, "FORMAT", 0,
     "csv: a row for each trial; optuna: a journal, which optuna-dashboard opens; tensorboard: a "
     "folder of event files",
     0},
    {"curves", KEY_CURVES, NULL, 0, "csv: a row for each trial and epoch", 0},
    {"trials", KEY_TRIALS, "N", 0,
     "Only the N trials with the best monitored values; tensorboard: needed for more than 1000", 0},
    {"output", KEY_OUTPUT, "FILE", 0,
     "Output (csv: standard output; RESULTS.journal.log; the folder RESULTS.tensorboard)", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  ls_export_options *o = state->input;
  uint64_t number = 0;
  int status = LS_OK;
  switch (key) {
  case KEY_OUTPUT:
    o->output = value;
    return 0;
  case KEY_TO:
    o->format = value;
    return 0;
  case KEY_CURVES:
    o->curves = true;
    return 0;
  case KEY_TRIALS:
    status = cli_number(&number, "export: --trials", value, 1, SIZE_MAX);
    o->trials = (size_t)number;
    return cli_parsed(status);
  case ARGP_KEY_ARG:
    if (o->results) return cli_parsed(ls_fail(LS_INVALID, "export: one results file at a time"));
    o->results = value;
    return 0;
  case ARGP_KEY_END:
    if (!o->results) {
      return cli_parsed(ls_fail(LS_INVALID, "export: no results file given (expected RESULTS.h5)"));
    }
    if (!o->format) {
      return cli_parsed(
          ls_fail(LS_INVALID, "export: --to is missing (expected csv, optuna or tensorboard)"));
    }
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "RESULTS.h5",
    .doc = "Write the trials of a results file for other programs: tables, Optuna and its "
           "dashboard, TensorBoard.\vReads the results of a running or killed job as well."};

static int execute(int argc, char **argv) {
  ls_export_options o = {0};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, &o, &helped);
  return status == LS_OK && !helped ? ls_export(&o) : status;
}

const cli_verb cli_verb_export = {
    .name = "export",
    .purpose = "write results for other programs: CSV, Optuna, TensorBoard",
    .parser = &parser,
    .local = execute,
};
