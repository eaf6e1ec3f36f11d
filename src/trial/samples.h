/* Which samples a trial trains, validates and tests with: its subset and its split. */
#ifndef LS_TRIAL_SAMPLES_H
#define LS_TRIAL_SAMPLES_H

#include "trial/plan.h"

/* Sets the plan's split, from its recipe and dataset. Local; labels are read only where a choice
 * goes by class. LS_INVALID with the place in the job. */
int samples_split(ls_plan *plan, const ls_job *job, size_t trial);

#endif
