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
  const char *head, *through;
  ls_perturbation perturbation;
  uint64_t shown, seed;
  bool all;
} request;

enum option_key { KEY_HEAD = 256, KEY_COUNT, KEY_ALL, KEY_TRANSFORM, KEY_THROUGH, KEY_SEED };

static const struct argp_option options[] = {
    ANALYSIS_OPTIONS,
    {"head", KEY_HEAD, "NAME", 0, "Output of the model (the first one that predicts classes)", 0},
    {"count", KEY_COUNT, "N", 0, "Errors to show (20)", 0},
    {"all", KEY_ALL, NULL, 0, "Print all errors, and the confusion matrix of any number of classes",
     0},
    {"transform", KEY_TRANSFORM, "NAME=LEVEL", 0,
     "Perturbation of the inputs at one level, as for eval", 0},
    {"through", KEY_THROUGH, "MODEL.h5", 0, "Model through which inputs pass first", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of a random perturbation (0)", 0},
    {0},
};

static int read_perturbation(ls_perturbation *out, const char *text) {
  int status = ls_perturbation_read(out, "errors: --transform", text);
  if (status != LS_OK || out->count == 1) return status;
  return ls_fail(LS_INVALID, "errors: --transform: '%s' (expected one level)", text);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_HEAD:
    r->head = value;
    return 0;
  case KEY_COUNT:
    return cli_parsed(cli_number(&r->shown, "errors: --count", value, 1, 500));
  case KEY_ALL:
    r->all = true;
    return 0;
  case KEY_TRANSFORM:
    return cli_parsed(read_perturbation(&r->perturbation, value));
  case KEY_THROUGH:
    r->through = value;
    return 0;
  case KEY_SEED:
    return cli_parsed(cli_number(&r->seed, "errors: --seed", value, 0, UINT64_MAX));
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
  ls_trained *through = NULL;
  ls_trained_options same = {.dataset = r.common.dataset};
  if (status == LS_OK) status = analysis_open(&subject, &r.common, argc, argv, world);
  if (status == LS_OK && r.through) status = ls_trained_open(&through, r.through, &same, world);
  if (status == LS_OK) {
    ls_errors_options chosen = {.split = r.common.split,
                                .head = r.head,
                                .perturbation = r.perturbation.count > 0 ? &r.perturbation : NULL,
                                .seed = r.seed,
                                .through = through,
                                .shown = (size_t)r.shown,
                                .all = r.all,
                                .file = subject.file};
    status = ls_study_errors(subject.model, &chosen, world, stdout);
  }
  ls_trained_free(&through);
  analysis_close(&subject);
  return status;
}

const cli_verb cli_verb_errors = {
    .name = "errors",
    .purpose = "show which samples a trained classifier misclassifies",
    .parser = &parser,
    .collective = execute,
};
