/* The key `joint` of a sweep: variables whose values go together. Local. */
#ifndef LS_JOB_JOINT_H
#define LS_JOB_JOINT_H

#include "job/variables.h"

/* The number of variables of the entry `joint` (NULL: none), 0 also where it has none. */
size_t ls_joint_count(const ls_node *entry);

/* Reads the entry into ls_joint_count values: a mapping of variables to lists of the same length,
 * or a list of mappings, each of the same variables to a value. Arrays are the arena's. LS_INVALID
 * for another form, and for rows that are the same. */
int ls_joint_read(ls_values *values, ls_arena *arena, const ls_node *entry, const ls_path *path);

#endif
