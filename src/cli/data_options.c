/* The options of `lockstep data`. */
#include "cli/data_request.h"

#include "cli/arguments.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <string.h>

enum option_key {
  KEY_OUTPUT = 'o',
  KEY_IDX = 256,
  KEY_TITLE,
  KEY_FORCE,
  KEY_DESCRIBE,
  KEY_SEED,
  KEY_TRAIN,
  KEY_TEST,
  KEY_SIZE,
  KEY_ROTATION,
  KEY_FILE, /* those from here on go with files only */
  KEY_INPUT = KEY_FILE,
  KEY_TARGET,
  KEY_TARGET_VECTOR,
  KEY_TEST_INPUT,
  KEY_TEST_TARGET,
  KEY_WEIGHT,
  KEY_DROP,
  KEY_STRATIFY,
  KEY_GROUP,
  KEY_MISSING,
  KEY_MISSING_TEXT,
  KEY_CATEGORIES,
  KEY_TEXT,
  KEY_SEPARATOR,
  KEY_RESIZE,
  KEY_CROP,
  KEY_COLOR_MODE,
  KEY_NO_HEADER,
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "Dataset file to write", 0},
    {"force", KEY_FORCE, NULL, 0, "Replace an existing file", 0},
    {"name", KEY_TITLE, "TITLE", 0, "Title of a dataset made from files (name of the first file)",
     0},
    {"seed", KEY_SEED, "N", 0, "Seed of the generator, or of the choice of test samples (1)", 0},
    {"x", KEY_INPUT, "COLUMN", 0,
     "FILE: a column that is an input; may be repeated (all columns without another use)", 0},
    {"target", KEY_TARGET, "COLUMN[=class|=value]", 0,
     "FILE: a column to predict (y); may be repeated. By default texts, and integers if at most 20 "
     "different ones occur, are classes",
     0},
    {"y", KEY_TARGET, "COLUMN", 0, "FILE: the same as --target", 0},
    {"target-vector", KEY_TARGET_VECTOR, NULL, 0,
     "FILE: the columns to predict are the values of one target, such as several labels of 0 and "
     "1, "
     "instead of a target each",
     0},
    {"test-x", KEY_TEST_INPUT, "COLUMN", 0,
     "FILE: the input of the samples for testing, if it has another name than --x", 0},
    {"test-y", KEY_TEST_TARGET, "COLUMN", 0,
     "FILE: the target of the samples for testing, if it has another name than --target", 0},
    {"weight", KEY_WEIGHT, "COLUMN[=HEAD]", 0,
     "FILE: a column of sample weights, for the loss of one head of the model or of all; may be "
     "repeated",
     0},
    {"drop", KEY_DROP, "COLUMN", 0, "FILE: a column to leave out; may be repeated", 0},
    {"test", KEY_TEST, "FRACTION|FILE|N", 0,
     "FILE: fraction of samples for testing, or a file with them. digits, clock: number of test "
     "images (10000, 3600)",
     0},
    {"stratify", KEY_STRATIFY, NULL, 0,
     "FILE: take the fraction for testing from each class of the first target", 0},
    {"group", KEY_GROUP, "COLUMN", 0,
     "FILE: keep samples with the same value in this column together, for training or for testing; "
     "the dataset gets the groups, for validation by group",
     0},
    {"missing", KEY_MISSING, "refuse|mean|median|drop", 0,
     "FILE: what happens to missing values: an error; the mean or median of the column's values "
     "for training; the sample is left out (refuse)",
     0},
    {"na", KEY_MISSING_TEXT, "TEXT", 0,
     "FILE: a text for a missing value, besides an empty field, NA, NaN, null and their like", 0},
    {"categories", KEY_CATEGORIES, "one_hot|integer", 0, "FILE: how texts become inputs (one_hot)",
     0},
    {"text", KEY_TEXT, "COLUMN", 0,
     "CSV: a column of categories that look like numbers; may be repeated", 0},
    {"separator", KEY_SEPARATOR, "CHARACTER", 0,
     "CSV: character between fields, or tab (the most frequent of , ; tab | in the first line)", 0},
    {"no-header", KEY_NO_HEADER, NULL, 0,
     "CSV: the first line is a sample; columns are named 1, 2, ...", 0},
    {"resize", KEY_RESIZE, "HEIGHTxWIDTH", 0, "Images: scale them to this size", 0},
    {"crop", KEY_CROP, NULL, 0,
     "Images: cut them to the ratio of sides that --resize has, instead of distorting them", 0},
    {"color-mode", KEY_COLOR_MODE, "grayscale|rgb", 0,
     "Images: convert them (grayscale if all are)", 0},
    {"describe", KEY_DESCRIBE, NULL, 0, "Print what FILE contains; write nothing", 0},
    {"idx", KEY_IDX, NULL, 0, "Convert IDX files, plain or .gz", 0},
    {"train", KEY_TRAIN, "N", 0, "digits, clock: number of training images (60000, 14400)", 0},
    {"size", KEY_SIZE, "N", 0, "clock: height and width in pixels (150)", 0},
    {"rotation", KEY_ROTATION, "DEGREES", 0,
     "clock: largest rotation of the dial, in either direction (15)", 0},
    {0},
};

static const char usage[] = "mnist|fashion_mnist|digits|clock\n"
                            "FILE -o FILE --target COLUMN\n"
                            "--describe FILE\n"
                            "--idx TRAIN_IMAGES TRAIN_LABELS [TEST_IMAGES TEST_LABELS] -o FILE";

static const char description[] =
    "Make a dataset file (HDF5) for training."
    "\vmnist and fashion_mnist are downloaded unless they are on this machine; digits and clock "
    "are generated. Without -o the file is NAME.h5 in $LOCKSTEP_DATA, else "
    "$XDG_CACHE_HOME/lockstep, else ~/.cache/lockstep, which is where a job looks for a dataset it "
    "names. FILE is a table with a column for each variable and a row for each sample (.csv, .tsv "
    "or "
    ".txt, plain or .gz); an archive (.npz), one or more arrays (.npy) or an HDF5 or netCDF file "
    "with an array for each variable; or a folder with a folder of images (PNG, JPEG) for each "
    "class.";

/* ---- Reading --------------------------------------------------------------------------------- */

static int add_word(data_request *r, const char *word) {
  if (r->word_count == DATA_MOST_WORDS) {
    return ls_fail(LS_INVALID, "data: too many arguments, from '%s' on", word);
  }
  r->words[r->word_count++] = word;
  return LS_OK;
}

static int add_name(ls_names *names, const char *option, const char *name) {
  if (names->count == LS_MOST_CHOICES) {
    return ls_fail(LS_INVALID, "data: %s: is given more than %d times", option, LS_MOST_CHOICES);
  }
  names->items[names->count++] = name;
  return LS_OK;
}

/* COLUMN, COLUMN=class or COLUMN=value; the text is cut at the sign. */
static int add_target(ls_conversion *c, char *text) {
  if (c->target_count == LS_MOST_CHOICES) {
    return ls_fail(LS_INVALID, "data: --target: is given more than %d times", LS_MOST_CHOICES);
  }
  ls_target_choice *target = &c->targets[c->target_count++];
  *target = (ls_target_choice){text, LS_TARGET_AUTO};
  char *sign = strrchr(text, '=');
  if (sign && strcmp(sign, "=class") == 0) target->kind = LS_TARGET_CLASS;
  if (sign && strcmp(sign, "=value") == 0) target->kind = LS_TARGET_VALUE;
  if (target->kind != LS_TARGET_AUTO) *sign = '\0';
  return LS_OK;
}

/* COLUMN or COLUMN=HEAD; the text is cut at the last sign. */
static int add_weight(ls_conversion *c, char *text) {
  char *sign = strrchr(text, '=');
  const char *head = sign ? sign + 1 : "";
  if (strlen(head) > 63 || strchr(head, '/')) {
    return ls_fail(LS_INVALID,
                   "data: --weight: '%s' (expected COLUMN=HEAD, with the name of a head, up to 63 "
                   "bytes)",
                   text);
  }
  if (sign) *sign = '\0';
  for (size_t i = 0; i < c->weight_count; i++) {
    if (strcmp(c->weights[i].head, head) != 0) continue;
    return ls_fail(LS_INVALID, "data: --weight: '%s' and '%s' are both for %s%s (expected one)",
                   c->weights[i].column, text, *head ? "the head " : "all heads", head);
  }
  if (c->weight_count == LS_MOST_CHOICES) {
    return ls_fail(LS_INVALID, "data: --weight: is given more than %d times", LS_MOST_CHOICES);
  }
  c->weights[c->weight_count++] = (ls_weight_choice){text, head};
  return LS_OK;
}

static int read_missing(ls_missing *out, const char *text) {
  static const char *const words[] = {"refuse", "mean", "median", "drop"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    *out = (ls_missing)i;
    if (strcmp(words[i], text) == 0) return LS_OK;
  }
  return ls_fail(LS_INVALID, "data: --missing: '%s' (expected refuse, mean, median or drop)", text);
}

static int read_categories(bool *one_hot, const char *text) {
  *one_hot = strcmp(text, "one_hot") == 0;
  if (*one_hot || strcmp(text, "integer") == 0) return LS_OK;
  return ls_fail(LS_INVALID, "data: --categories: '%s' (expected one_hot or integer)", text);
}

static int read_size(ls_source_options *reading, const char *text) {
  int length = 0;
  bool valid = sscanf(text, "%5zux%5zu%n", &reading->height, &reading->width, &length) == 2 &&
               text[length] == '\0' && reading->height > 0 && reading->width > 0 &&
               reading->height <= 16384 && reading->width <= 16384;
  if (valid) return LS_OK;
  return ls_fail(LS_INVALID, "data: --resize: '%s' (expected HEIGHTxWIDTH, such as 32x32)", text);
}

static int read_color_mode(size_t *channels, const char *text) {
  *channels = strcmp(text, "rgb") == 0 ? 3 : 1;
  if (*channels == 3 || strcmp(text, "grayscale") == 0) return LS_OK;
  return ls_fail(LS_INVALID, "data: --color-mode: '%s' (expected grayscale or rgb)", text);
}

/* The part of the parser that reads options of files. */
static int parse_file_option(data_request *r, int key, char *value) {
  ls_conversion *c = &r->conversion;
  switch (key) {
  case KEY_INPUT:
    return add_name(&c->inputs, "--x", value);
  case KEY_TARGET:
    return add_target(c, value);
  case KEY_TARGET_VECTOR:
    c->target_vector = true;
    return LS_OK;
  case KEY_TEST_INPUT:
    return add_name(&c->test_inputs, "--test-x", value);
  case KEY_TEST_TARGET:
    return add_name(&c->test_targets, "--test-y", value);
  case KEY_WEIGHT:
    return add_weight(c, value);
  case KEY_DROP:
    return add_name(&c->dropped, "--drop", value);
  case KEY_STRATIFY:
    c->stratify = true;
    return LS_OK;
  case KEY_GROUP:
    c->group = value;
    return LS_OK;
  case KEY_MISSING:
    return read_missing(&c->missing, value);
  case KEY_MISSING_TEXT:
    c->reading.missing = value;
    return LS_OK;
  case KEY_CATEGORIES:
    return read_categories(&c->one_hot, value);
  case KEY_TEXT:
    return add_name(&c->texts, "--text", value);
  case KEY_SEPARATOR:
    return cli_separator(&c->reading.separator, "data: --separator", value);
  case KEY_RESIZE:
    return read_size(&c->reading, value);
  case KEY_CROP:
    c->reading.crop = true;
    return LS_OK;
  case KEY_COLOR_MODE:
    return read_color_mode(&c->reading.channels, value);
  default:
    c->reading.no_header = true;
    return LS_OK;
  }
}

static const char *option_name(int key) {
  const struct argp_option *o = options;
  while (o->key != key) o++;
  return o->name;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  data_request *r = state->input;
  int status = LS_OK;
  if (key >= KEY_FILE && key <= KEY_NO_HEADER) {
    r->file_option = option_name(key);
    return cli_parsed(parse_file_option(r, key, value));
  }
  switch (key) {
  case KEY_OUTPUT:
    r->output = value;
    break;
  case KEY_IDX:
    r->from_idx = true;
    break;
  case KEY_TITLE:
    r->title = value;
    break;
  case KEY_FORCE:
    r->force = true;
    break;
  case KEY_DESCRIBE:
    r->describe = true;
    break;
  case KEY_SEED:
    r->seed_given = true;
    status = cli_number(&r->seed, "data: --seed", value, 0, UINT64_MAX);
    break;
  case KEY_TRAIN:
    r->train_text = value;
    break;
  case KEY_TEST:
    r->test_text = value;
    break;
  case KEY_SIZE:
    r->clock_options = true;
    status = cli_number(&r->size, "data: --size", value, 32, 1024);
    break;
  case KEY_ROTATION:
    r->clock_options = true;
    status = cli_number(&r->rotation, "data: --rotation", value, 0, 180);
    break;
  case ARGP_KEY_ARG:
    status = add_word(r, value);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return cli_parsed(status);
}

const struct argp data_parser = {options, parse_option, usage, description, NULL, NULL, NULL};
