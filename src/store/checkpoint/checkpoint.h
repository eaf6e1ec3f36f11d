/* Checkpoints: everything that training a trial needs to go on with the same bits as if it had
 * never stopped, on any number of ranks. Each is also a model file (model_file.h) in the
 * format of Keras.
 *
 * A file is written by all ranks of a group, each its share of the flat vectors, under the name
 * PATH.new, read back and compared, sealed with its size and a digest, written through to the disk,
 * and only then renamed: whatever happens, PATH is the old file or the whole new one. A file whose
 * seal doesn't fit is never looked into. Layout: the manual page, section MODEL FILES. */
#ifndef LS_STORE_CHECKPOINT_CHECKPOINT_H
#define LS_STORE_CHECKPOINT_CHECKPOINT_H

#include "base/block_cyclic.h"
#include "comm/group.h"
#include "lockstep/optimizer.h"
#include "nn/model.h"

#include <stdint.h>

/* The numbers that make up a moment, beside its arrays. In the file they are attributes of these
 * names in lower case. */
#define LS_SNAPSHOT_NUMBERS(X)                                                                     \
  X(EPOCH)         /* epochs done */                                                               \
  X(STEP)          /* steps done of the next one */                                                \
  X(UPDATES)       /* steps of the optimiser */                                                    \
  X(SECONDS)       /* of training so far */                                                        \
  X(EPOCH_SECONDS) /* of these, in the epoch that isn't done */                                    \
  X(STOPPING_BEST)                                                                                 \
  X(STOPPING_BEST_EPOCH)                                                                           \
  X(STOPPING_WAITED)                                                                               \
  X(PLATEAU_STARTED)                                                                               \
  X(PLATEAU_BEST)                                                                                  \
  X(PLATEAU_WAITED)                                                                                \
  X(PLATEAU_COOLDOWN)                                                                              \
  X(PLATEAU_SCALE)                                                                                 \
  X(ENDED) /* the trial's state (ls_trial_status) where it has ended, else 0 */
#define LS_SNAPSHOT_NUMBER(name) LS_SNAPSHOT_##name,
enum { LS_SNAPSHOT_NUMBERS(LS_SNAPSHOT_NUMBER) LS_SNAPSHOT_COUNT };

/* A moment of training. `weights` and `slots` are this rank's share of the flat vectors, packed;
 * or, with `whole`, weights are the whole vector, of which the share is meant. */
typedef struct ls_snapshot {
  double numbers[LS_SNAPSHOT_COUNT];
  uint64_t weights_hash; /* XXH3 of all weights */
  ls_real *weights, *slots[LS_MAX_SLOTS];
  bool whole;
} ls_snapshot;

/* What a file holds. For writing all is borrowed; for reading memory of the sizes given here is
 * to be filled. */
typedef struct ls_checkpoint {
  const char *job; /* resolved text */
  size_t trial;    /* its number in the job, from 0 */
  const char *trial_name, *dataset;
  size_t shards;

  ls_block_cyclic share; /* the elements of the vectors that this rank writes and reads */
  bool idle;             /* another rank has the same share, and writes it */
  size_t slot_count;
  ls_snapshot now;
  ls_snapshot best; /* of the best epoch; its EPOCH is 0 if there is none */

  /* The curves of the epochs done, [epoch, curve], with room for `row_room` epochs when reading. */
  double *rows;
  size_t curve_count, row_room;
  const char *const *curve_names;
  /* Where STEP isn't 0: sums over the steps of the epoch in hand, over all ranks. */
  double *sums;
  size_t sum_count;
} ls_checkpoint;

/* Collective: writes the file in the place of an older one. rows and sums are rank 0's. With
 * `previous` not NULL that older one is kept under this name. */
int ls_checkpoint_write(const char *path, const char *previous, const ls_model *model,
                        const ls_checkpoint *checkpoint, const ls_group *group);

/* Collective: fills in `now`, `best` (also where it is the same moment), rows and sums, these on
 * all ranks, from the file. LS_INVALID, saying why, if it is damaged, or not one of this model,
 * number of shards, slots and sums; what is to be filled is then undefined. */
int ls_checkpoint_read(const char *path, const ls_model *model, ls_checkpoint *checkpoint,
                       const ls_group *group);

#endif
