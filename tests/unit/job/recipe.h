/* A recipe such as the program's own, for the tests of the job reader: sections, lists of
 * components, choices within choices, an optional section, and checks. */
#ifndef TEST_JOB_RECIPE_H
#define TEST_JOB_RECIPE_H

#include "job/job.h"
#include "lockstep/component.h"
#include "lockstep/error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY(kind, list)                                                                         \
  { kind, list, sizeof list / sizeof *list }

/* Activations and initializers: nothing or one number to choose. */
typedef struct number_args {
  double value;
} number_args;

static const ls_component relu = {"relu", "", 0, NULL, NULL};
static const ls_component linear = {"linear", "", 0, NULL, NULL};
static const ls_component *const activation_list[] = {&linear, &relu};
static const ls_family activations = FAMILY("activation", activation_list);

static const ls_component zeros = {"zeros", "", 0, NULL, NULL};
static const ls_component glorot = {"glorot_uniform", "", 0, NULL, NULL};
static const ls_component *const initializer_list[] = {&zeros, &glorot};
static const ls_family initializers = FAMILY("initializer", initializer_list);

static const ls_arg l2_args[] = {
    {"factor", LS_ARG_REAL, offsetof(number_args, value), "0.01", "strength", .min = 0,
     .max = INFINITY, .flags = LS_MORE_IS_SIMPLER},
    {NULL},
};
static const ls_component l2 = {"l2", "", sizeof(number_args), l2_args, NULL};
static const ls_component *const regularizer_list[] = {&l2};
static const ls_family regularizers = FAMILY("regularizer", regularizer_list);

/* Layers. */
typedef struct dense_args {
  int64_t units;
  ls_choice activation, initializer, regularizer;
} dense_args;
static const ls_arg dense_table[] = {
    {"units", LS_ARG_INTEGER, offsetof(dense_args, units), NULL, "number of outputs", .min = 1,
     .max = INT_MAX, .flags = LS_LESS_IS_SIMPLER},
    {"activation", LS_ARG_CHOICE, offsetof(dense_args, activation), "linear", "",
     .family = &activations},
    {"kernel_initializer", LS_ARG_CHOICE, offsetof(dense_args, initializer), "glorot_uniform", "",
     .family = &initializers},
    {"kernel_regularizer", LS_ARG_CHOICE, offsetof(dense_args, regularizer), "null", "",
     .family = &regularizers},
    {NULL},
};
static const ls_component dense = {"dense", "", sizeof(dense_args), dense_table, NULL};

static const ls_arg dropout_table[] = {
    {"rate", LS_ARG_REAL, offsetof(number_args, value), NULL, "share of inputs dropped", .min = 0,
     .max = 1, .flags = LS_BELOW_MAX | LS_MORE_IS_SIMPLER},
    {NULL},
};
static const ls_component dropout = {"dropout", "", sizeof(number_args), dropout_table, NULL};
static const ls_component flatten = {"flatten", "", 0, NULL, NULL};

static const ls_family layers; /* of which some are in a sequential */
typedef struct sequential_args {
  ls_choices layers;
} sequential_args;
static const ls_arg sequential_table[] = {
    {"layers", LS_ARG_CHOICES, offsetof(sequential_args, layers), NULL, "", .family = &layers},
    {NULL},
};
static const ls_component sequential = {"sequential", "", sizeof(sequential_args), sequential_table,
                                        NULL};
static const ls_component *const layer_list[] = {&dense, &dropout, &flatten, &sequential};
static const ls_family layers = FAMILY("layer", layer_list);

/* Schedules and optimizers. */
static const ls_arg constant_table[] = {
    {"value", LS_ARG_REAL, offsetof(number_args, value), NULL, "learning rate", .min = 0,
     .max = INFINITY, .flags = LS_ABOVE_MIN},
    {NULL},
};
static const ls_component constant = {"constant", "", sizeof(number_args), constant_table, NULL};

typedef struct cosine_args {
  double initial, final;
} cosine_args;
static const ls_arg cosine_table[] = {
    {"initial", LS_ARG_REAL, offsetof(cosine_args, initial), "0.1", ""},
    {"final", LS_ARG_REAL, offsetof(cosine_args, final), "0", ""},
    {NULL},
};
static const char *check_cosine(const void *args) {
  const cosine_args *a = args;
  return a->final > a->initial ? "ends above its beginning (expected final <= initial)" : NULL;
}
static const ls_component cosine = {"cosine", "", sizeof(cosine_args), cosine_table, check_cosine};
static const ls_component *const schedule_list[] = {&constant, &cosine};
static const ls_family schedules = FAMILY("schedule", schedule_list);

typedef struct sgd_args {
  ls_choice learning_rate;
  double momentum;
  bool nesterov;
} sgd_args;
static const ls_arg sgd_table[] = {
    {"learning_rate", LS_ARG_CHOICE, offsetof(sgd_args, learning_rate), "0.01", "",
     .family = &schedules},
    {"momentum", LS_ARG_REAL, offsetof(sgd_args, momentum), "0", "", .min = 0, .max = 1},
    {"nesterov", LS_ARG_BOOLEAN, offsetof(sgd_args, nesterov), "false", ""},
    {NULL},
};
static const ls_component sgd = {"sgd", "", sizeof(sgd_args), sgd_table, NULL};

typedef struct adam_args {
  ls_choice learning_rate;
  ls_reals betas;
} adam_args;
static const ls_arg adam_table[] = {
    {"learning_rate", LS_ARG_CHOICE, offsetof(adam_args, learning_rate),
     "{cosine: {initial: 1e-3}}", "", .family = &schedules},
    {"betas", LS_ARG_REALS, offsetof(adam_args, betas), "[0.9, 0.999]", "", .min = 0, .max = 1,
     .flags = LS_ABOVE_MIN | LS_BELOW_MAX},
    {NULL},
};
static const ls_component adam = {"adam", "", sizeof(adam_args), adam_table, NULL};
static const ls_component *const optimizer_list[] = {&sgd, &adam};
static const ls_family optimizers = FAMILY("optimizer", optimizer_list);

/* Sections. */
typedef struct dataset_args {
  char *name, *file;
  int validation;
} dataset_args;
static const char *const validations[] = {"test", "folds", NULL};
static const ls_arg dataset_table[] = {
    {"name", LS_ARG_TEXT, offsetof(dataset_args, name), "mnist", ""},
    {"file", LS_ARG_TEXT, offsetof(dataset_args, file), "null", ""},
    {"validation", LS_ARG_WORD, offsetof(dataset_args, validation), "test", "",
     .words = validations},
    {NULL},
};
static const ls_component dataset = {"dataset", "", sizeof(dataset_args), dataset_table, NULL};

typedef struct stopping_args {
  int64_t patience;
  int mode;
} stopping_args;
static const char *const modes[] = {"min", "max", NULL};
static const ls_arg stopping_table[] = {
    {"patience", LS_ARG_INTEGER, offsetof(stopping_args, patience), NULL, "epochs to wait",
     .min = 1, .max = INFINITY},
    {"mode", LS_ARG_WORD, offsetof(stopping_args, mode), "null", "", .words = modes},
    {NULL},
};
static const ls_component stopping = {"early_stopping", "", sizeof(stopping_args), stopping_table,
                                      NULL};

typedef struct head_args {
  double weight;
  ls_choice activation;
} head_args;
static const ls_arg head_table[] = {
    {"activation", LS_ARG_CHOICE, offsetof(head_args, activation), NULL, "its end",
     .family = &activations},
    {"loss_weight", LS_ARG_REAL, offsetof(head_args, weight), "1", "", .min = 0, .max = 10},
    {NULL},
};
static const ls_component head = {"head", "", sizeof(head_args), head_table, NULL};

typedef struct train_args {
  int64_t epochs, seed, shards;
  double clip;
  ls_choice optimizer;
  stopping_args stopping;
} train_args;
static const ls_arg train_table[] = {
    {"epochs", LS_ARG_INTEGER, offsetof(train_args, epochs), NULL, "passes over the data", .min = 1,
     .max = 1e6},
    {"seed", LS_ARG_INTEGER, offsetof(train_args, seed), "1", ""},
    {"shards", LS_ARG_INTEGER, offsetof(train_args, shards), "null", ""},
    {"clip", LS_ARG_REAL, offsetof(train_args, clip), "null", "", .min = 0, .max = 10,
     .flags = LS_ABOVE_MIN},
    {"optimizer", LS_ARG_CHOICE, offsetof(train_args, optimizer), "sgd", "", .family = &optimizers},
    {"early_stopping", LS_ARG_SECTION, offsetof(train_args, stopping), "null", "",
     .section = &stopping},
    {NULL},
};
static const ls_component train = {"train", "", sizeof(train_args), train_table, NULL};

/* An item of a list. */
typedef struct note_args {
  ls_texts about;
  double weight;
} note_args;
static const ls_arg note_table[] = {
    {"about", LS_ARG_TEXTS, offsetof(note_args, about), NULL, "subjects"},
    {"weight", LS_ARG_REAL, offsetof(note_args, weight), "1", ""},
    {NULL},
};
static const ls_component note = {"note", "", sizeof(note_args), note_table, NULL};

typedef struct claim_args {
  double value;
  ls_settings_list at, order;
  ls_named_reals shares;
} claim_args;
static const char *const share_words[] = {"even", NULL};
static const ls_arg claim_table[] = {
    {"value", LS_ARG_REAL, offsetof(claim_args, value), NULL, "what was found"},
    {"at", LS_ARG_SETTINGS, offsetof(claim_args, at), "null", "", .max_items = 1},
    {"order", LS_ARG_SETTINGS, offsetof(claim_args, order), "null", ""},
    {"shares", LS_ARG_NAMED_REALS, offsetof(claim_args, shares), "null", "", .min = 0, .max = 9,
     .words = share_words},
    {NULL},
};
static const ls_component claim = {"claim", "", sizeof(claim_args), claim_table, NULL};

typedef struct recipe_args {
  char *name, *title;
  double reference;
  ls_reals marks;
  ls_sections heads, notes, figures, claims;
  dataset_args dataset;
  ls_choices model, extras;
  train_args train;
} recipe_args;
static const ls_arg recipe_table[] = {
    {"name", LS_ARG_TEXT, offsetof(recipe_args, name), NULL, "name of the results"},
    {"title", LS_ARG_TEXT, offsetof(recipe_args, title), "null", ""},
    {"reference", LS_ARG_REAL, offsetof(recipe_args, reference), "null", ""},
    {"marks", LS_ARG_REALS, offsetof(recipe_args, marks), "null", "", .flags = LS_NULL_ITEMS},
    {"heads", LS_ARG_SECTIONS, offsetof(recipe_args, heads), "null", "", .section = &head},
    {"claims", LS_ARG_LIST, offsetof(recipe_args, claims), "null", "", .section = &claim},
    {"notes", LS_ARG_LIST, offsetof(recipe_args, notes), "null", "", .section = &note},
    {"figures", LS_ARG_LIST, offsetof(recipe_args, figures), "null", "", .section = &note},
    {"dataset", LS_ARG_SECTION, offsetof(recipe_args, dataset), "{}", "", .section = &dataset},
    {"model", LS_ARG_CHOICES, offsetof(recipe_args, model), NULL, "layers", .family = &layers},
    {"extras", LS_ARG_CHOICES, offsetof(recipe_args, extras), "[]", "", .family = &activations},
    {"train", LS_ARG_SECTION, offsetof(recipe_args, train), "{}", "", .section = &train},
    {NULL},
};
static const ls_component recipe = {"job", "", sizeof(recipe_args), recipe_table, NULL};

/* Reads a job that must be right. */
static inline ls_job *read_job(const char *text, const char *const *sets, size_t set_count) {
  ls_job *job = NULL;
  int status = ls_job_read(&job, "job.yaml", text, sets, set_count, &recipe);
  if (status != LS_OK) print_error("%s\n", ls_error_message());
  assert_int_equal(status, LS_OK);
  assert_non_null(job);
  return job;
}

static inline recipe_args bind_trial(const ls_job *job, size_t trial) {
  recipe_args values;
  assert_int_equal(ls_job_bind(job, trial, &values), LS_OK);
  return values;
}

/* The contract's job: every kind of thing at once. */
static const char example[] =
    "name: hinton_l2\n"
    "title: \"Weight decay: Hinton's net\"\n"
    "dataset:\n"
    "  name: mnist\n"
    "  validation: folds\n"
    "model:\n"
    "  - flatten\n"
    "  - dense: {units: 500, activation: relu, kernel_regularizer: {l2: $l2}}\n"
    "  - dropout: 0.5\n"
    "  - dense: {units: 10, activation: $act}\n"
    "train:\n"
    "  epochs: 40\n"
    "  optimizer: {sgd: {learning_rate: 0.1}}\n"
    "sweep:\n"
    "  l2: {log_range: [1.0e-6, 1.0e-3], count: 4}\n"
    "  act: [relu, linear]\n"
    "  replicates: 3\n"
    "  folds: 5\n"
    "  ranks_per_trial: 2\n";

#endif
