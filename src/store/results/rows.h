/* Copying the rows of trials from one results file to another. On one rank. */
#ifndef LS_STORE_RESULTS_ROWS_H
#define LS_STORE_RESULTS_ROWS_H

#include "store/results/results.h"

#include <hdf5.h>

/* Two open files, and which rows go from one to the other. All is borrowed. */
typedef struct results_rows {
  hid_t to, from;
  const char *to_path, *from_path; /* for messages */
  const ls_job *job;               /* of `to` */
  const size_t *origin; /* [trial of `to`], its number in `from`; LS_NO_TRIAL: not to be copied */
  size_t from_trials;
  const bool *unfinished; /* [trial of `to`], whether it is trained further: only its curves and
                           * what training resumes with are copied; NULL: none is */
} results_rows;

/* Copies the values of trials in all datasets that `to` has over trials, and over trials and
 * epochs; epochs that `from` lacks stay as they are. LS_INVALID if a dataset of `from` is missing
 * or has another shape. */
int results_rows_copy(const results_rows *rows);

/* Removes from `to` the datasets over trials that `from`, of an earlier version, does not have. */
int results_rows_drop_unknown(const results_rows *rows);

#endif
