/* The points of a sweep that is no plain grid: some of its variables are drawn, joint, or have a
 * value at some points only. Local. */
#ifndef LS_JOB_POINTS_H
#define LS_JOB_POINTS_H

#include "job/job.h"
#include "job/variables.h"

typedef enum ls_sampler { LS_SAMPLER_RANDOM, LS_SAMPLER_SOBOL } ls_sampler;

typedef struct ls_points {
  uint32_t *index; /* [point, variable], the number of the variable's value */
  size_t count;    /* 0: the sweep is a grid */
} ls_points;

/* How points are drawn. */
typedef struct ls_sampling {
  size_t draws; /* 0: not given */
  ls_sampler sampler;
  const ls_node *seed; /* number, or NULL: 0 */
} ls_sampling;

/* Whether the variables need points of their own, as above. */
bool ls_points_needed(const ls_variables *variables);

/* Makes the points, and the values of the variables that are drawn from distributions, in ascending
 * order. For each draw there is a point for each combination of the values that are listed, in the
 * order of the job file, the last variable varying fastest. A point that equals an earlier one, in
 * all variables that have a value there, is left out; a draw of which no point is left is replaced
 * by the next. Draw number i depends on the seed, the place of the variable among those that are
 * drawn, and i. `section` is the sweep's; memory is the arena's.
 *
 * LS_INVALID for a wrong `when`, joint variables of different lengths, too many points, and if the
 * distributions have fewer different points than draws. */
int ls_points_make(ls_points *out, ls_variables *variables, const ls_sampling *sampling,
                   ls_arena *arena, const ls_node *section);

#endif
