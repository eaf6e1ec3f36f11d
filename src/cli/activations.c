/* lockstep activations: the layer outputs of a trained model.
 *
 * Reads the command line; everything else is study/activations/. */
#include "study/activations/activations.h"
#include "base/memory.h"
#include "cli/analysis.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

#include <stdlib.h>

typedef struct request {
  analysis_request common;
  const char **layers;
  size_t layer_count;
  uint32_t samples[LS_ACTIVATIONS_MOST];
  size_t sample_count;
  bool heat;
  uint64_t patch;
} request;

enum option_key { KEY_LAYER = 256, KEY_SAMPLES, KEY_HEAT, KEY_PATCH };

static const struct argp_option options[] = {
    ANALYSIS_OPTIONS,
    {"layer", KEY_LAYER, "NAME", 0, "Layer to show; may be repeated (all that compute something)",
     0},
    {"samples", KEY_SAMPLES, "N,...", 0, "Numbers of samples within the split (0)", 0},
    {"heat", KEY_HEAT, NULL, 0,
     "Also draw heat maps of what in the image supports the predicted class", 0},
    {"patch", KEY_PATCH, "N", 0, "Side of the occluding square in pixels (a fifth of the image)",
     0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  int status = LS_OK;
  switch (key) {
  case KEY_LAYER:
    r->layers[r->layer_count++] = value;
    break;
  case KEY_SAMPLES:
    status = analysis_numbers(r->samples, &r->sample_count, LS_ACTIVATIONS_MOST,
                              "activations: --samples", value);
    break;
  case KEY_HEAT:
    r->heat = true;
    break;
  case KEY_PATCH:
    status = cli_number(&r->patch, "activations: --patch", value, 1, 10000);
    break;
  default:
    return analysis_parse(&r->common, key, value, state);
  }
  return cli_parsed(status);
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "MODEL.h5",
    .doc = "Show the layer outputs of a trained model for some samples: vectors as strips, feature "
           "maps and kernels of convolutions as grids, heat maps of the input beside the "
           "image.\vWrites a labelled HDF5 file and figures (SVG and PNG, by gnuplot) beside it. "
           "Runs alone or under mpirun or srun, with identical results."};

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {.common = {.verb = "activations", .split = LS_SPLIT_TEST}, .sample_count = 1};
  analysis_subject subject = {0};
  bool helped = false;
  r.layers = ls_new((size_t)argc, sizeof *r.layers);
  int status = r.layers ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped);
  status = ls_group_agree(world, status);
  if (status == LS_OK && !helped) {
    status = analysis_open(&subject, &r.common, argc, argv, world);
    ls_activations_options chosen = {r.common.split, r.layers, r.layer_count,   r.samples,
                                     r.sample_count, r.heat,   (size_t)r.patch, subject.file};
    if (status == LS_OK) status = ls_study_activations(subject.model, &chosen, world, stdout);
  }
  analysis_close(&subject);
  free(r.layers);
  return status;
}

const cli_verb cli_verb_activations = {
    .name = "activations",
    .purpose = "show the layer outputs of a trained model",
    .parser = &parser,
    .collective = execute,
};
