/* Sorting the points by the weights of their trials. */
#include "report/repeats.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>

/* The order of two points by what their trials have; 0: the same. */
static int compare_outcomes(const report_summary *s, size_t a, size_t b) {
  const report_results *r = s->results;
  const report_curve *curve = &r->curves[s->monitor];
  for (size_t i = 0; i < r->repeats; i++) {
    size_t trials[] = {a * r->repeats + i, b * r->repeats + i};
    uint64_t x = r->trials[trials[0]].weights_hash, y = r->trials[trials[1]].weights_hash;
    if (x != y) return x < y ? -1 : 1;
    double u = report_value(r, curve, trials[0], false),
           v = report_value(r, curve, trials[1], false);
    if (u != v) return u < v ? -1 : 1;
  }
  return 0;
}

/* Sorts places in the ranking. */
static int compare_places(const void *a, const void *b, void *summary) {
  const report_summary *s = summary;
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  int order = compare_outcomes(s, s->ranking[x], s->ranking[y]);
  return order != 0 ? order : x < y ? -1 : x > y;
}

static bool is_complete(const report_summary *s, size_t point) {
  const size_t *counts = s->points[point].counts;
  return counts[REPORT_DONE] + counts[REPORT_STOPPED_EARLY] == s->results->repeats;
}

int report_find_repeats(report_summary *s) {
  size_t *places = ls_new(s->ranked, sizeof *places), count = 0;
  if (!places) return LS_FAILED;
  for (size_t i = 0; i < s->results->points; i++) {
    s->same[s->ranking[i]] = s->ranking[i];
    if (i < s->ranked && is_complete(s, s->ranking[i])) places[count++] = i;
  }
  qsort_r(places, count, sizeof *places, compare_places, s);
  for (size_t i = 1, first = 0; i < count; i++) {
    if (compare_outcomes(s, s->ranking[places[first]], s->ranking[places[i]]) != 0) {
      first = i;
    } else {
      s->same[s->ranking[places[i]]] = s->ranking[places[first]];
      s->repeated++;
    }
  }
  free(places);
  return LS_OK;
}
