/* Interleaved measurements: in each round all of them run for a while, so that disturbances of the
 * machine affect all alike. The result for a group is the median over rounds, since interference
 * between its ranks belongs to the result; for a single rank it is the fastest round. */
#ifndef LS_BENCH_TIMING_H
#define LS_BENCH_TIMING_H

#include "comm/group.h"

/* Runs the measured code `times` times; *seconds is the time of all runs. Returns an ls_status;
 * collective if it concerns several ranks. */
typedef int (*timing_run)(void *context, size_t times, double *seconds);

/* Runs the measured code once, on this rank alone. */
typedef void (*timing_once)(void *context);

enum { TIMING_ROUNDS = 9 };

typedef struct timing_item {
  timing_run run;
  timing_once once; /* or this */
  void *context;
  double parts;
  double *result;
  size_t times;                 /* runs in a round */
  double rounds[TIMING_ROUNDS]; /* seconds of one part in each */
} timing_item;

/* Start from {0}; timing_destroy in the end. */
typedef struct timing {
  timing_item *items;
  size_t count, capacity;
  bool failed; /* out of memory: reported by timing_measure */
} timing;

/* Adds a measurement. A run has `parts` equal parts: *result becomes the seconds of one part, the
 * mean over ranks. All is borrowed. Local. */
void timing_add(timing *t, timing_run run, void *context, size_t parts, double *result);
void timing_add_once(timing *t, timing_once once, void *context, size_t parts, double *result);
void timing_destroy(timing *t);

/* Measures everything for about `seconds` each. Collective over the group, whose ranks have the
 * same list; NULL: this rank alone. */
int timing_measure(timing *t, double seconds, const ls_group *group);

#endif
