/* The tables of the job file's sections. */
#include "trial/recipe.h"

#include "data/transforms.h"
#include "job/figures.h"
#include "lockstep/layer.h"
#include "lockstep/optimizer.h"
#include "trial/reported_keys.h"
#include "trial/retention.h"
#include "trial/searches.h"

#include <math.h>

/* ---- dataset --------------------------------------------------------------------------------- */

static const ls_arg fraction_args[] = {
    {"fraction", LS_ARG_REAL, offsetof(ls_validation_fraction_args, fraction), NULL,
     "fraction of the training samples kept for validation: the last ones, as in Keras", .min = 0,
     .max = 1, .flags = LS_ABOVE_MIN | LS_BELOW_MAX},
    {"shuffle", LS_ARG_BOOLEAN, offsetof(ls_validation_fraction_args, shuffle), "false",
     "whether the samples are shuffled before, with train.seed"},
    {"stratified", LS_ARG_BOOLEAN, offsetof(ls_validation_fraction_args, stratified), "false",
     "whether the same fraction of each class is kept"},
    {NULL},
};
static const ls_arg no_args[] = {{NULL}};

const ls_component ls_validation_fraction = {
    "fraction", "part of the training samples, which are then not trained on",
    sizeof(ls_validation_fraction_args), fraction_args};
const ls_component ls_validation_test = {"test", "the test samples", 0, no_args};
const ls_component ls_validation_folds = {
    "folds",
    "one of sweep.folds equal parts of the training samples, shuffled by the seed, with equal "
    "fractions of each class as far as possible",
    0, no_args};

static const ls_arg group_args[] = {
    {"group", LS_ARG_TEXT, offsetof(ls_validation_group_args, group), "group",
     "what tells groups apart: the member of /train in the dataset that has an integer for each "
     "sample, or the column of which lockstep data --group has made /train/group"},
    {"fraction", LS_ARG_REAL, offsetof(ls_validation_group_args, fraction), "null",
     "without sweep.folds: fraction of the groups kept for validation, drawn with train.seed "
     "(0.2), as GroupShuffleSplit of scikit-learn",
     .min = 0, .max = 1, .flags = LS_ABOVE_MIN | LS_BELOW_MAX},
    {"stratified", LS_ARG_BOOLEAN, offsetof(ls_validation_group_args, stratified), "false",
     "with sweep.folds: whether folds have equal fractions of each class as far as possible, as "
     "StratifiedGroupKFold, instead of equal sizes, as GroupKFold"},
    {NULL},
};
const ls_component ls_validation_group = {
    "group",
    "whole groups of the training samples, such as all samples of a patient: one of sweep.folds "
    "folds, or a fraction",
    sizeof(ls_validation_group_args), group_args};

static const ls_component *const validations[] = {&ls_validation_fraction, &ls_validation_test,
                                                  &ls_validation_folds, &ls_validation_group};
static const ls_family validation_family = {"validation", validations,
                                            sizeof validations / sizeof *validations,
                                            "Samples on which the validation metrics are computed"};

static const ls_arg subset_args[] = {
    {"train", LS_ARG_REAL, offsetof(ls_subset_args, train), "null",
     "number of training samples; below 1, their fraction", .min = 0, .max = 2147483647,
     .flags = LS_ABOVE_MIN},
    {"test", LS_ARG_REAL, offsetof(ls_subset_args, test), "null",
     "number of test samples; below 1, their fraction", .min = 0, .max = 2147483647,
     .flags = LS_ABOVE_MIN},
    {"stratified", LS_ARG_BOOLEAN, offsetof(ls_subset_args, stratified), "false",
     "whether the fractions of the classes are kept"},
    {"seed", LS_ARG_REAL, offsetof(ls_subset_args, seed), "null",
     "seed with which samples are drawn; default: the first samples are taken, of each class if "
     "stratified",
     .min = 0, .max = 9007199254740992, .flags = LS_INTEGERS},
    {NULL},
};

static const char *check_subset(const void *values) {
  const ls_subset_args *a = values;
  if (isnan(a->train) && isnan(a->test)) return "needs 'train' or 'test'";
  if (a->train > 1 && a->train != floor(a->train)) return "train: must be whole, or a share";
  if (a->test > 1 && a->test != floor(a->test)) return "test: must be whole, or a share";
  return NULL;
}

static const ls_component subset_section = {
    "subset", "a part of the samples, of which those for validation are then taken",
    sizeof(ls_subset_args), subset_args, check_subset};

static const ls_arg dataset_args[] = {
    {"name", LS_ARG_TEXT, offsetof(ls_dataset_args, name), "null",
     "name of a dataset made by `lockstep data`"},
    {"file", LS_ARG_TEXT, offsetof(ls_dataset_args, file), "null",
     "path of a dataset file, relative to the job file", .instead_of = "name"},
    {"allow_external", LS_ARG_BOOLEAN, offsetof(ls_dataset_args, allow_external), "false",
     "whether virtual datasets, whose data are in other files, are read"},
    {"subset", LS_ARG_SECTION, offsetof(ls_dataset_args, subset), "null",
     "a part of the samples instead of all", .section = &subset_section},
    {"validation", LS_ARG_CHOICE, offsetof(ls_dataset_args, validation), "test",
     "samples on which the validation metrics are computed", .family = &validation_family},
    {"shuffle_buffer_size", LS_ARG_INTEGER, offsetof(ls_dataset_args, shuffle_buffer_size), "null",
     "samples that are shuffled together, for datasets larger than memory; default: all training "
     "samples",
     .min = 1, .max = 2147483647},
    {"transform", LS_ARG_CHOICES, offsetof(ls_dataset_args, transform), "[]",
     "transforms of every input before the model, first to last", .family = &ls_transform_family},
    {NULL},
};

static const ls_component dataset_section = {"dataset", "samples", sizeof(ls_dataset_args),
                                             dataset_args, NULL};

/* ---- train ----------------------------------------------------------------------------------- */

static const char *const monitor_modes[] = {"auto", "min", "max", NULL};

static const ls_arg early_stopping_args[] = {
    {"monitor", LS_ARG_TEXT, offsetof(ls_early_stopping_args, monitor), "val_loss",
     "curve that has to improve"},
    {"patience", LS_ARG_INTEGER, offsetof(ls_early_stopping_args, patience), "0",
     "epochs without improvement before training stops", .min = 0, .max = 1e9},
    {"min_delta", LS_ARG_REAL, offsetof(ls_early_stopping_args, min_delta), "0",
     "smallest change that counts as an improvement", .min = 0, .max = 1e30},
    {"mode", LS_ARG_WORD, offsetof(ls_early_stopping_args, mode), "auto",
     "whether lower or higher is better; auto: lower for losses", .words = monitor_modes},
    {"baseline", LS_ARG_REAL, offsetof(ls_early_stopping_args, baseline), "null",
     "value that the first epoch has to improve on", .min = -1e30, .max = 1e30},
    {"restore_best_weights", LS_ARG_BOOLEAN, offsetof(ls_early_stopping_args, restore_best_weights),
     "false", "whether training ends with the weights of its best epoch"},
    {"start_from_epoch", LS_ARG_INTEGER, offsetof(ls_early_stopping_args, start_from_epoch), "0",
     "epochs before the curve is watched", .min = 0, .max = 1e9},
    {NULL},
};
static const ls_component early_stopping_section = {
    "early_stopping", "stops training when a curve no longer improves",
    sizeof(ls_early_stopping_args), early_stopping_args};

static const ls_arg plateau_args[] = {
    {"monitor", LS_ARG_TEXT, offsetof(ls_plateau_args, monitor), "val_loss",
     "curve that has to improve"},
    {"factor", LS_ARG_REAL, offsetof(ls_plateau_args, factor), "0.1", "factor of the learning rate",
     .min = 0, .max = 1, .flags = LS_BELOW_MAX},
    {"patience", LS_ARG_INTEGER, offsetof(ls_plateau_args, patience), "10",
     "epochs without improvement before the rate is lowered", .min = 0, .max = 1e9},
    {"mode", LS_ARG_WORD, offsetof(ls_plateau_args, mode), "auto",
     "whether lower or higher is better; auto: lower for losses", .words = monitor_modes},
    {"min_delta", LS_ARG_REAL, offsetof(ls_plateau_args, min_delta), "0.0001",
     "smallest change that counts as an improvement", .min = 0, .max = 1e30},
    {"cooldown", LS_ARG_INTEGER, offsetof(ls_plateau_args, cooldown), "0",
     "epochs after a reduction that do not count", .min = 0, .max = 1e9},
    {"min_lr", LS_ARG_REAL, offsetof(ls_plateau_args, min_lr), "0",
     "lower bound of the learning rate", .min = 0, .max = 1e30},
    {NULL},
};
static const ls_component plateau_section = {
    "reduce_lr_on_plateau",
    "lowers the learning rate, whatever its schedule, when a curve no longer improves",
    sizeof(ls_plateau_args), plateau_args};

static const char *const class_weights[] = {"balanced", NULL};
#define CLASS_WEIGHT_ARG(type)                                                                     \
  {                                                                                                \
    "class_weight", LS_ARG_NAMED_REALS, offsetof(type, objective.class_weight), "null",            \
        "weights of classes in the loss of training, by name or number; those left out have 1. "   \
        "balanced: samples / (classes * samples of the class), as in scikit-learn",                \
        .min = 0, .max = 1e30, .words = class_weights                                              \
  }

static const char *const scores[] = {"f1", "balanced_accuracy", "accuracy", NULL};
#define TUNE_THRESHOLD_ARG(type)                                                                   \
  {                                                                                                \
    "tune_threshold", LS_ARG_WORD, offsetof(type, objective.tune_threshold), "null",               \
        "of two classes: chooses the probability above which eval and predict decide for the "     \
        "second, with the best f1 or accuracy of the validation samples; default: 0.5. Of "        \
        "labels, values of 0 and 1 with binary_crossentropy: chooses one for each label, by "      \
        "which predict decides. Metrics in training have thresholds of their own",                 \
        .words = scores                                                                            \
  }

#define TARGET_SCALING_ARG(type)                                                                   \
  {                                                                                                \
    "target_scaling", LS_ARG_CHOICE, offsetof(type, objective.target_scaling), "null",             \
        "scaling of a target of values, learnt from the training samples. The loss is that of "    \
        "scaled values; metrics and predictions are in the units of the data",                     \
        .family = &ls_target_scalings                                                              \
  }

static const char *const products[] = {"lockstep", "openblas", NULL};
static const char *const precisions[] = {"float32", "bfloat16", NULL};
static const char *const reductions[] = {"auto", "exchange", "allreduce", NULL};

static const ls_arg train_args[] = {
    {"epochs", LS_ARG_INTEGER, offsetof(ls_train_args, epochs), NULL,
     "passes over the training samples", .min = 1, .max = 1e7, .flags = LS_LESS_IS_SIMPLER},
    {"batch_size", LS_ARG_INTEGER, offsetof(ls_train_args, batch_size), "32",
     "samples in one global minibatch, over all ranks of the trial. A last, smaller minibatch of "
     "an epoch is trained with its true size",
     .min = 1, .max = 2147483647},
    {"optimizer", LS_ARG_CHOICE, offsetof(ls_train_args, optimizer), NULL, "optimizer",
     .family = &ls_optimizers},
    {"loss", LS_ARG_CHOICE, offsetof(ls_train_args, objective.loss), "null",
     "loss; with heads, each has its own", .family = &ls_losses},
    {"target", LS_ARG_TEXT, offsetof(ls_train_args, objective.target), "null",
     "what the model learns: a target of the dataset, by default its only one; or input, the "
     "sample itself before any layer"},
    TARGET_SCALING_ARG(ls_train_args),
    CLASS_WEIGHT_ARG(ls_train_args),
    TUNE_THRESHOLD_ARG(ls_train_args),
    {"metrics", LS_ARG_CHOICES, offsetof(ls_train_args, objective.metrics), "null",
     "curves in addition to the loss; default: accuracy for classes, none for values. Further ones "
     "of a name, with other arguments, have numbers behind it, as in Keras: f1, f1_1",
     .family = &ls_metrics},
    {"seed", LS_ARG_INTEGER, offsetof(ls_train_args, seed), "0",
     "seed of the first replicate; replicate r has seed + r. Everything random in a trial is a "
     "function of its seed",
     .min = 0, .max = 9007199254740992},
    {"shards", LS_ARG_INTEGER, offsetof(ls_train_args, shards), "null",
     "equal parts into which each minibatch is divided, see SAME BITS; default: a power of two "
     "that depends on the batch size alone",
     .min = 1, .max = 1048576},
    {"early_stopping", LS_ARG_SECTION, offsetof(ls_train_args, early_stopping), "null",
     "stops training when a curve no longer improves", .section = &early_stopping_section},
    {"reduce_lr_on_plateau", LS_ARG_SECTION, offsetof(ls_train_args, reduce_lr_on_plateau), "null",
     "lowers the learning rate, whatever its schedule, when a curve no longer improves",
     .section = &plateau_section},
    {"reduction", LS_ARG_WORD, offsetof(ls_train_args, reduction), "auto",
     "how gradients and weights are exchanged between ranks while backward runs. auto: through "
     "shared memory within a node, whose ranks also divide dense layers with large kernels and "
     "small "
     "minibatches by units, and by messages between nodes; exchange: by messages everywhere; "
     "allreduce: by MPI_Allreduce, whose results depend on the number of ranks",
     .words = reductions},
    {"products", LS_ARG_WORD, offsetof(ls_train_args, products), "lockstep",
     "what computes matrix products. lockstep: kernels of its own, with the same bits for any "
     "number of rows and on every processor; openblas: the library, to compare with",
     .words = products},
    {"precision", LS_ARG_WORD, offsetof(ls_train_args, precision), "float32",
     "precision of the operands of matrix products; weights and sums are float32. bfloat16: "
     "operands are rounded to 8 significant bits, which is faster on processors with AVX512-BF16; "
     "results are the same on any number of ranks, but depend on the processor",
     .words = precisions},
    {NULL},
};
static const ls_component train_section = {"train", "training", sizeof(ls_train_args), train_args};

/* ---- heads ----------------------------------------------------------------------------------- */

static const ls_arg head_args[] = {
    {"layers", LS_ARG_CHOICES, offsetof(ls_head_args, layers), "[]",
     "layers of the head, after those of the model", .family = &ls_layers},
    {"target", LS_ARG_TEXT, offsetof(ls_head_args, objective.target), "null",
     "what the head learns: a target of the dataset, by default its only one or the one of the "
     "head's name; or input"},
    TARGET_SCALING_ARG(ls_head_args),
    {"loss", LS_ARG_CHOICE, offsetof(ls_head_args, objective.loss), NULL, "loss",
     .family = &ls_losses},
    {"loss_weight", LS_ARG_REAL, offsetof(ls_head_args, loss_weight), "1",
     "factor of the loss in the sum over heads", .min = 0, .max = 1e30},
    CLASS_WEIGHT_ARG(ls_head_args),
    TUNE_THRESHOLD_ARG(ls_head_args),
    {"metrics", LS_ARG_CHOICES, offsetof(ls_head_args, objective.metrics), "null",
     "curves in addition to the loss; default: accuracy for classes, none for values",
     .family = &ls_metrics},
    {NULL},
};
static const ls_component head_section = {
    "head", "one of several outputs, which all begin where the layers of the model end",
    sizeof(ls_head_args), head_args};

/* ---- the whole ------------------------------------------------------------------------------- */

static const ls_arg recipe_args[] = {
    {"name", LS_ARG_TEXT, offsetof(ls_recipe, name), NULL,
     "name of the job; results go to results/NAME.h5"},
    {"title", LS_ARG_TEXT, offsetof(ls_recipe, title), "null",
     "one line that describes the job in reports"},
    {"folder", LS_ARG_TEXT, offsetof(ls_recipe, folder), "null",
     "folder that the relative paths of the job start from; default: that of the job file"},
    {"reference", LS_ARG_REALS, offsetof(ls_recipe, reference), "null",
     "short for the only one of `references`: its value, or a list of one for each point",
     .min = -1e30, .max = 1e30, .flags = LS_NULL_ITEMS},
    {"reference_metric", LS_ARG_TEXT, offsetof(ls_recipe, reference_metric), "null",
     "its metric; default: the one by which trials are compared"},
    {"reference_label", LS_ARG_TEXT, offsetof(ls_recipe, reference_label), "null", "its label"},
    {"references", LS_ARG_LIST, offsetof(ls_recipe, references), "null",
     "values that were reported elsewhere, with which reports compare the results",
     .section = &ls_reference_section},
    {"orderings", LS_ARG_LIST, offsetof(ls_recipe, orderings), "null",
     "claims about the order of the points of the sweep, which reports check",
     .section = &ls_ordering_section},
    {"figures", LS_ARG_LIST, offsetof(ls_recipe, figures), "null",
     "figures of the report in addition to that of all points; default: final values against each "
     "variable, and learning curves",
     .section = &ls_figure_section},
    {"dataset", LS_ARG_SECTION, offsetof(ls_recipe, dataset), NULL, "samples",
     .section = &dataset_section},
    {"model", LS_ARG_CHOICES, offsetof(ls_recipe, model), NULL, "layers, first to last",
     .family = &ls_layers},
    {"heads", LS_ARG_SECTIONS, offsetof(ls_recipe, heads), "null",
     "outputs by name, at most 8, where the model has several; their losses are added",
     .section = &head_section},
    {"train", LS_ARG_SECTION, offsetof(ls_recipe, train), NULL, "training",
     .section = &train_section},
    {"search", LS_ARG_CHOICE, offsetof(ls_recipe, search), "null",
     "trains points of the sweep further only while they are among the best; default: all to the "
     "end",
     .family = &ls_searches},
    {"keep_models", LS_ARG_CHOICE, offsetof(ls_recipe, keep_models), "null",
     "models that are kept when trials have ended; default: all", .family = &ls_retentions},
    {NULL},
};

static const char *check_recipe(const void *values) {
  const ls_recipe *r = values;
  const ls_objective_args *t = &r->train.objective;
  if (r->heads.count == 0 && !t->loss.type) return "train: lacks 'loss'";
  bool of_head = t->loss.type || t->target || t->target_scaling.type || t->metrics.count > 0 ||
                 t->class_weight.word || t->class_weight.names.count > 0 ||
                 t->tune_threshold != LS_SCORE_NONE;
  if (r->heads.count > 0 && of_head) {
    return "train: has loss, target, target_scaling, class_weight, tune_threshold or metrics "
           "beside heads (expected them in each head)";
  }
  return NULL;
}

const ls_component ls_recipe_component = {"job", "one job", sizeof(ls_recipe), recipe_args,
                                          check_recipe};

const ls_objective_args *ls_recipe_objective(const ls_recipe *recipe, size_t head) {
  const ls_sections *heads = &recipe->heads;
  if (heads->count == 0) return &recipe->train.objective;
  return &((const ls_head_args *)heads->items[head].values)->objective;
}
