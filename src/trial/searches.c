/* The argument tables of searches. What they do is in run/search.c. */
#include "trial/searches.h"

#include <math.h>

static const char *check_rungs(const void *args) {
  const ls_halving_args *a = args;
  for (size_t i = 1; i < a->rungs.count; i++) {
    if (a->rungs.values[i] <= a->rungs.values[i - 1]) {
      return "rungs: found epochs out of order (expected each above the one before)";
    }
  }
  return NULL;
}

static const ls_arg halving_args[] = {
    {"min_epochs", LS_ARG_INTEGER, offsetof(ls_halving_args, min_epochs), "1",
     "epochs of the first rung; each further rung has `reduction_factor` times as many, and the "
     "last `train.epochs`",
     .min = 1, .max = 1e9},
    {"reduction_factor", LS_ARG_REAL, offsetof(ls_halving_args, reduction_factor), "3",
     "of so many points one is promoted to the next rung", .min = 2, .max = 1e6},
    {"rungs", LS_ARG_REALS, offsetof(ls_halving_args, rungs), "null",
     "epochs of all rungs but the last, instead of those by `min_epochs`", .min = 1, .max = 1e9,
     .flags = LS_INTEGERS},
    {NULL},
};

const ls_component ls_search_successive_halving = {
    "successive_halving",
    "trains all points up to the first rung, the best of them up to the next, and so on",
    sizeof(ls_halving_args), halving_args, check_rungs};

static const ls_arg hyperband_args[] = {
    {"min_epochs", LS_ARG_INTEGER, offsetof(ls_halving_args, min_epochs), "1",
     "epochs of the first rung; each further rung has `reduction_factor` times as many, and the "
     "last `train.epochs`",
     .min = 1, .max = 1e9},
    {"reduction_factor", LS_ARG_REAL, offsetof(ls_halving_args, reduction_factor), "3",
     "of so many points one is promoted to the next rung", .min = 2, .max = 1e6},
    {NULL},
};

const ls_component ls_search_hyperband = {
    "hyperband",
    "divides the points into brackets, one for each rung, and halves each from its rung on: later "
    "brackets have fewer points, which are trained longer before any of them is left out",
    sizeof(ls_halving_args), hyperband_args};

static const ls_arg median_args[] = {
    {"startup_points", LS_ARG_INTEGER, offsetof(ls_median_args, startup_points), "5",
     "number of points, the first ones of the sweep, that are trained to the end", .min = 1,
     .max = 1e9},
    {"min_epochs", LS_ARG_INTEGER, offsetof(ls_median_args, min_epochs), "1",
     "epochs of the first rung", .min = 1, .max = 1e9},
    {"interval", LS_ARG_INTEGER, offsetof(ls_median_args, interval), "1",
     "epochs from one rung to the next", .min = 1, .max = 1e9},
    {NULL},
};

const ls_component ls_search_median_stopping = {
    "median_stopping",
    "trains the first points to the end, and each other one while it is at least as good as the "
    "median of these after the same epochs",
    sizeof(ls_median_args), median_args};

static const ls_component *const searches[] = {&ls_search_successive_halving, &ls_search_hyperband,
                                               &ls_search_median_stopping};

const ls_family ls_searches = {
    "search", searches, sizeof searches / sizeof *searches,
    "Which points of a sweep are trained how far. Points are compared by the mean of the metric by "
    "which results are compared, over replicates and folds, after the epochs of a rung; at a tie "
    "the earlier point is better. A point with a trial that diverged or failed is not promoted. "
    "Trials that are promoted resume from their checkpoints",
    false};
