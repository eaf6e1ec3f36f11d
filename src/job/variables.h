/* The variables of a sweep and their values: plain data. Local. */
#ifndef LS_JOB_VARIABLES_H
#define LS_JOB_VARIABLES_H

#include "job/tree.h"

/* The values of one variable. A value may be made of other variables. */
typedef struct ls_values {
  const char *name;      /* of the variable */
  ls_place place;        /* of the variable in the section */
  const ls_node **nodes; /* [value] */
  size_t count;
  bool labelled; /* each value has a label from the job, its key */
  bool ranged;   /* computed, not listed */
  bool log;      /* evenly spaced on a logarithmic scale */
} ls_values;

typedef struct ls_variables {
  ls_values *items; /* in the order of the section */
  size_t count;
} ls_variables;

/* The variable of that name, or NULL. */
const ls_values *ls_variables_find(const ls_variables *variables, const char *name);

#endif
