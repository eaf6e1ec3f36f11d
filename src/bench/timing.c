/* Interleaved measurements. */
#include "bench/timing.h"

#include "base/clock.h"
#include "lockstep/error.h"

#include <stdlib.h>

enum { ROUNDS = TIMING_ROUNDS, MOST_TIMES = 1 << 20 };

static void append(timing *t, const timing_item *item) {
  if (t->count == t->capacity) {
    size_t capacity = 2 * t->capacity + 16;
    timing_item *items = realloc(t->items, capacity * sizeof *items);
    if (!items) {
      t->failed = true;
      return;
    }
    t->items = items;
    t->capacity = capacity;
  }
  t->items[t->count++] = *item;
}

void timing_add(timing *t, timing_run run, void *context, size_t parts, double *result) {
  append(t,
         &(timing_item){
             .run = run, .context = context, .parts = (double)parts, .result = result, .times = 1});
}

void timing_add_once(timing *t, timing_once once, void *context, size_t parts, double *result) {
  append(
      t,
      &(timing_item){
          .once = once, .context = context, .parts = (double)parts, .result = result, .times = 1});
}

void timing_destroy(timing *t) {
  free(t->items);
  *t = (timing){0};
}

static int run(const timing_item *item, double *seconds) {
  if (item->run) return item->run(item->context, item->times, seconds);
  double start = ls_clock_seconds();
  for (size_t k = 0; k < item->times; k++) item->once(item->context);
  *seconds = ls_clock_seconds() - start;
  return LS_OK;
}

/* Also makes the ranks begin together. */
static int agree(const ls_group *group, int status) {
  return group ? ls_group_agree(group, status) : status;
}

/* Sets the repetitions in a round: what fits a round on the slowest rank. The first run doesn't
 * count, since it touches memory for the first time, unless it takes far too long. */
static int find_times(timing_item *item, double seconds, const ls_group *group) {
  double took = 0;
  int status = LS_OK;
  for (size_t tried = 0; status == LS_OK; tried++) {
    item->times = tried < 2 ? 1 : 4 * item->times;
    status = agree(group, run(item, &took));
    if (status == LS_OK && group) status = ls_group_max(group, &took, 1);
    if (took > 4 * seconds || (tried > 0 && took > seconds / 4) || item->times >= MOST_TIMES) break;
  }
  double fit = took > 0 ? (double)item->times * seconds / took : MOST_TIMES;
  item->times = fit < 1 ? 1 : fit < MOST_TIMES ? (size_t)fit : MOST_TIMES;
  return status;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int timing_measure(timing *t, double seconds, const ls_group *group) {
  int status = agree(group, t->failed ? ls_fail(LS_FAILED, "out of memory") : LS_OK);
  for (size_t i = 0; i < t->count && status == LS_OK; i++) {
    status = find_times(&t->items[i], seconds / ROUNDS, group);
  }
  for (size_t round = 0; round < ROUNDS; round++) {
    for (size_t i = 0; i < t->count && status == LS_OK; i++) {
      timing_item *item = &t->items[i];
      double took = 0;
      status = agree(group, run(item, &took));
      item->rounds[round] = took / ((double)item->times * item->parts);
    }
  }
  for (size_t i = 0; i < t->count && status == LS_OK; i++) {
    timing_item *item = &t->items[i];
    qsort(item->rounds, ROUNDS, sizeof *item->rounds, by_size);
    *item->result = item->rounds[group ? ROUNDS / 2 : 0];
    if (group) status = ls_group_sum(group, item->result, 1);
    if (group) *item->result /= group->size;
  }
  return status;
}
