/* What writing and reading checkpoints share: names, and the long arrays, a rank's share of the
 * flat vectors as runs of elements of the file's datasets. */
#ifndef LS_STORE_CHECKPOINT_RANGES_H
#define LS_STORE_CHECKPOINT_RANGES_H

#include "h5/h5.h"
#include "store/checkpoint/checkpoint.h"

/* What is done with a run: elements first .. first + count - 1 of the dataset `name`, which are
 * those at `values`. */
typedef int (*run_action)(hid_t file, const char *name, size_t first, size_t count,
                          ls_real *values);

int run_write(hid_t file, const char *name, size_t first, size_t count, ls_real *values);
int run_read(hid_t file, const char *name, size_t first, size_t count, ls_real *values);

/* LS_FAILED if the file holds something else than the values. */
int run_compare(hid_t file, const char *name, size_t first, size_t count, ls_real *values);

/* Does it with every run of the rank's share of the moment that the file is of: weights in the
 * layers' datasets, and slots. */
int runs_of_now(hid_t file, const ls_model *model, const ls_checkpoint *c, const ls_snapshot *now,
                run_action action);

/* The same for the moment of the best epoch within the file. */
int runs_of_best(hid_t file, const ls_checkpoint *c, const ls_snapshot *best, run_action action);

/* Names of datasets: slot k of the optimiser, in `group`. */
enum { RUN_NAME = 2 * LS_MAX_NAME + 80 };
void run_slot_name(char out[RUN_NAME], const char *group, size_t k);

/* The attribute that number `i` of a moment is. */
const char *moment_name(size_t i);

/* Whether the best moment is one of its own, not the one that the file is of. */
bool has_best(const ls_checkpoint *c);

#endif
