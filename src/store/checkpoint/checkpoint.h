/* Checkpoints: files from which the training of a trial is resumed, on any number of ranks, with
 * the same bits as if it had never been interrupted. Each is also a model file
 * (store/checkpoint/model_file.h) in the format of Keras.
 *
 * All ranks of a group write a file, each its partition of the flat vectors, under the name
 * PATH.new. They read it back and compare; then a header with the file's size and checksum is
 * written, the file is flushed to the disk, and only then renamed: whatever happens, PATH is the
 * old file or the complete new one. A file that doesn't match its checksum is not passed to HDF5.
 * Layout: the manual page, section MODEL FILES. */
#ifndef LS_STORE_CHECKPOINT_CHECKPOINT_H
#define LS_STORE_CHECKPOINT_CHECKPOINT_H

#include "base/block_cyclic.h"
#include "base/data_description.h"
#include "base/preprocessing.h"
#include "comm/group.h"
#include "nn/model/model.h"
#include "store/checkpoint/snapshot.h"
#include "store/digests.h"

/* What the transforms before the model, or those of the targets of its heads, have learnt:
 * counts[i] values of transform or head i, 0 if it learns nothing. */
enum { LS_MOST_LEARNT = 8 };
typedef struct ls_learnt {
  size_t count; /* of transforms or heads */
  const ls_real *values[LS_MOST_LEARNT];
  size_t counts[LS_MOST_LEARNT];
} ls_learnt;

/* The content of a file. For writing all pointers are borrowed; for reading they are memory of the
 * sizes given here, to be filled. */
typedef struct ls_checkpoint {
  const char *job;                 /* resolved text */
  size_t trial;                    /* its number in the job, from 0 */
  const char *trial_name;          /* its values of the sweep's variables */
  const char *dataset;             /* path of the dataset file */
  const ls_digests *digests;       /* the data that the job reads; on rank 0 */
  ls_learnt learnt;                /* for writing; on rank 0 */
  ls_learnt learnt_of_targets;     /* the same */
  ls_preprocessing preprocessing;  /* of inputs and targets; for writing, on rank 0 */
  const ls_data_description *data; /* of the dataset; for writing, on rank 0; NULL: none */
  size_t shards;

  ls_block_cyclic partition; /* the elements of the vectors that this rank writes and reads */
  bool idle;                 /* another rank has the same partition, and writes it */
  size_t slot_count;         /* of the optimiser */
  ls_snapshot now;           /* what the file is a checkpoint of */
  ls_snapshot best;          /* of the best epoch */

  double *rows; /* [epoch, curve], of the epochs completed */
  size_t curve_count;
  size_t row_capacity; /* for reading: epochs that `rows` has memory for */
  const char *const *curve_names;
  double *sums; /* [sum_count], over the completed steps of an epoch, over all ranks; used where
                   now.scalars.step > 0 */
  size_t sum_count;
} ls_checkpoint;

/* Collective: writes the file in the place of an older one. Of rows and sums rank 0's are written.
 * With `previous` not NULL the older file is kept under this name. */
int ls_checkpoint_write(const char *path, const char *previous, const ls_model *model,
                        const ls_checkpoint *checkpoint, const ls_group *group);

/* Collective: reads `now`, `best` (a copy of `now` where that is the best epoch), and, on all
 * ranks, rows and sums. LS_INVALID, with the reason, if the file is damaged, or not one of this
 * model, number of shards, slots and sums; what was to be filled is then undefined. */
int ls_checkpoint_read(const char *path, const ls_model *model, ls_checkpoint *checkpoint,
                       const ls_group *group);

#endif
