/* What a job chooses by its test samples. Local. */
#ifndef LS_TRIAL_SELECTION_H
#define LS_TRIAL_SELECTION_H

#include "trial/plan.h"

/* If the validation samples are the test samples and something is chosen by them (when to stop, the
 * best epoch, the learning rate, the best point of the sweep), a sentence that says so: values of
 * what was chosen are optimistic (Cawley and Talbot, JMLR 11, 2010). Else NULL. By the plan of the
 * first trial. To be freed. */
int ls_selection_describe(char **out, const ls_job *job, const ls_plan *plan);

#endif
