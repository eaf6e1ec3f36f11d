/* lockstep data: creates a dataset file, or reports that it exists.
 *
 * Reads the command line and determines the file; prepare/prepare.h creates it. An existing file
 * counts only if it opens as a dataset and was made by the same command; nothing is replaced
 * without --force. */
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "data/dataset.h"
#include "lockstep/error.h"
#include "prepare/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_WORDS = 4, MAX_SAMPLES = 10000000 };

/* The command line, from which texts are borrowed. */
typedef struct request {
  const char *words[MAX_WORDS]; /* a dataset's name, or IDX files */
  size_t word_count;
  const char *output; /* NULL: in the folder for datasets */
  const char *title;  /* NULL: the first file's name */
  bool from_idx, force;
  bool generator_options; /* seed, train or test was given */
  bool clock_options;     /* size or rotation was */
  uint64_t seed;
  uint64_t train, test; /* NOT_GIVEN: the generator's own numbers */
  uint64_t size, rotation;
} request;

/* The datasets that are generated, with their numbers of samples. */
typedef struct generator {
  const char *name;
  uint64_t train, test;
} generator;

static const generator digits = {"digits", 60000, 10000};
static const generator clocks = {"clock", 14400, 3600};
static const uint64_t NOT_GIVEN = UINT64_MAX;

enum option_key {
  KEY_OUTPUT = 'o',
  KEY_IDX = 256,
  KEY_TITLE,
  KEY_FORCE,
  KEY_SEED,
  KEY_TRAIN,
  KEY_TEST,
  KEY_SIZE,
  KEY_ROTATION,
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "Dataset file to write", 0},
    {"force", KEY_FORCE, NULL, 0, "Replace an existing file", 0},
    {"idx", KEY_IDX, NULL, 0, "Convert IDX files, plain or .gz", 0},
    {"name", KEY_TITLE, "TITLE", 0,
     "Title of a dataset made from IDX files (name of the first file)", 0},
    {"seed", KEY_SEED, "N", 0, "digits, clock: seed of the generator (1)", 0},
    {"train", KEY_TRAIN, "N", 0, "digits, clock: number of training images (60000, 14400)", 0},
    {"test", KEY_TEST, "N", 0, "digits, clock: number of test images (10000, 3600)", 0},
    {"size", KEY_SIZE, "N", 0, "clock: height and width in pixels (150)", 0},
    {"rotation", KEY_ROTATION, "DEGREES", 0,
     "clock: largest rotation of the dial, in either direction (15)", 0},
    {0},
};

static const char usage[] = "mnist|fashion_mnist|digits|clock\n"
                            "--idx TRAIN_IMAGES TRAIN_LABELS [TEST_IMAGES TEST_LABELS] -o FILE";

static const char description[] =
    "Make a dataset file (HDF5) for training."
    "\vmnist and fashion_mnist are downloaded unless they are on this machine; digits and clock "
    "are "
    "generated. Without -o the file is NAME.h5 in $LOCKSTEP_DATA, else $XDG_CACHE_HOME/lockstep, "
    "else ~/.cache/lockstep, which is where a job looks for a dataset it names.";

static int add_word(request *r, const char *word) {
  if (r->word_count == MAX_WORDS) {
    return ls_fail(LS_INVALID, "data: too many arguments, from '%s' on", word);
  }
  r->words[r->word_count++] = word;
  return LS_OK;
}

/* Reads an argument of the generator. */
static int add_number(request *r, uint64_t *out, const char *option, const char *text,
                      uint64_t least, uint64_t most) {
  r->generator_options = true;
  return cli_number(out, option, text, least, most);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  int status = LS_OK;
  switch (key) {
  case KEY_OUTPUT:
    r->output = value;
    break;
  case KEY_FORCE:
    r->force = true;
    break;
  case KEY_IDX:
    r->from_idx = true;
    break;
  case KEY_TITLE:
    r->title = value;
    break;
  case KEY_SEED:
    status = add_number(r, &r->seed, "data: --seed", value, 0, UINT64_MAX);
    break;
  case KEY_TRAIN:
    status = add_number(r, &r->train, "data: --train", value, 1, MAX_SAMPLES);
    break;
  case KEY_TEST:
    status = add_number(r, &r->test, "data: --test", value, 0, MAX_SAMPLES);
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

static const struct argp parser = {options, parse_option, usage, description, NULL, NULL, NULL};

/* The generator that the command line names, or NULL. */
static const generator *find_generator(const request *r) {
  if (r->from_idx || r->word_count != 1) return NULL;
  if (strcmp(r->words[0], digits.name) == 0) return &digits;
  return strcmp(r->words[0], clocks.name) == 0 ? &clocks : NULL;
}

/* Checks arguments that depend on one another, which argp does not do. */
static int check_request(const request *r) {
  if (r->from_idx && r->word_count != 2 && r->word_count != 4) {
    return ls_fail(
        LS_INVALID,
        "data: --idx: %zu files (expected images and labels, and maybe those for testing)",
        r->word_count);
  }
  if (r->from_idx && !r->output) {
    return ls_fail(LS_INVALID, "data: --idx needs -o FILE, the file to make");
  }
  if (!r->from_idx && r->word_count != 1) {
    return ls_fail(
        LS_INVALID,
        "data: %zu arguments (expected one of mnist, fashion_mnist, digits, clock; or --idx and "
        "files)",
        r->word_count);
  }
  if (!r->from_idx && r->title) return ls_fail(LS_INVALID, "data: --name goes with --idx only");
  if (r->generator_options && !find_generator(r)) {
    return ls_fail(LS_INVALID, "data: --seed, --train and --test go with digits and clock only");
  }
  if (r->clock_options && find_generator(r) != &clocks) {
    return ls_fail(LS_INVALID, "data: --size and --rotation go with clock only");
  }
  return LS_OK;
}

/* The command in a normal form: equal for equal datasets. */
static char *write_history(const request *r) {
  ls_text text = {0};
  ls_text_add(&text, "lockstep data%s", r->from_idx ? " --idx" : "");
  for (size_t i = 0; i < r->word_count; i++) ls_text_add(&text, " %s", r->words[i]);
  if (r->title) ls_text_add(&text, " --name '%s'", r->title);
  const generator *own = find_generator(r);
  if (own) {
    ls_text_add(&text, " --seed %llu --train %llu --test %llu", (unsigned long long)r->seed,
                (unsigned long long)r->train, (unsigned long long)r->test);
  }
  if (own == &clocks) {
    ls_text_add(&text, " --size %llu --rotation %llu", (unsigned long long)r->size,
                (unsigned long long)r->rotation);
  }
  return ls_text_take(&text);
}

/* Whether the dataset exists; LS_INVALID if another file is in its place. With `force` any
 * file counts as missing, to be replaced; but not a folder or a device. */
static int look_for(bool *there, const char *path, const char *history, bool force) {
  struct stat info;
  *there = stat(path, &info) == 0;
  if (*there && !S_ISREG(info.st_mode)) return ls_fail(LS_INVALID, "%s: is not a file", path);
  if (force) *there = false;
  if (!*there) return LS_OK;
  ls_dataset *dataset = NULL;
  int status = ls_dataset_open(&dataset, path);
  ls_dataset_free(&dataset);
  if (status != LS_OK) return ls_fail(status, "%s (--force replaces it)", ls_error_message());
  char *noted = NULL; /* none in a file that the user made in another way */
  status = ls_prepare_history(&noted, path);
  if (status == LS_OK && noted && strcmp(noted, history) != 0) {
    status = ls_fail(LS_INVALID, "%s: exists, made by '%s' (expected '%s'; --force replaces it)",
                     path, noted, history);
  }
  free(noted);
  return status;
}

static int make(const request *r, const char *path, const char *history) {
  if (r->from_idx) {
    const ls_idx_paths files = {r->words[0], r->words[1], r->words[2], r->words[3]};
    return ls_prepare_idx(path, history, r->title ? r->title : r->words[0], &files);
  }
  const generator *own = find_generator(r);
  if (own == &digits) return ls_prepare_digits(path, history, r->seed, r->train, r->test);
  if (own == &clocks) {
    const ls_clock_faces_options clock = {r->seed, r->train, r->test, r->size, r->rotation};
    return ls_prepare_clock_faces(path, history, &clock);
  }
  return ls_prepare_published(path, history, r->words[0]);
}

/* Prints the contents of the file in one line; opening it also checks what was written. */
static int report(const char *path, bool was_there) {
  ls_dataset *d = NULL;
  int status = ls_dataset_open(&d, path);
  if (status != LS_OK) return status;
  printf("%s: %zu training and %zu test samples of ", path, d->count[LS_TRAIN], d->count[LS_TEST]);
  for (int i = 0; i < d->shape.rank; i++) {
    printf("%s%lld", i > 0 ? " x " : "", (long long)d->shape.extent[i]);
  }
  for (size_t i = 0; i < d->target_count; i++) {
    const ls_dataset_target *t = &d->targets[i];
    printf(", %s%s", t->name, *t->name ? ": " : "");
    if (t->classes > 0) printf("%lld classes", (long long)t->classes);
    if (t->classes == 0) printf("%zu value%s", t->width, t->width > 1 ? "s" : "");
  }
  printf("%s\n", was_there ? " (there already)" : "");
  ls_dataset_free(&d);
  return LS_OK;
}

/* The path of the file, to be freed. Its folder is created only where it is the default one. */
static int choose_path(char **path, const request *r) {
  if (r->output) return (*path = ls_copy_text(r->output)) ? LS_OK : LS_FAILED;
  char *folder = NULL;
  int status = ls_dataset_path(path, r->words[0]);
  if (status == LS_OK) status = ls_dataset_directory(&folder);
  if (status == LS_OK) status = ls_make_directories(folder);
  free(folder);
  return status;
}

static int fulfil(const request *r) {
  char *path = NULL, *history = write_history(r);
  bool there = false;
  int status = history ? choose_path(&path, r) : LS_FAILED;
  if (status == LS_OK && r->from_idx) status = ls_check_output(path, r->words, r->word_count);
  if (status == LS_OK) status = look_for(&there, path, history, r->force);
  if (status == LS_OK && !there) status = make(r, path, history);
  if (status == LS_OK) status = report(path, there);
  free(path);
  free(history);
  return status;
}

static int execute(int argc, char **argv) {
  request r = {.seed = 1, .train = NOT_GIVEN, .test = NOT_GIVEN, .size = 150, .rotation = 15};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, &r, &helped);
  if (status != LS_OK || helped) return status;
  status = check_request(&r);
  const generator *own = find_generator(&r);
  if (own && r.train == NOT_GIVEN) r.train = own->train;
  if (own && r.test == NOT_GIVEN) r.test = own->test;
  return status == LS_OK ? fulfil(&r) : status;
}

const cli_verb cli_verb_data = {
    .name = "data",
    .purpose = "make a dataset file",
    .parser = &parser,
    .local = execute,
};
