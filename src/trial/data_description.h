/* The dataset of a trial as its model files describe it. Local. */
#ifndef LS_TRIAL_DATA_DESCRIPTION_H
#define LS_TRIAL_DATA_DESCRIPTION_H

#include "base/data_description.h"
#include "base/memory.h"
#include "trial/plan.h"

/* Reads the description from the dataset file; pointers are to `memory`. */
int ls_plan_describe_data(ls_memory *memory, ls_data_description *out, const ls_plan *plan);

#endif
