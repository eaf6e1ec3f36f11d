/* The `sweep` section: its axes and settings. Local. */
#ifndef LS_JOB_AXES_H
#define LS_JOB_AXES_H

#include "job/job.h"
#include "job/points.h"
#include "job/variables.h"

/* The keys of the section that are not variables. */
typedef struct ls_sweep_settings {
  int64_t replicates, folds; /* 0: no such axis */
  int64_t count;             /* draws; 0: not given */
  int sampler;               /* an ls_sampler */
  int64_t ranks_per_trial;   /* 0: auto */
} ls_sweep_settings;

/* The key of joint variables. */
#define LS_SWEEP_JOINT "joint"

extern const ls_component ls_sweep_section;

/* Names that no variable can have, since the results file has datasets of these names beside those
 * of the variables; ends with NULL. Nor can it have one that begins with val_ or test_. */
extern const char *const ls_axes_taken[];

/* All is owned by the arena that it was read into. */
typedef struct ls_axes {
  ls_variables variables;
  ls_points points;    /* of a sweep that is no grid */
  ls_axis *parameters; /* [variable], its values */
  ls_axis *axes;       /* one for each variable, in order, or that of the points; then those of
                        * replicates and folds */
  size_t axis_count;
  ls_sweep_settings settings;
  size_t trials;
} ls_axes;

/* Reads the `sweep` section; NULL or null stands for none. `seed` is the value of `train.seed`, by
 * which points are drawn; NULL: 0. */
int ls_axes_read(ls_axes *sweep, ls_arena *arena, const ls_node *section, const ls_node *seed);

/* Sets the number of each variable's value [variable] at a point, LS_NO_VALUE where it has none. */
void ls_axes_values(const ls_axes *sweep, size_t point, size_t *index);

/* LS_INVALID if the section that was read has more than LS_MAX_AXES axes. */
int ls_axes_check_count(const ls_axes *sweep, const ls_node *section);

#endif
