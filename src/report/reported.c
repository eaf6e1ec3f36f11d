/* Comparing results with references and orderings. */
#include "report/reported.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdint.h>

/* ---- References ------------------------------------------------------------------------------ */

bool report_is_worse(const report_reference *reference, const report_values *values, size_t point) {
  const report_stat *stat = &values->stats[point];
  bool limited = reference->bound == 0 || reference->bound == values->better;
  double margin = stat->n > 1 ? stat->deviation : 0;
  double shortfall = values->better * (reference->values[point] - stat->mean);
  return limited && shortfall > margin; /* not so for NaN */
}

const char *report_compared_metric(const report_results *r) {
  bool has = r->reference_count > 0 && report_find_curve(r, r->references[0].metric);
  return has ? r->references[0].metric : r->monitor;
}

/* ---- Orderings ------------------------------------------------------------------------------- */

const char *const report_verdict_words[] = {"not known", "holds", "inconclusive", "does not hold"};

/* The extremes of one place at one setting of the variables that are not varied. */
typedef struct extremes {
  size_t highest, lowest; /* points; SIZE_MAX: none has a value */
} extremes;

typedef struct judge {
  const report_results *results;
  const report_ordering *ordering;
  const report_values *values;
  size_t places;
  extremes *found; /* [setting, place] */
  report_finding *out;
  double least; /* by how much the deciding pair agrees, in units of its margin */
} judge;

/* Whether two points have the same values of the variables that are not varied. */
static bool same_setting(const report_results *r, const report_ordering *o, size_t a, size_t b) {
  bool same = true;
  for (size_t v = 0; v < r->variable_count && same; v++) {
    same = o->varied[v] || report_index(r, a, v) == report_index(r, b, v);
  }
  return same;
}

/* The number of the point's setting of the variables that are not varied: where the sweep is no
 * grid that of the first point with it. */
static size_t setting_of(const report_results *r, const report_ordering *o, size_t point) {
  size_t setting = 0;
  if (r->values) {
    while (!same_setting(r, o, setting, point)) setting++;
    return setting;
  }
  for (size_t v = 0; v < r->variable_count; v++) {
    if (!o->varied[v]) setting = setting * r->variables[v].count + report_index(r, point, v);
  }
  return setting;
}

static size_t count_settings(const report_results *r, const report_ordering *o) {
  size_t count = 1;
  if (r->values) return r->points;
  for (size_t v = 0; v < r->variable_count; v++) count *= o->varied[v] ? 1 : r->variables[v].count;
  return count;
}

static double mean_of(const judge *j, size_t point) {
  return j->values->stats[point].mean;
}

static void find_extremes(const judge *j) {
  for (size_t p = 0; p < j->results->points; p++) {
    int place = j->ordering->places[p];
    if (place < 1 || j->values->stats[p].n == 0) continue;
    size_t setting = setting_of(j->results, j->ordering, p);
    extremes *e = &j->found[setting * j->places + (size_t)place - 1];
    if (e->highest == SIZE_MAX || mean_of(j, p) > mean_of(j, e->highest)) e->highest = p;
    if (e->lowest == SIZE_MAX || mean_of(j, p) < mean_of(j, e->lowest)) e->lowest = p;
  }
}

/* Compares two points of which the first should be better by `advantage`, or the same. */
static void compare(judge *j, size_t first, size_t second) {
  const report_stat *a = &j->values->stats[first], *b = &j->values->stats[second];
  bool alone = a->n < 2 && b->n < 2;
  double margin = alone ? 0 : fmax(a->deviation, b->deviation); /* fmax ignores NaN */
  double advantage = j->values->better * (a->mean - b->mean);
  report_verdict verdict = REPORT_INCONCLUSIVE;
  if (j->ordering->same) {
    advantage = -fabs(advantage);
    if (!alone) verdict = -advantage <= margin ? REPORT_HOLDS : REPORT_DOES_NOT_HOLD;
  } else if (fabs(advantage) > margin) {
    verdict = advantage > 0 ? REPORT_HOLDS : REPORT_DOES_NOT_HOLD;
  }
  j->out->compared++;
  j->out->held += verdict == REPORT_HOLDS;
  bool decides =
      verdict > j->out->verdict || (verdict == j->out->verdict && advantage - margin < j->least);
  if (!decides) return;
  j->out->verdict = verdict;
  j->out->first = first;
  j->out->second = second;
  j->least = advantage - margin;
}

/* Compares each place of a setting with the next that has a value; those of a claim that they are
 * the same by their extremes. */
static void compare_places(judge *j, const extremes *places) {
  extremes last = {SIZE_MAX, SIZE_MAX};
  for (size_t k = 0; k < j->places; k++) {
    extremes next = places[k];
    if (next.highest == SIZE_MAX) continue;
    if (last.highest != SIZE_MAX && !j->ordering->same) {
      bool high = j->values->better > 0;
      compare(j, high ? last.lowest : last.highest, high ? next.highest : next.lowest);
    }
    if (j->ordering->same && last.highest != SIZE_MAX) {
      if (mean_of(j, last.highest) > mean_of(j, next.highest)) next.highest = last.highest;
      if (mean_of(j, last.lowest) < mean_of(j, next.lowest)) next.lowest = last.lowest;
    }
    last = next;
  }
  if (j->ordering->same && last.highest != last.lowest) compare(j, last.highest, last.lowest);
}

int report_judge(report_finding *out, ls_memory *memory, const report_results *r,
                 const report_ordering *ordering, const report_values *values) {
  *out = (report_finding){.first = SIZE_MAX, .second = SIZE_MAX};
  judge j = {.results = r, .ordering = ordering, .values = values, .out = out, .least = INFINITY};
  for (size_t p = 0; p < r->points; p++) {
    if (ordering->places[p] > (int)j.places) j.places = (size_t)ordering->places[p];
  }
  size_t settings = count_settings(r, ordering);
  j.found = ls_memory_new(memory, settings * j.places, sizeof *j.found);
  if (!j.found) return LS_FAILED;
  for (size_t i = 0; i < settings * j.places; i++) j.found[i] = (extremes){SIZE_MAX, SIZE_MAX};
  if (values->better == 0 && !ordering->same) return LS_OK;
  find_extremes(&j);
  for (size_t i = 0; i < settings; i++) compare_places(&j, &j.found[i * j.places]);
  return LS_OK;
}
