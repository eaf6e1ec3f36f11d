/* The tables of the job's `references` and `orderings`. */
#include "trial/reported_keys.h"

const char *const ls_reported_of_words[] = {"final", "best", NULL};
const char *const ls_reported_bound_words[] = {"lower", "upper", NULL};

#define METRIC                                                                                     \
  "curve or final value, such as val_loss or test_accuracy, or trial_seconds, epochs_run or "      \
  "best_epoch; default: the one by which trials are compared"
#define OF "final: with the final weights of each trial; best: the best of all its epochs"
#define AT                                                                                         \
  "values of variables of the sweep, such as {lr: 0.1}: only points with these values; labels "    \
  "where values have some"
#define COMMENT "sentence that reports show below it, such as why results differ"

static const ls_arg reference_args[] = {
    {"value", LS_ARG_REALS, offsetof(ls_reference_args, value), NULL,
     "value that was reported; or a list of one value for each point, null where there is none: "
     "for "
     "all points of the sweep or those of `at`, without replicates and folds, the last variable "
     "varying fastest",
     .min = -1e30, .max = 1e30, .flags = LS_NULL_ITEMS},
    {"metric", LS_ARG_TEXT, offsetof(ls_reference_args, metric), "null", METRIC},
    {"of", LS_ARG_WORD, offsetof(ls_reference_args, of), "final", OF,
     .words = ls_reported_of_words},
    {"bound", LS_ARG_WORD, offsetof(ls_reference_args, bound), "null",
     "lower: at least the value was reported; upper: at most", .words = ls_reported_bound_words},
    {"at", LS_ARG_SETTINGS, offsetof(ls_reference_args, at), "null", AT, .max_items = 1},
    {"label", LS_ARG_TEXT, offsetof(ls_reference_args, label), "null", "source of the value"},
    {"comment", LS_ARG_TEXT, offsetof(ls_reference_args, comment), "null", COMMENT},
    {NULL},
};
const ls_component ls_reference_section = {"reference", "a value to compare with",
                                           sizeof(ls_reference_args), reference_args};

static const ls_arg ordering_args[] = {
    {"metric", LS_ARG_TEXT, offsetof(ls_ordering_args, metric), "null", METRIC},
    {"of", LS_ARG_WORD, offsetof(ls_ordering_args, of), "final", OF, .words = ls_reported_of_words},
    {"best", LS_ARG_SETTINGS, offsetof(ls_ordering_args, best), "null",
     "values of variables, such as {lr: 0.5}, with which results are better than with all others; "
     "or a list of such"},
    {"worst", LS_ARG_SETTINGS, offsetof(ls_ordering_args, worst), "null",
     "the same, with which they are worse than with all others"},
    {"order", LS_ARG_SETTINGS, offsetof(ls_ordering_args, order), "null",
     "a list of values, such as [{pooling: max}, {pooling: mean}], each better than the next"},
    {"same", LS_ARG_SETTINGS, offsetof(ls_ordering_args, same), "null",
     "a list of values with which results are the same, within a standard deviation"},
    {"at", LS_ARG_SETTINGS, offsetof(ls_ordering_args, at), "null", AT, .max_items = 1},
    {"label", LS_ARG_TEXT, offsetof(ls_ordering_args, label), "null", "source of the claim"},
    {"comment", LS_ARG_TEXT, offsetof(ls_ordering_args, comment), "null", COMMENT},
    {NULL},
};

static const char *check_ordering(const void *values) {
  const ls_ordering_args *a = values;
  int given =
      (a->best.count > 0) + (a->worst.count > 0) + (a->order.count > 0) + (a->same.count > 0);
  if (given != 1) return "needs one of 'best', 'worst', 'order' and 'same'";
  if (a->order.count == 1) return "order: found one item (expected two or more)";
  if (a->same.count == 1) return "same: found one item (expected two or more)";
  return NULL;
}

const ls_component ls_ordering_section = {"ordering", "a claim about the order of points",
                                          sizeof(ls_ordering_args), ordering_args, check_ordering};
