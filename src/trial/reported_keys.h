/* The entries of the job's `references` and `orderings`. */
#ifndef LS_TRIAL_REPORTED_KEYS_H
#define LS_TRIAL_REPORTED_KEYS_H

#include "lockstep/component.h"

/* A value that was reported elsewhere, or one for each of several points of the sweep. */
typedef struct ls_reference_args {
  ls_reals value;
  char *metric; /* NULL: the headline */
  int of;       /* an ls_reported_of */
  int bound;    /* an ls_reported_bound, -1: none */
  ls_settings_list at;
  char *label, *comment;
} ls_reference_args;

/* A claim about the order of points; one of best, worst, order and same is given. */
typedef struct ls_ordering_args {
  char *metric;
  int of;
  ls_settings_list best, worst, order, same, at;
  char *label, *comment;
} ls_ordering_args;

typedef enum ls_reported_of { LS_OF_FINAL, LS_OF_BEST } ls_reported_of;

/* The words of both, each ended by NULL. */
extern const char *const ls_reported_of_words[], *const ls_reported_bound_words[];

extern const ls_component ls_reference_section, ls_ordering_section;

#endif
