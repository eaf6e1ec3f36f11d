/* lockstep decode: the outputs of a trained decoder for given codes.
 *
 * Reads the command line; everything else is study/decode/. */
#include "study/decode/decode.h"
#include "base/text.h"
#include "cli/analysis.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

#include <stdlib.h>

typedef struct request {
  analysis_request common;
  const char *layer, *noise;
  uint32_t samples[LS_DECODE_MOST];
  size_t sample_count;
  uint64_t steps, draws, seed;
} request;

enum option_key { KEY_LAYER = 256, KEY_SAMPLES, KEY_NOISE, KEY_STEPS, KEY_COUNT, KEY_SEED };

static const struct argp_option options[] = {
    ANALYSIS_OPTIONS,
    {"layer", KEY_LAYER, "NAME", 0, "Layer whose outputs are the codes", 0},
    {"samples", KEY_SAMPLES, "N,...", 0, "Numbers of samples within the split (0,1,2)", 0},
    {"noise", KEY_NOISE, "LEVELS", 0,
     "Fractions of elements set to 0 or 1: 0,0.2,0.5 or a range (0:1:0.2)", 0},
    {"steps", KEY_STEPS, "N", 0, "Images from the code of one sample to that of the next (9)", 0},
    {"count", KEY_COUNT, "N", 0, "Inputs to generate for each class (8)", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of noise and codes (0)", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  int status = LS_OK;
  switch (key) {
  case KEY_LAYER:
    r->layer = value;
    break;
  case KEY_NOISE:
    r->noise = value;
    break;
  case KEY_SAMPLES:
    status =
        analysis_numbers(r->samples, &r->sample_count, LS_DECODE_MOST, "decode: --samples", value);
    break;
  case KEY_STEPS:
    status = cli_number(&r->steps, "decode: --steps", value, 2, 100);
    break;
  case KEY_COUNT:
    status = cli_number(&r->draws, "decode: --count", value, 0, 100);
    break;
  case KEY_SEED:
    status = cli_number(&r->seed, "decode: --seed", value, 0, UINT64_MAX);
    break;
  case ARGP_KEY_END:
    if (r->layer || !r->common.model) return analysis_parse(&r->common, key, value, state);
    status = ls_fail(LS_INVALID,
                     "decode: no layer given (expected --layer NAME, whose outputs are codes)");
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
    .doc = "Show the outputs of an autoencoder for noisy inputs, for codes between those of two "
           "samples, and for codes drawn from a Gaussian fitted to those of each class.\vWrites a "
           "labelled "
           "HDF5 file and figures (SVG and PNG, by gnuplot) beside it. Runs alone or under mpirun "
           "or srun, with identical results."};

static int read_noise(ls_perturbation *noise, const char *levels) {
  ls_text text = {0};
  ls_text_add(&text, "salt_and_pepper=%s", levels);
  char *whole = ls_text_take(&text);
  int status = whole ? ls_perturbation_read(noise, "decode: --noise", whole) : LS_FAILED;
  free(whole);
  if (status == LS_OK && noise->count > LS_DECODE_MOST) {
    return ls_fail(LS_INVALID, "decode: --noise: %zu levels (expected at most %d)", noise->count,
                   LS_DECODE_MOST);
  }
  return status;
}

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {.common = {.verb = "decode", .split = LS_SPLIT_TEST},
               .noise = "0:1:0.2",
               .samples = {0, 1, 2},
               .sample_count = 3,
               .steps = 9,
               .draws = 8};
  analysis_subject subject = {0};
  ls_perturbation noise = {0};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped);
  if (status == LS_OK && !helped) status = read_noise(&noise, r.noise);
  status = ls_group_agree(world, status);
  if (status == LS_OK && !helped) {
    status = analysis_open(&subject, &r.common, argc, argv, world);
    ls_decode_options chosen = {.split = r.common.split,
                                .layer = r.layer,
                                .samples = r.samples,
                                .sample_count = r.sample_count,
                                .noise = &noise,
                                .steps = (size_t)r.steps,
                                .draws = (size_t)r.draws,
                                .seed = r.seed,
                                .file = subject.file};
    if (status == LS_OK) status = ls_study_decode(subject.model, &chosen, world, stdout);
  }
  analysis_close(&subject);
  return status;
}

const cli_verb cli_verb_decode = {
    .name = "decode",
    .purpose = "show what a trained decoder generates from codes",
    .parser = &parser,
    .collective = execute,
};
