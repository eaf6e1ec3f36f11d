/* The different models of a job's trials, in its results file. On one rank. */
#ifndef LS_STORE_RESULTS_MODELS_H
#define LS_STORE_RESULTS_MODELS_H

#include "store/results/results.h"

#include <hdf5.h>

int results_make_models(hid_t file, const ls_results_plan *plan);

#endif
