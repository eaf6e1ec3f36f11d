/* The argument tables of retentions. What they do is in run/keeping.c. */
#include "trial/retention.h"

static const ls_arg no_args[] = {{NULL}};

static const ls_arg best_args[] = {
    {"count", LS_ARG_INTEGER, offsetof(ls_keep_best_args, count), "10", "number of trials",
     .min = 1, .max = 1e9},
    {NULL},
};

const ls_component ls_keep_all = {"all", "those of all trials", 0, no_args, NULL};
const ls_component ls_keep_best = {"best", "those of the best trials of all that have finished",
                                   sizeof(ls_keep_best_args), best_args, NULL};
const ls_component ls_keep_none = {"none", "those of none: results only", 0, no_args, NULL};

static const ls_component *const retentions[] = {&ls_keep_all, &ls_keep_best, &ls_keep_none};

const ls_family ls_retentions = {
    "retention", retentions, sizeof retentions / sizeof *retentions,
    "Which models, which are also checkpoints, are kept when trials have ended. Trials are "
    "compared by the final value of the metric by which results are compared; at a tie the earlier "
    "one is better. All other models are removed or not written, also those of trials that a "
    "search has "
    "left out. If such a trial is to be trained further later, it starts again from the beginning, "
    "with the same results. Trials that wait, run or have failed keep their checkpoints. Of a job "
    "that runs in slices, `best` keeps the best trials of each slice",
    false};
