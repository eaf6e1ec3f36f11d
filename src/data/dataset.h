/* Dataset files: opening them, and checking all but the samples' values (data/records.h).
 *
 * All functions are local: every rank opens the file by itself. Layout: `/train/x` [sample, ...],
 * of any numeric type or bool, with an attribute `scale`; `/train/y`, the target, or a group of
 * targets, which are then numbered in the order of their names; the same under `/test`. Images
 * [sample, height, width] have one channel. A target is class labels, which are integers [sample]
 * or [sample, 1], or one-hot rows [sample, class], with an attribute `class_count` or
 * `class_names`, by default one more than the largest label; or values, which are floats [sample],
 * or any numbers [sample, value]. `/train/weight` [sample], numbers from 0 on, has the weights of
 * the samples in the loss, `/train/weight_NAME` those in the loss of the head NAME; `/test` may
 * have them, too. `/train/group` [sample], integers, tells groups of samples apart (data/groups.h).
 * A file may have one of the parts alone; without `/train` the attributes are those of `/test`. */
#ifndef LS_DATA_DATASET_H
#define LS_DATA_DATASET_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parts of a dataset file. */
typedef enum ls_part {
  LS_TRAIN,
  LS_TEST,
  LS_PART_COUNT,
} ls_part;

/* A target of training: a class label, or values. */
typedef struct ls_dataset_target {
  char name[64];   /* of a member of the group /train/y; "" where y is the only target */
  int64_t classes; /* labels are 0 .. classes - 1; 0: values */
  bool one_hot;    /* labels are stored as rows of `classes` numbers */
  size_t width;    /* values of a sample; 1 for labels */
  size_t offset;   /* in the targets of a record: one int32 label, or float32 values */
} ls_dataset_target;

/* Weights of the samples in a loss. */
typedef struct ls_dataset_weight {
  char name[72];              /* of the member of /train: weight, or weight_NAME */
  bool stored[LS_PART_COUNT]; /* else the part's weights are 1 */
  size_t offset;              /* in the targets of a record: one float32 */
} ls_dataset_weight;

enum { LS_MAX_TARGETS = 8, LS_MAX_WEIGHTS = 9 };

typedef struct ls_dataset {
  char *path;
  bool allow_external; /* the file may have virtual datasets */
  ls_shape shape;      /* of one input */
  bool bytes;          /* inputs are stored as uint8; others are read as float32 */
  double scale;        /* factor from stored inputs to the model's */
  ls_dataset_target targets[LS_MAX_TARGETS];
  size_t target_count;
  ls_dataset_weight weights[LS_MAX_WEIGHTS];
  size_t weight_count;
  ls_part described; /* whose attributes hold for the file: LS_TRAIN, unless there is no /train */
  size_t count[LS_PART_COUNT]; /* samples; 0 where the file has no such part */
  size_t chunk[LS_PART_COUNT]; /* samples of inputs in a chunk of the file; 0: not chunked */
  size_t input_bytes;          /* of one input in a record */
  size_t targets_begin;        /* in a record: its targets and weights */
  size_t target_bytes;         /* of these */
  size_t record_bytes;
} ls_dataset;

/* Opens the file and checks everything but the samples' values. LS_INVALID with the dataset in the
 * file and what was expected. */
int ls_dataset_open(ls_dataset **out, const char *path);

/* The same; with `allow_external` virtual datasets are read, whose sources must exist. */
int ls_dataset_open_as(ls_dataset **out, const char *path, bool allow_external);
void ls_dataset_free(ls_dataset **dataset);

#endif
