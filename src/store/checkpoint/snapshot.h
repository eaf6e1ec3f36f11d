/* Snapshots: the state of one training at one point, from which it can be resumed.
 *
 * Plain data. The scalars are attributes in the file, each of the field's name; one table in
 * snapshot.c describes them all, and writing, reading and validating follow from it. */
#ifndef LS_STORE_CHECKPOINT_SNAPSHOT_H
#define LS_STORE_CHECKPOINT_SNAPSHOT_H

#include "h5/h5.h"
#include "lockstep/optimizer.h"
#include "lockstep/types.h"
#include "store/results/results.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* State of early stopping. */
typedef struct ls_stopping_state {
  double best;       /* monitored value of the best epoch */
  size_t best_epoch; /* from 1; 0: there is none yet */
  int64_t waited;    /* epochs since an improvement by min_delta */
} ls_stopping_state;

/* State of the reduction of the learning rate on a plateau. */
typedef struct ls_plateau_state {
  bool started;     /* `best` is set */
  double best;      /* monitored value */
  int64_t waited;   /* epochs since an improvement by min_delta, or since a reduction */
  int64_t cooldown; /* epochs still to pass before waiting begins */
  double scale;     /* factor of the schedule's rate; 1 at first */
} ls_plateau_state;

typedef struct ls_snapshot_scalars {
  uint64_t weights_hash; /* XXH3 of all weights */
  size_t epoch;          /* epochs completed; 0 in a snapshot of the best epoch: there is none */
  size_t step;           /* steps completed of the next epoch */
  int64_t updates;       /* steps of the optimiser */
  bool averaged;         /* the weights are their moving average, whose array has the weights */
  double seconds;        /* of training so far */
  double epoch_seconds;  /* those in the epoch that isn't completed */
  ls_stopping_state stopping;
  ls_plateau_state plateau;
  ls_trial_status ended; /* the trial's status if it has ended, else LS_TRIAL_PENDING */
} ls_snapshot_scalars;

/* `weights` and `slots` are packed: this rank's partition of the flat vectors. With `whole`,
 * `weights` is the whole vector instead. */
typedef struct ls_snapshot {
  ls_snapshot_scalars scalars;
  ls_real *weights, *slots[LS_MAX_ARRAYS];
  bool whole;
} ls_snapshot;

/* Whether the snapshot is that of the best epoch, which a checkpoint then does not store a second
 * time; 0: there is no best epoch. Local. */
bool snapshot_is_best(const ls_snapshot_scalars *now, size_t best_epoch);

/* Writes the scalars as attributes of an open group. Local. */
int snapshot_write_scalars(hid_t group, const ls_snapshot_scalars *scalars);

/* Reads them. LS_INVALID, naming the file `path` and the attribute, if a value is out of its
 * range. Local. */
int snapshot_read_scalars(hid_t group, const char *path, ls_snapshot_scalars *scalars);

#endif
