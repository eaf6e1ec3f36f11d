/* The sweep: its axes with their values, and the variables in the recipe that take them. Local. */
#ifndef LS_JOB_AXES_H
#define LS_JOB_AXES_H

#include "job/job.h"
#include "job/tree.h"

/* The values of one variable: `count` nodes. `named`: each has a name of the user's, its key;
 * `ranged`: computed, not listed; `log`: evenly spaced on a logarithmic scale. `place` is that of
 * the variable in the section. A value may be made of other variables. */
typedef struct ls_values {
  ls_place place;
  const ls_node **nodes;
  size_t count;
  bool named, ranged, log;
} ls_values;

/* All is owned by the arena that it was read into. `axes` has one for each variable, in order, and
 * then those of replicates and folds. */
typedef struct ls_axes {
  size_t variable_count;
  ls_values *values; /* [variable] */
  ls_axis *axes;
  size_t axis_count;
  size_t replicates, folds; /* 0: no such axis */
  int64_t ranks_per_trial;  /* 0: auto */
  size_t trials;
} ls_axes;

enum { LS_MAX_TRIALS = 1000000, LS_AXES_SETTINGS = 3 };

/* The keys of the section that are not variables. */
extern const char *const ls_axes_settings[LS_AXES_SETTINGS];

/* Reads the `sweep` section; NULL or null stands for none. */
int ls_axes_read(ls_axes *sweep, ls_arena *arena, const ls_node *section);

/* Checks that the recipe uses every variable, itself or within the value of one that it uses, and
 * no other, and that no variable is part of its own value. */
int ls_axes_check_uses(const ls_axes *sweep, const ls_node *recipe);

/* Makes `out` a copy of the tree with each `$name` replaced by its value at the point (an index for
 * each axis), and each expression by its number. LS_INVALID for an expression without a number. */
int ls_axes_fill(const ls_axes *sweep, ls_arena *arena, ls_node **out, const ls_node *tree,
                 const size_t *point);

/* The values of the variable of that name, which exists. */
const ls_values *ls_axes_values(const ls_axes *sweep, const char *name);

/* What a variable's entry in the section stands for: a list, a range, named values, or one value.
 */
int ls_values_read(ls_values *values, ls_arena *arena, const ls_node *entry, const ls_path *path);

#endif
