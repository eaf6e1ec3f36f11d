/* Writing a labelled HDF5 file: dimension scales, and variables over them with long_name and units,
 * as xarray and other programs for the CF conventions read them. On one rank. */
#ifndef LS_ANALYSE_LABELLED_H
#define LS_ANALYSE_LABELLED_H

#include "lockstep/h5.h"

/* A file being written. After a failure, which `status` keeps, the functions do nothing. */
typedef struct labelled {
  hid_t file;
  const char *path;
  char *temporary;
  int status;
} labelled;

/* Starts the file that is to be at `path` (borrowed); `title` and `command` become attributes. */
void labelled_create(labelled *l, const char *path, const char *title, const char *command);

/* Axes: dimension scales. `units` may be NULL. */
void labelled_texts(labelled *l, const char *name, const char *long_name, size_t count,
                    const char *const *texts);
void labelled_numbers(labelled *l, const char *name, const char *long_name, const char *units,
                      hid_t type, size_t count, const void *numbers);

/* A variable over `rank` axes, whose names `axes` has; `type` is that of `values` and of the file.
 */
void labelled_variable(labelled *l, const char *name, const char *long_name, const char *units,
                       hid_t type, size_t rank, const char *const *axes, const void *values);

/* Ends the file: it appears at its path, in the place of an older one, if all went well. */
int labelled_close(labelled *l);

#endif
