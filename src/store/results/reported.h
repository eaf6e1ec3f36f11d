/* What was reported elsewhere, as results files record it: values to compare with, and orderings of
 * the points of the sweep. Plain data, made from a job by trial/reported.h. */
#ifndef LS_STORE_RESULTS_REPORTED_H
#define LS_STORE_RESULTS_REPORTED_H

#include "base/memory.h"
#include "h5/h5.h"
#include "job/job.h"

/* Values of a metric: of a curve, of a final value, or of a field of trials. */
typedef struct ls_reported_value {
  const char *metric;
  const char *of;       /* "final", or "best": of all epochs */
  const char *bound;    /* "lower" or "upper": more or less than this was reported; NULL: this */
  const char *label;    /* the source; NULL: none */
  const char *comment;  /* NULL: none */
  const double *values; /* [point], NaN where there is none */
} ls_reported_value;

/* A claim that some points are better than others, or alike. Points are compared that have
 * different places and agree in all other variables than `variables`. */
typedef struct ls_reported_ordering {
  const char *metric, *of, *label, *comment; /* as above */
  const char *claim;                         /* in words */
  const char *relation;                      /* "better": the first place is the best one; "same" */
  const int *places;                         /* [point], from 1; 0: not compared */
  const char *const *variables;
  size_t variable_count;
} ls_reported_ordering;

typedef struct ls_reported {
  ls_memory memory; /* of all that it points to */
  ls_reported_value *values;
  size_t value_count;
  ls_reported_ordering *orderings;
  size_t ordering_count;
} ls_reported;

/* The axes of the job that are of points of the sweep: all before those of replicates and folds. */
size_t ls_reported_axes(const ls_job *job, const ls_axis **axes);

/* Writes the groups /references and /orderings, each with a dataset over the variables for each
 * entry, to a file that has the axes. NULL: nothing. Local. */
int results_make_reported(hid_t file, const ls_reported *reported, const ls_job *job);

/* Removes them, also the reference of a file of an earlier version, and writes the new ones. */
int results_replace_reported(hid_t file, const ls_reported *reported, const ls_job *job);

#endif
