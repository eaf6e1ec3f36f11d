/* Sweep variables where they are used. Local. */
#ifndef LS_JOB_SUBSTITUTE_H
#define LS_JOB_SUBSTITUTE_H

#include "job/variables.h"
#include "lockstep/component.h"

/* Checks that the recipe uses every variable, itself or within the value of one that it uses, and
 * no other, and that no variable is part of its own value. `settings` has the other keys of the
 * section, for a variable that is one of these misspelt. */
int ls_substitute_check(const ls_variables *variables, const ls_component *settings,
                        const ls_node *recipe);

/* Makes `out` a copy of the tree with each `$name` replaced by its value at the point (an index for
 * each variable), and each expression by its number. The tree has been checked. LS_INVALID for an
 * expression without a number. */
int ls_substitute(ls_node **out, ls_arena *arena, const ls_variables *variables,
                  const ls_node *tree, const size_t *index);

#endif
