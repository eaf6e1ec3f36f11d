/* From a resolved job to the values of a recipe. Local. */
#ifndef LS_JOB_BIND_H
#define LS_JOB_BIND_H

#include "job/tree.h"
#include "lockstep/component.h"

/* Fills `values`, a struct of the recipe, from a resolved job without variables; release with
 * ls_component_clear. LS_INVALID for values of the wrong type or out of bounds and for those that
 * a component's check refuses; `values` is cleared then. */
int ls_bind(const ls_component *recipe, const ls_node *job, void *values);

#endif
