/* Which of two trials has the simpler model, by what the tables of arguments say. Pure. */
#ifndef LS_JOB_SIMPLER_H
#define LS_JOB_SIMPLER_H

#include "lockstep/component.h"

/* How two sets of values differ. */
enum {
  LS_FIRST_SIMPLER = 1,  /* in an argument by which the first is simpler */
  LS_SECOND_SIMPLER = 2, /* likewise the second */
  LS_OTHERWISE = 4,      /* in one that says nothing of that */
};

/* The differences of two structs of a component, as flags. */
unsigned ls_simpler(const ls_component *type, const void *first, const void *second);

#endif
