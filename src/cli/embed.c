/* lockstep embed: projections to two dimensions and the separation of classes in them.
 *
 * Reads the command line; everything else is study/embed/embed.h. */
#include "study/embed/embed.h"
#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/named_data.h"
#include "lockstep/error.h"
#include "nn/compute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 200000, MOST_NEIGHBOURS = 1000 };

/* The command line; lists have room for all of its words. */
typedef struct request {
  ls_embed_options options;
  const char **models, **layers;
  ls_embed_method *methods;
} request;

enum option_key {
  KEY_OUTPUT = 'o',
  KEY_DATASET = 256,
  KEY_SPLIT,
  KEY_FIRST,
  KEY_LAYER,
  KEY_METHOD,
  KEY_PERPLEXITY,
  KEY_NEIGHBOURS,
  KEY_INIT,
  KEY_SEED,
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "Output file (embed.h5)", 0},
    {"dataset", KEY_DATASET, "NAME|FILE", 0, "Dataset (that of the models' jobs)", 0},
    {"split", KEY_SPLIT, "train|validation|test", 0, "Samples to project (test)", 0},
    {"first", KEY_FIRST, "N", 0, "Only the first N samples (all)", 0},
    {"layer", KEY_LAYER, "NAME", 0,
     "Layer of the models whose outputs are projected; may be repeated", 0},
    {"method", KEY_METHOD, "pca|tsne", 0, "Projection; may be repeated (tsne)", 0},
    {"perplexity", KEY_PERPLEXITY, "P", 0, "tsne: effective number of neighbours of a sample (30)",
     0},
    {"init", KEY_INIT, "pca|random", 0, "tsne: initial positions (pca)", 0},
    {"seed", KEY_SEED, "N", 0, "tsne: seed of random initial positions (0)", 0},
    {"neighbours", KEY_NEIGHBOURS, "K", 0, "Number of neighbours in the neighbourhood hit (6)", 0},
    CLI_PROVENANCE_OPTIONS,
    {0},
};

static int read_method(request *r, const char *text) {
  static const char *const names[] = {"pca", "tsne"};
  for (int i = 0; i < LS_EMBED_METHODS; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    r->methods[r->options.method_count++] = (ls_embed_method)i;
    return LS_OK;
  }
  return ls_fail(LS_INVALID, "embed: --method: '%s' (expected pca or tsne)", text);
}

static int read_init(request *r, const char *text) {
  r->options.random = strcmp(text, "random") == 0;
  if (r->options.random || strcmp(text, "pca") == 0) return LS_OK;
  return ls_fail(LS_INVALID, "embed: --init: '%s' (expected pca or random)", text);
}

static int read_perplexity(request *r, const char *text) {
  char *end = NULL;
  r->options.perplexity = strtod(text, &end);
  if (end != text && *end == '\0' && r->options.perplexity > 1 && isfinite(r->options.perplexity)) {
    return LS_OK;
  }
  return ls_fail(LS_INVALID, "embed: --perplexity: '%s' (expected a number above 1)", text);
}

static int read_size(size_t *out, const char *option, const char *text, uint64_t most) {
  uint64_t number = 0;
  int status = cli_number(&number, option, text, 1, most);
  *out = (size_t)number;
  return status;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  ls_embed_options *e = &r->options;
  int status = LS_OK;
  switch (key) {
  case KEY_DATASET:
    e->dataset = value;
    break;
  case KEY_SPLIT:
    status = ls_split_name_read(&e->split, "embed: --split", value);
    break;
  case KEY_FIRST:
    status = read_size(&e->first, "embed: --first", value, MOST_SAMPLES);
    break;
  case KEY_LAYER:
    r->layers[e->layer_count++] = value;
    break;
  case KEY_METHOD:
    status = read_method(r, value);
    break;
  case KEY_PERPLEXITY:
    status = read_perplexity(r, value);
    break;
  case KEY_NEIGHBOURS:
    status = read_size(&e->neighbours, "embed: --neighbours", value, MOST_NEIGHBOURS);
    break;
  case KEY_INIT:
    status = read_init(r, value);
    break;
  case KEY_SEED:
    status = cli_number(&e->seed, "embed: --seed", value, 0, UINT64_MAX);
    break;
  case ARGP_KEY_ARG:
    r->models[e->model_count++] = value;
    break;
  default:
    return cli_parse_analysis_file(&e->file, key, value);
  }
  return cli_parsed(status);
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "MODEL.h5... --layer NAME\n--dataset NAME|FILE",
    .doc = "Project samples, or the outputs of a layer of trained models, to two dimensions, and "
           "measure how well the classes are separated there.\vWrites a labelled HDF5 file and "
           "figures (SVG and PNG, by gnuplot) beside it. t-SNE is computed exactly: its time and "
           "memory (4 bytes) grow with the square of the number of samples and are divided over "
           "the ranks. Runs alone or under mpirun or srun, with identical results."};

/* Checks arguments that depend on one another, which argp does not do. */
static int check_request(const ls_embed_options *e) {
  if (e->model_count > 0 && e->layer_count == 0) {
    return ls_fail(LS_INVALID, "embed: no layer of the model given (expected --layer NAME)");
  }
  if (e->model_count == 0 && e->layer_count > 0) {
    return ls_fail(LS_INVALID, "embed: --layer goes with a model file only");
  }
  if (e->model_count == 0 && !e->dataset) {
    return ls_fail(LS_INVALID, "embed: nothing to project (expected MODEL.h5 or --dataset NAME)");
  }
  return LS_OK;
}

static int read_request(request *r, int argc, char **argv, bool prints, bool *helped) {
  r->models = ls_new((size_t)argc, sizeof *r->models);
  r->layers = ls_new((size_t)argc, sizeof *r->layers);
  r->methods = ls_new((size_t)argc, sizeof *r->methods);
  if (!r->models || !r->layers || !r->methods) return LS_FAILED;
  r->options.models = r->models;
  r->options.layers = r->layers;
  r->options.methods = r->methods;
  int status = cli_parse(&parser, argc, argv, prints, r, helped);
  if (status != LS_OK || *helped) return status;
  if (r->options.method_count == 0) status = read_method(r, "tsne");
  return status == LS_OK ? check_request(&r->options) : status;
}

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {
      .options = {
          .split = LS_SPLIT_TEST, .perplexity = 30, .neighbours = 6, .file.path = "embed.h5"}};
  bool helped = false;
  char *command = cli_command_line(argc, argv);
  r.options.file.command = command;
  int status = command ? read_request(&r, argc, argv, world->rank == 0, &helped) : LS_FAILED;
  if (status == LS_OK && !helped) status = cli_check_output(r.options.file.path);
  if (status == LS_OK && !helped) status = ls_compute_start();
  status = ls_group_agree(world, status);
  if (status == LS_OK && !helped) status = cli_make_dataset(r.options.dataset, world);
  if (status == LS_OK && !helped) status = ls_study_embed(&r.options, world, stdout);
  free(r.models);
  free(r.layers);
  free(r.methods);
  free(command);
  return status;
}

const cli_verb cli_verb_embed = {
    .name = "embed",
    .purpose = "project samples or layer outputs to two dimensions",
    .parser = &parser,
    .collective = execute,
};
