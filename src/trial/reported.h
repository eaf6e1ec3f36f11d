/* What a job says was reported elsewhere: its keys `reference`, `references` and `orderings`. They
 * do not change what is trained: results are compared with them in reports. Local. */
#ifndef LS_TRIAL_REPORTED_H
#define LS_TRIAL_REPORTED_H

#include "lockstep/component.h"
#include "store/results/reported.h"
#include "trial/plan.h"

/* Checks the job's references and orderings against its sweep and the curves of the plan of any of
 * its trials, and expands them to values of points. LS_INVALID, naming the place in the job file,
 * for an unknown metric, variable or value, and for a wrong number of values. */
int ls_reported_create(ls_reported **out, const ls_job *job, const ls_plan *plan);
void ls_reported_free(ls_reported **reported);

#endif
