/* lockstep errors: the samples that a trained classifier misclassifies.
 *
 * Reads the command line; everything else is study/errors/. */
#include "study/errors/errors.h"
#include "cli/analysis.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

typedef struct request {
  analysis_request common;
  const char *head;
  uint64_t shown;
} request;

enum option_key { KEY_HEAD = 256, KEY_COUNT };

static const struct argp_option options[] = {
    ANALYSIS_OPTIONS,
    {"head", KEY_HEAD, "NAME", 0, "Output of the model (the first one that tells classes)", 0},
    {"count", KEY_COUNT, "N", 0, "Mistakes to show (20)", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_HEAD:
    r->head = value;
    return 0;
  case KEY_COUNT:
    return cli_parsed(cli_number(&r->shown, "errors: --count", value, 1, 500));
  default:
    return analysis_parse(&r->common, key, value, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "MODEL.h5",
    .doc =
        "Show which samples a trained classifier misclassifies: the confusion matrix, and the most "
        "confident errors with their images.\vWrites a labelled HDF5 file and figures (SVG and "
        "PNG, by gnuplot) beside it. Runs alone or under mpirun or srun, with identical results."};

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {.common = {.verb = "errors", .split = LS_SPLIT_TEST}, .shown = 20};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped);
  if (helped) return LS_OK;
  status = ls_group_agree(world, status);
  analysis_subject subject = {0};
  if (status == LS_OK) status = analysis_open(&subject, &r.common, argc, argv, world);
  if (status == LS_OK) {
    ls_errors_options chosen = {r.common.split, r.head, (size_t)r.shown, subject.output,
                                subject.provenance};
    status = ls_study_errors(subject.model, &chosen, world, stdout);
  }
  analysis_close(&subject);
  return status;
}

const cli_verb cli_verb_errors = {
    .name = "errors",
    .purpose = "show which samples a trained classifier misclassifies",
    .parser = &parser,
    .collective = execute,
};
