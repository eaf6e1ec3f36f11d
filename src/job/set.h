/* Overrides of a job's values. Local. */
#ifndef LS_JOB_SET_H
#define LS_JOB_SET_H

#include "job/tree.h"

/* Applies one override, "train.epochs=3" or "model[0].dense.units=300" (or "model.0. ..."), to the
 * job. The value is YAML and replaces what stands there; missing keys are added, and the bare name
 * of a component becomes a mapping where the path leads into it. */
int ls_set_apply(ls_arena *arena, ls_node *job, const char *set);

#endif
