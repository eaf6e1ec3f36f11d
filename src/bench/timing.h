/* Timing several things by turns: round after round each of them is done for a while, so that
 * whatever disturbs the machine disturbs all alike. Of a group's rounds the median counts, for what
 * ranks do to one another belongs to it; of those of one rank alone the fastest. */
#ifndef LS_BENCH_TIMING_H
#define LS_BENCH_TIMING_H

#include "comm/group.h"

/* Does it `times` times; *seconds is what that took in all. Returns an ls_status; collective if it
 * concerns several ranks. */
typedef int (*timing_run)(void *context, size_t times, double *seconds);

/* Does it once, on this rank alone. */
typedef void (*timing_once)(void *context);

enum { TIMING_ROUNDS = 9 };

typedef struct timing_item {
  timing_run run;
  timing_once once; /* or this */
  void *context;
  double parts;
  double *result;
  size_t times;                 /* that it is done in a round */
  double rounds[TIMING_ROUNDS]; /* seconds of one part in each */
} timing_item;

/* Start from {0}; timing_destroy in the end. */
typedef struct timing {
  timing_item *items;
  size_t count, capacity;
  bool failed; /* for want of memory, told by timing_measure */
} timing;

/* Adds something to be timed that has so many equal parts: *result becomes the seconds of one, as a
 * mean over ranks. All is borrowed. Local. */
void timing_add(timing *t, timing_run run, void *context, size_t parts, double *result);
void timing_add_once(timing *t, timing_once once, void *context, size_t parts, double *result);
void timing_destroy(timing *t);

/* Times everything for about `seconds` each. Collective over the group, whose ranks have the same
 * list; NULL: this rank alone. */
int timing_measure(timing *t, double seconds, const ls_group *group);

#endif
