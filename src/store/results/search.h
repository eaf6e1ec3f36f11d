/* The decisions of a search in a results file: the group /search, with the dimension `rung`. */
#ifndef LS_STORE_RESULTS_SEARCH_H
#define LS_STORE_RESULTS_SEARCH_H

#include "h5/h5.h"
#include "job/job.h"

/* What a search decides about a point at a rung. */
typedef enum ls_decision {
  LS_UNDECIDED, /* not yet, or it does not take part */
  LS_PROMOTED,  /* trained further */
  LS_PRUNED,    /* left out from here on */
  LS_COMPLETED, /* at the last rung */
} ls_decision;

/* The decisions with their reasons. */
typedef struct ls_search_record {
  size_t points, rungs;
  size_t *epochs;        /* [rung] */
  int *brackets;         /* [point], the rung at which the point's bracket begins */
  double *values;        /* [point, rung], mean of the metric over the trials; NaN: there is none */
  double *thresholds;    /* [point, rung], the value that was needed; NaN: none */
  int *ranks;            /* [point, rung], from 1; 0: not decided */
  int *compared;         /* [point, rung], the number of points that were ranked together */
  int *promoted;         /* [point, rung], how many of them are promoted at most */
  signed char *decision; /* [point, rung], an ls_decision */
} ls_search_record;

/* Makes the group in a file that has the axes of the job. Local. */
int results_make_search(hid_t file, const ls_search_record *record, const ls_job *job);

/* Overwrites the values of the group. On one rank. */
int results_write_search(hid_t file, const ls_search_record *record);

#endif
