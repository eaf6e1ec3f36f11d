/* A results file in memory: plain data, everything read once, in memory that the caller releases;
 * values of its trials, and statistics of points. */
#ifndef LS_REPORT_RESULTS_H
#define LS_REPORT_RESULTS_H

#include "base/memory.h"
#include "base/text.h"
#include "report/statistics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One variable of the sweep, with the different values that it has. */
typedef struct report_axis {
  const char *name;
  size_t count;
  double *numbers; /* of a numeric axis that all points have a value of, else NULL */
  double *values;  /* of any numeric axis, NaN for what stands for no value; else NULL */
  char **labels;   /* all values as text */
  size_t *order;   /* numbers of the values as they are drawn: numeric ones from the least on */
  size_t *places;  /* of each value, its place in that order */
  size_t missing;  /* the number of what stands for no value; SIZE_MAX: all points have one */
  bool log;        /* drawn on a log axis */
  int simpler; /* 1 if a higher value makes a simpler model, -1 if a lower one, 0: not recorded */
} report_axis;

/* One measured quantity; NaN where there is no value. */
typedef struct report_curve {
  const char *name, *units; /* units may be empty */
  double *values;           /* [trial, epoch], or [trial] of a final one */
  bool final;               /* measured once, after training */
  int better;               /* 1 if a higher value is better, -1 if a lower one, 0: not recorded */
} report_curve;

typedef enum report_status {
  REPORT_PENDING,
  REPORT_RUNNING,
  REPORT_DONE,
  REPORT_STOPPED_EARLY,
  REPORT_DIVERGED,
  REPORT_FAILED,
  REPORT_PRUNED, /* left out by a search */
  REPORT_STATUS_COUNT
} report_status;

/* The words of the statuses, as in the file. */
extern const char *const report_status_words[REPORT_STATUS_COUNT];

typedef struct report_trial {
  report_status status;
  size_t epochs_run;
  size_t best_epoch; /* from 1; 0: none */
  uint64_t seed, weights_hash;
  double seconds;         /* NaN: not known */
  double speed;           /* training samples per second of the median epoch, validation included;
                             NaN: not known */
  uint64_t train_samples; /* of an epoch; 0: not known */
  uint64_t best_restored; /* 1: the final weights are those of the best epoch */
} report_trial;

/* An entry of the provenance. */
typedef struct report_entry {
  const char *name, *text;
} report_entry;

/* Values that were reported elsewhere. */
typedef struct report_reference {
  const char *metric;  /* a curve, final value or field of trials, which the file may lack */
  bool best;           /* of all epochs; else with the final weights */
  int bound;           /* 1: at least the value was reported, -1: at most, 0: the value */
  const char *label;   /* the source, may be empty */
  const char *comment; /* may be empty */
  double *values;      /* [point], NaN where there is none */
} report_reference;

/* A claim that points of a lower place are better than those of the next, or the same. Points are
 * compared that agree in all variables but the varied ones. */
typedef struct report_ordering {
  const char *metric, *label, *comment, *claim; /* the claim in words */
  bool best, same;
  int *places;  /* [point], from 1; 0: not compared */
  bool *varied; /* [variable] */
} report_ordering;

typedef struct report_search report_search; /* report/search.h */

/* Trials are in the order of the file: the sweep variables first, the last axis varying fastest. A
 * point of the sweep is one value of each variable; its trials, the `repeats` (replicates and
 * folds), follow one another. */
typedef struct report_results {
  const char *path; /* borrowed */
  const char *name; /* the file's, without folder and .h5 */
  const char *title, *job, *source, *history;
  const char *monitor;   /* the curve whose final values are compared */
  const char *selection; /* what was chosen by the test samples, as a sentence; "": nothing */
  report_reference *references;
  size_t reference_count;
  report_ordering *orderings;
  size_t ordering_count;
  bool restored_known; /* the file records best_restored, which those of earlier versions don't */
  report_axis *variables;
  size_t variable_count;
  /* [point, variable], the number of each point's value where the sweep is no grid; NULL: it is
   * one, of all variables. */
  size_t *values;
  size_t replicates, folds; /* 0: not an axis of this file */
  size_t points, repeats, epochs;
  report_trial *trials; /* [point, repeat] */
  report_curve *curves; /* those over epochs, then the final ones */
  size_t curve_count;
  const report_search *search; /* the decisions of a search; NULL: there was none */
  report_entry *provenance;
  size_t entry_count;
} report_results;

/* Reads a results file. LS_INVALID, naming what is missing, if it is none. */
int report_results_read(report_results **out, ls_memory *memory, const char *path);

/* The curve of that name, or NULL. */
const report_curve *report_find_curve(const report_results *results, const char *name);

/* Whether it is a loss or metric over the epochs: not the learning rate or the time. */
bool report_is_measure(const report_curve *curve);

/* The variable of that name, or NULL. */
const report_axis *report_find_variable(const report_results *results, const char *name);

/* The provenance's entry of that name, "" where there is none. */
const char *report_provenance(const report_results *results, const char *name);

/* The index that `point` has along a variable; the label of its value there. */
size_t report_index(const report_results *results, size_t point, size_t variable);
const char *report_label(const report_results *results, size_t point, size_t variable);

/* Appends the value of a variable at a point, "l2 = 1e-05", after the separator, which then is a
 * comma. */
void report_add_value(ls_text *out, const report_results *results, size_t point, size_t variable,
                      const char **separator);

/* Appends the values of a point, "l2 = 1e-05, units = 100". */
void report_add_point(ls_text *out, const report_results *results, size_t point);

/* Appends the variables of one value, "units = 100, l2 = 0"; nothing if there are none. */
void report_add_fixed(ls_text *out, const report_results *results);

/* Appends those of the variables of several values, but for those that `other` (may be NULL) has
 * several values of, too; `comma` before the first. Returns the separator before what follows. */
const char *report_add_swept(ls_text *out, const report_results *results, size_t point,
                             const report_results *other, const char *comma);

/* ---- Values of trials, and statistics of a point over its trials ---- */

/* Whether the trial has ended with a result (done or stopped early). Only such trials count in the
 * statistics of points and metrics. */
bool report_finished(const report_trial *trial);

/* One point of the sweep over its repeats. */
typedef struct report_point {
  size_t counts[REPORT_STATUS_COUNT];             /* trials of each status */
  report_stat epochs, best_epoch, seconds, speed; /* see report_trial */
} report_point;

report_point report_point_of(const report_results *results, size_t point);

/* A curve's value for the final weights of a finished trial: after its last epoch, or after its
 * best one where the weights of that were restored (not recorded: after the last). With `best` the
 * best value over all its epochs; of a curve that is measured once, that value. NaN if there is
 * none, or it is not recorded which direction is better. */
double report_value(const report_results *results, const report_curve *curve, size_t trial,
                    bool best);

/* Statistics of these values over a point's trials. */
report_stat report_stat_of(const report_results *results, const report_curve *curve, size_t point,
                           bool best);

/* A metric at all points of the sweep. */
typedef struct report_values {
  report_stat *stats; /* [point] */
  int decimals;       /* that show them */
  int better; /* 1 if a higher value is better, -1 if a lower one, 0: neither or not recorded */
} report_values;

/* The values of a curve, or of a field of trials. Without any where the file has no such metric. */
int report_values_of(report_values *out, ls_memory *memory, const report_results *results,
                     const char *metric, bool best);

/* When finished trials had their final values: "after the last epoch". */
const char *report_when_final(const report_results *results);

/* Statistics of a curve at one epoch (from 0) of a point, over the trials that got there; diverged
 * and failed ones are left out. */
report_stat report_at(const report_results *results, const report_curve *curve, size_t point,
                      size_t epoch);

#endif
