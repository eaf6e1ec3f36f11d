/* The curves and final values that a trial records, and what refers to them by name. */
#ifndef LS_TRIAL_CURVES_H
#define LS_TRIAL_CURVES_H

#include "trial/plan.h"

/* Sets `curves`, `finals`, `headline` and the monitored curves of a plan whose model is assembled.
 * LS_INVALID if two variables of the results file would have the same name, or if a callback or
 * figure names a curve that there is not. Local. */
int curves_plan(ls_plan *plan, const ls_job *job);

#endif
