/* The key `search` of a job: which points of the sweep are trained how far. */
#ifndef LS_TRIAL_SEARCHES_H
#define LS_TRIAL_SEARCHES_H

#include "lockstep/component.h"

/* The arguments of successive halving, and of Hyperband, which has no `rungs`. */
typedef struct ls_halving_args {
  int64_t min_epochs; /* of the first rung */
  double reduction_factor;
  ls_reals rungs; /* all rungs before the last, instead of those by min_epochs; none: by it */
} ls_halving_args;

/* The arguments of the median rule. */
typedef struct ls_median_args {
  int64_t startup_points;       /* that are trained to the end, to compare with */
  int64_t min_epochs, interval; /* of the first rung; between rungs */
} ls_median_args;

extern const ls_component ls_search_successive_halving, ls_search_hyperband,
    ls_search_median_stopping;
extern const ls_family ls_searches;

#endif
