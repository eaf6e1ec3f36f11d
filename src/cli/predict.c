/* lockstep predict: predicts samples by trained models. Reads the command line; everything else is
 * study/predict/predict.h. */
#include "study/predict/predict.h"
#include "base/memory.h"
#include "base/paths.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/named_data.h"
#include "lockstep/error.h"
#include "nn/compute.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum option_key { KEY_OUTPUT = 'o', KEY_SPLIT = 256, KEY_X, KEY_NA, KEY_SEPARATOR, KEY_NO_HEADER };

typedef struct request {
  ls_predict_options options;
  const char **words; /* model files, then the data */
  size_t word_count;
  const char **names; /* of --x */
} request;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0,
     "Output file: HDF5 if its name ends in .h5, else CSV (CSV to standard output)", 0},
    {"split", KEY_SPLIT, "train|test", 0, "Part of a dataset file (test, where it has one)", 0},
    {"x", KEY_X, "NAME", 0,
     "Column or array that is an input; may be repeated: names in the place of those of the "
     "training, in the same order, or of a model whose inputs were not made of columns those that "
     "it takes (all)",
     0},
    {"na", KEY_NA, "TEXT", 0, "CSV: a text that stands for a missing value", 0},
    {"separator", KEY_SEPARATOR, "CHARACTER", 0,
     "CSV: character between fields, or tab (the most frequent of , ; tab | in the first line)", 0},
    {"no-header", KEY_NO_HEADER, NULL, 0,
     "CSV: the first line is a sample; columns are named 1, 2, ...", 0},
    CLI_PROVENANCE_OPTIONS,
    {0},
};

static int read_split(const char **out, const char *text) {
  *out = text;
  if (strcmp(text, "train") == 0 || strcmp(text, "test") == 0) return LS_OK;
  return ls_fail(LS_INVALID, "predict: --split: '%s' (expected train or test)", text);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  ls_predict_options *o = &r->options;
  int status = LS_OK;
  switch (key) {
  case KEY_OUTPUT:
    o->file.path = strcmp(value, "-") == 0 ? NULL : value;
    break;
  case KEY_SPLIT:
    status = read_split(&o->split, value);
    break;
  case KEY_X:
    r->names[o->reading.name_count++] = value;
    o->reading.names = r->names;
    break;
  case KEY_NA:
    o->reading.missing = value;
    break;
  case KEY_SEPARATOR:
    status = cli_separator(&o->reading.separator, "predict: --separator", value);
    break;
  case KEY_NO_HEADER:
    o->reading.no_header = true;
    break;
  case ARGP_KEY_ARG:
    r->words[r->word_count++] = value;
    break;
  case ARGP_KEY_END:
    if (r->word_count < 2) {
      status = ls_fail(LS_INVALID, "predict: %s (expected MODEL.h5 and DATA, such as new.csv)",
                       r->word_count == 0 ? "no model file given" : "no data given");
    }
    break;
  default:
    return cli_parse_analysis_file(&o->file, key, value);
  }
  return cli_parsed(status);
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "MODEL.h5... DATA",
    .doc =
        "Predict samples, which need no targets: the class and the probability of each class, or "
        "the values, of every head. DATA is a dataset file, the name of a dataset, a CSV "
        "file, .npy, .npz, HDF5, a folder of images or an image, with the columns of which "
        "lockstep "
        "data made the inputs for training. Several models predict "
        "together: mean, standard deviation, and the class that most of them predict. Runs alone "
        "or under mpirun or srun."};

/* Whether an existing file is one of predictions as CSV. */
static bool is_predictions(const char *path) {
  char begin[8] = "";
  FILE *file = fopen(path, "r");
  if (!file) return false;
  bool read = fgets(begin, sizeof begin, file) != NULL;
  fclose(file);
  return read && strcmp(begin, "sample,") == 0;
}

/* Checks the output before the work: a file is replaced only if it is the output of an earlier
 * prediction or, if HDF5, of an analysis, and none that is read. */
static int check_output(const request *r) {
  const char *output = r->options.file.path;
  if (!output) return LS_OK;
  int status = ls_check_output(output, r->words, r->word_count);
  if (status != LS_OK || is_predictions(output)) return status;
  return cli_check_output(output);
}

/* Collective: the path of the data, to be freed: the word, or the file of the dataset of this name.
 */
static int find_data(char **path, const char *word, const ls_group *world) {
  struct stat info;
  *path = NULL;
  bool named = !ls_dataset_is_path(word) && stat(word, &info) != 0;
  int status = named ? ls_dataset_path(path, word) : LS_OK;
  if (!named && !(*path = ls_copy_text(word))) status = LS_FAILED;
  status = ls_group_agree(world, status);
  return status == LS_OK && named ? cli_make_dataset(word, world) : status;
}

static int predict(request *r, int argc, char **argv, const ls_group *world) {
  ls_predict_options *o = &r->options;
  char *command = cli_command_line(argc, argv), *data = NULL;
  o->models = r->words;
  o->model_count = r->word_count - 1;
  o->file.command = command;
  int status = command ? check_output(r) : LS_FAILED;
  if (status == LS_OK) status = ls_compute_start();
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = find_data(&data, r->words[r->word_count - 1], world);
  o->data = data;
  if (status == LS_OK) status = ls_study_predict(o, world, stdout);
  free(data);
  free(command);
  return status;
}

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {0};
  bool helped = false;
  r.words = ls_new((size_t)argc, sizeof *r.words);
  r.names = ls_new((size_t)argc, sizeof *r.names);
  int status = r.words && r.names ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped);
  if (status == LS_OK && !helped) status = predict(&r, argc, argv, world);
  free(r.words);
  free(r.names);
  return status;
}

const cli_verb cli_verb_predict = {
    .name = "predict",
    .purpose = "predict samples by trained models",
    .parser = &parser,
    .collective = execute,
};
