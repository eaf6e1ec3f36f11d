/* The values of one sweep variable, as its entry in the section gives them. Local. */
#ifndef LS_JOB_VALUES_H
#define LS_JOB_VALUES_H

#include "job/variables.h"
#include "lockstep/component.h"

enum { LS_MAX_TRIALS = 1000000 };

/* The mapping that computes values: {range: [0, 1], step: 0.1}, {log_range: [1, 100], count: 3}. */
extern const ls_component ls_range;

/* Reads an entry, which outlives the values: a list, a range, a mapping of labels to values, or one
 * value. The arrays are the arena's. LS_INVALID for null, an empty list or a wrong range. */
int ls_values_read(ls_values *values, ls_arena *arena, const ls_node *entry, const ls_path *path);

#endif
