/* Renumbering the folders of trials, trial_1, trial_2, ..., when a job is extended and its trials
 * have other numbers than before.
 *
 * The results file lists what is to be renamed until that is done. First each folder is moved into
 * a folder `renumbering`, under its new name; that is renamed to `renumbered`; then each is moved
 * back. So a run that was killed at any moment is completed by the next one. On one rank, which
 * holds the lock. */
#ifndef LS_STORE_RESULTS_RENUMBER_H
#define LS_STORE_RESULTS_RENUMBER_H

#include "job/extension.h"

#include <hdf5.h>

/* Records in an open file which trials have other numbers in a job that extends it. */
int renumber_record(hid_t file, const ls_extension *extension, size_t trials);

/* Renames the folders beside the results file `whole` that the file `path` lists, if it does, and
 * removes the list; `owner` is the lock of `path`. */
int renumber_complete(const char *path, const char *whole, const char *owner);

#endif
