/* A results file in memory: plain data, everything read once. */
#ifndef LS_REPORT_RESULTS_H
#define LS_REPORT_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One dimension of the sweep. `labels` holds all values as text, `numbers` those of a numeric axis
 * (NULL otherwise). `log`: drawn on a log axis. `simpler`: 1 if a higher value makes a simpler
 * model, -1 if a lower one does, 0 if the file doesn't say. */
typedef struct ls_report_axis {
  char *name;
  size_t count;
  double *numbers;
  char **labels;
  bool log;
  int simpler;
} ls_report_axis;

/* One measured quantity; NaN where an epoch was not reached. `title` is for people, `units` may be
 * empty. `better`: 1 if a higher value is better, -1 if a lower one is, 0 if the file doesn't say.
 */
typedef struct ls_report_curve {
  char *name, *title, *units;
  double *values; /* [trial, epoch], or [trial] of one measured once, after training */
  int better;
} ls_report_curve;

typedef enum ls_report_status {
  LS_REPORT_PENDING,
  LS_REPORT_RUNNING,
  LS_REPORT_DONE,
  LS_REPORT_STOPPED_EARLY,
  LS_REPORT_DIVERGED,
  LS_REPORT_FAILED,
  LS_REPORT_STATUS_COUNT
} ls_report_status;

/* The words of the statuses, as in the file. */
extern const char *const ls_report_status_words[LS_REPORT_STATUS_COUNT];

typedef struct ls_report_trial {
  ls_report_status status;
  size_t epochs_run, best_epoch; /* best_epoch counts from 1; 0: none */
  uint64_t seed, weights_hash;
  double seconds;       /* NaN: not known */
  size_t train_samples; /* of an epoch; 0: not known */
  bool best_restored;   /* the final weights are those of the best epoch */
} ls_report_trial;

/* A line of the provenance. */
typedef struct ls_report_note {
  char *name, *text;
} ls_report_note;

/* Trials are in the order of the file: the sweep variables first, the last axis varying fastest. A
 * point of the sweep is one value of each variable; its trials, the `repeats` (replicates and
 * folds), follow one another. */
typedef struct ls_report_results {
  char *title, *job, *source, *history;
  char *monitor;          /* the curve whose final values are compared */
  double *references;     /* the literature's: one, or one for each point, NaN where unknown */
  size_t reference_count; /* 0: none is given */
  char *reference_metric; /* what they are of: a curve, or one of `finals` */
  char *reference_label;
  bool restored_known; /* the file records best_restored, which those of earlier versions don't */
  ls_report_axis *variables;
  size_t variable_count;
  size_t replicates, folds; /* 0: not an axis of this file */
  size_t points, repeats, epochs;
  ls_report_trial *trials; /* [point, repeat] */
  ls_report_curve *curves, *finals;
  size_t curve_count, final_count;
  ls_report_note *provenance;
  size_t note_count;
} ls_report_results;

/* Reads a results file. LS_INVALID, naming what is missing, if it is none. */
int ls_report_results_read(ls_report_results **out, const char *path);
void ls_report_results_free(ls_report_results **results);

/* The curve of that name, or NULL. */
const ls_report_curve *ls_report_find_curve(const ls_report_results *results, const char *name);

/* Whether higher values of a curve or final value are better (1), lower ones (-1), or the file
 * doesn't say (0). */
int ls_report_better(const ls_report_results *results, const char *name);

/* The reference of a point, NaN if it has none. */
double ls_report_reference(const ls_report_results *results, size_t point);

/* The index that `point` has along a variable. */
size_t ls_report_index(const ls_report_results *results, size_t point, size_t variable);

/* The point's place in words, "l2 = 1e-05, units = 100", to be freed; "" where there is no
 * variable. NULL, with the error recorded, without memory. */
char *ls_report_point_name(const ls_report_results *results, size_t point);

#endif
