/* The long arrays of a checkpoint: a rank's partition of the flat vectors, as ranges of elements of
 * the file's datasets. Local; writing and reading share it, so that they visit the same ranges. */
#ifndef LS_STORE_CHECKPOINT_RANGES_H
#define LS_STORE_CHECKPOINT_RANGES_H

#include "h5/h5.h"
#include "store/checkpoint/checkpoint.h"

/* An operation on a range: elements first .. first + count - 1 of the dataset `name`, whose memory
 * is `values`. */
typedef int (*range_action)(hid_t file, const char *name, size_t first, size_t count,
                            ls_real *values);

int range_write(hid_t file, const char *name, size_t first, size_t count, ls_real *values);
int range_read(hid_t file, const char *name, size_t first, size_t count, ls_real *values);

/* LS_FAILED if the file's elements differ from the values. */
int range_compare(hid_t file, const char *name, size_t first, size_t count, ls_real *values);

/* Applies the action to every range of the rank's partition of the current snapshot: weights in the
 * layers' datasets, and the optimiser's slots. */
int ranges_of_now(hid_t file, const ls_model *model, const ls_checkpoint *c, range_action action);

/* The same for the snapshot of the best epoch. */
int ranges_of_best(hid_t file, const ls_checkpoint *c, range_action action);

/* The path of the dataset of the optimiser's slot k in `group`. */
enum { SLOT_NAME = 2 * LS_MAX_NAME + 80 };
void slot_name(char out[SLOT_NAME], const char *group, size_t k);

#endif
