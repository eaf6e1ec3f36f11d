/* From a resolved mapping to the struct of its component. Local. */
#ifndef LS_JOB_BIND_H
#define LS_JOB_BIND_H

#include "job/tree.h"
#include "lockstep/component.h"

/* Fills `values`, a struct of the component, from what ls_resolve made at `path`, without
 * variables; release with ls_component_clear. LS_INVALID for values of the wrong type or out of
 * bounds and for those that a component's check refuses; `values` is cleared then. */
int ls_bind(const ls_component *type, const ls_node *resolved, const ls_path *path, void *values);

#endif
