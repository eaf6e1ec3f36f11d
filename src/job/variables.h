/* The variables of a sweep and their values: plain data. Local. */
#ifndef LS_JOB_VARIABLES_H
#define LS_JOB_VARIABLES_H

#include "job/tree.h"

struct ls_distribution;

/* The values of one variable. A value may be made of other variables. */
typedef struct ls_values {
  const char *name;      /* of the variable */
  ls_place place;        /* of the variable in the section */
  const ls_node **nodes; /* [value] */
  size_t count;
  bool labelled; /* each value has a label from the job, its key */
  bool ranged;   /* computed, not listed */
  bool log;      /* evenly spaced on a logarithmic scale */
  bool joint;    /* value i belongs to value i of all joint variables */
  bool drawn;    /* the points of the sweep have values drawn at random */
  /* What they are drawn from, with its arguments; NULL: from those listed. There are no values
   * before the points are made (points.h). */
  const struct ls_distribution *distribution;
  const void *arguments;
  const ls_node
      *condition; /* `when`: the values of other variables with which it has one; or NULL */
} ls_values;

typedef struct ls_variables {
  ls_values *items; /* in the order of the section */
  size_t count;
} ls_variables;

/* The variable of that name, or NULL. */
const ls_values *ls_variables_find(const ls_variables *variables, const char *name);

#endif
