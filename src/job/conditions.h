/* The key `when` of a sweep variable: the values of other variables with which it has a value.
 * Local. */
#ifndef LS_JOB_CONDITIONS_H
#define LS_JOB_CONDITIONS_H

#include "job/variables.h"

/* A variable is one of some values. */
typedef struct ls_condition {
  size_t variable;
  double *accepted; /* numbers of its values */
  size_t count;
} ls_condition;

/* All conditions of a variable hold together. */
typedef struct ls_conditions {
  ls_condition *items;
  size_t count;
} ls_conditions;

/* Reads the `when` of variable `own` (NULL: none): a mapping of variables that stand above it to
 * one value or a list of values. LS_INVALID for another form, an unknown variable, one that is
 * drawn from a distribution, or a value that it does not have. Memory is the arena's. */
int ls_conditions_read(ls_conditions *out, ls_arena *arena, const ls_variables *variables,
                       size_t own);

/* Whether they hold for the numbers of a point's values [variable], NaN where it has none. */
bool ls_conditions_hold(const ls_conditions *conditions, const double *cells);

#endif
