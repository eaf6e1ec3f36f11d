/* lockstep eval: evaluates trained models on original and perturbed samples. Reads the
 * command line; everything else is study/evaluate/evaluate.h. */
#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/named_data.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "study/evaluate/evaluate.h"

#include <limits.h>
#include <stdlib.h>

enum option_key {
  KEY_OUTPUT = 'o',
  KEY_SPLIT = 256,
  KEY_DATASET,
  KEY_METRICS,
  KEY_TOP_K,
  KEY_TRANSFORM,
  KEY_THROUGH,
  KEY_SEED,
  KEY_ALL,
};

typedef struct request {
  ls_evaluate_options options;
  const char **models, **through;
  ls_perturbation *perturbations;
} request;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "Output file (MODEL_eval.h5, beside the first model)", 0},
    {"split", KEY_SPLIT, "train|validation|test", 0, "Samples to evaluate on (test)", 0},
    {"dataset", KEY_DATASET, "NAME|FILE", 0, "Dataset (the job's)", 0},
    {"metrics", KEY_METRICS, "NAME,...", 0, "Metrics in addition to the job's", 0},
    {"top-k", KEY_TOP_K, "K", 0,
     "Also measure how often the true class is among the K largest outputs", 0},
    {"transform", KEY_TRANSFORM, "NAME=LEVELS", 0,
     "Curves over levels (0,0.2,0.5 or 0:1:0.1) of a perturbation of the inputs; may be repeated",
     0},
    {"through", KEY_THROUGH, "MODEL.h5", 0,
     "Further curves for inputs that first pass through this model; may be repeated", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of random perturbations (0)", 0},
    {"all", KEY_ALL, NULL, 0, "Print scores by class of several models, and all curves", 0},
    CLI_PROVENANCE_OPTIONS,
    {0},
};

static int add_perturbation(request *r, const char *text) {
  ls_evaluate_options *o = &r->options;
  ls_perturbation *next = &r->perturbations[o->perturbation_count];
  int status = ls_perturbation_read(next, "eval: --transform", text);
  if (status != LS_OK) return status;
  o->perturbation_count++;
  for (ls_perturbation *p = r->perturbations; p < next; p++) {
    if (p->type == next->type) {
      return ls_fail(LS_INVALID, "eval: --transform: %s is there twice", p->type->name);
    }
  }
  return LS_OK;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  ls_evaluate_options *o = &r->options;
  uint64_t number = 0;
  int status = LS_OK;
  switch (key) {
  case KEY_SPLIT:
    status = ls_split_name_read(&o->split, "eval: --split", value);
    break;
  case KEY_DATASET:
    o->trained.dataset = value;
    break;
  case KEY_METRICS:
    o->trained.metrics = value;
    break;
  case KEY_TOP_K:
    status = cli_number(&number, "eval: --top-k", value, 1, INT_MAX);
    o->top_k = (size_t)number;
    break;
  case KEY_TRANSFORM:
    status = add_perturbation(r, value);
    break;
  case KEY_THROUGH:
    r->through[o->through_count++] = value;
    break;
  case KEY_SEED:
    status = cli_number(&o->seed, "eval: --seed", value, 0, UINT64_MAX);
    break;
  case KEY_ALL:
    o->all = true;
    break;
  case ARGP_KEY_ARG:
    r->models[o->model_count++] = value;
    break;
  case ARGP_KEY_NO_ARGS:
    status =
        ls_fail(LS_INVALID, "no model file given (expected such as results/NAME/trial_1/best.h5)");
    break;
  default:
    return cli_parse_analysis_file(&o->file, key, value);
  }
  return cli_parsed(status);
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "MODEL.h5...",
    .doc =
        "Evaluate trained models: loss, metrics, confidence intervals, scores by class, "
        "calibration, comparisons of several models, and curves over levels of noise and other "
        "perturbations of the inputs. Runs alone or under mpirun or srun.\vPerturbations: "
        "salt_and_pepper, gaussian_noise, shift_right (left, up, down; wraps around), "
        "translate_right (left, up, down; fills with zeros), rotation, blur, pixel_permutation."};

static int evaluate(request *r, int argc, char **argv, const ls_group *world) {
  ls_evaluate_options *o = &r->options;
  char *command = cli_command_line(argc, argv), *output = NULL;
  if (!o->file.path) o->file.path = output = cli_output_beside(r->models[0], "eval");
  o->file.command = command;
  int status = command && o->file.path ? cli_check_output(o->file.path) : LS_FAILED;
  if (status == LS_OK) status = ls_compute_start();
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = cli_make_dataset(o->trained.dataset, world);
  if (status == LS_OK) status = ls_study_evaluate(o, world, stdout);
  free(output);
  free(command);
  return status;
}

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {.options.split = LS_SPLIT_TEST};
  size_t most = (size_t)argc;
  bool helped = false;
  r.options.models = r.models = ls_new(most, sizeof *r.models);
  r.options.through = r.through = ls_new(most, sizeof *r.through);
  r.options.perturbations = r.perturbations = ls_new(most, sizeof *r.perturbations);
  int status = r.models && r.through && r.perturbations ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped);
  if (status == LS_OK && !helped) status = evaluate(&r, argc, argv, world);
  free(r.models);
  free(r.through);
  free(r.perturbations);
  return status;
}

const cli_verb cli_verb_eval = {
    .name = "eval",
    .purpose = "evaluate trained models on original and perturbed samples",
    .parser = &parser,
    .collective = execute,
};
