/* Dataset files: opening, checking, reading samples.
 *
 * A sample is kept as one record: its input as stored (uint8 or float32), then its targets, so that
 * moving a sample is moving one piece of memory. All functions are local: every rank opens the file
 * by itself and reads what it needs. Layout: `/train/x` [sample, ...], uint8 or float32, with an
 * attribute `scale`; `/train/y`, the target, or a group of targets, which are then numbered in the
 * order of their names; the same under `/test`. A target is a list of integers [sample], class
 * labels, with an attribute `class_count` or `class_names`; or floats [sample] or [sample, value].
 */
#ifndef LS_DATA_DATASET_H
#define LS_DATA_DATASET_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ls_part {
  LS_TRAIN,
  LS_TEST,
  LS_PART_COUNT,
} ls_part;

/* What a sample is to be learnt as: a class label, or values. */
typedef struct ls_dataset_target {
  char name[64];   /* of a member of the group /train/y; "" where y is the only target */
  int64_t classes; /* labels are 0 .. classes - 1; 0: values */
  size_t width;    /* values of a sample; 1 for labels */
  size_t offset;   /* in a record: one int32 label, or float32 values */
} ls_dataset_target;

enum { LS_MAX_TARGETS = 8 };

typedef struct ls_dataset {
  char *path;
  ls_shape shape; /* of one input */
  bool bytes;     /* inputs are uint8, else float32 */
  double scale;   /* maps stored inputs to what the model gets */
  ls_dataset_target targets[LS_MAX_TARGETS];
  size_t target_count;
  size_t count[LS_PART_COUNT]; /* samples; 0 where the file has no such part */
  size_t input_bytes;          /* of one input in a record */
  size_t record_bytes;
} ls_dataset;

/* Opens the file and checks everything about it but the samples' values. LS_INVALID naming the
 * dataset in the file and what was expected. */
int ls_dataset_open(ls_dataset **out, const char *path);
void ls_dataset_free(ls_dataset **dataset);

/* Reads samples first .. first + count - 1 of a part into `records` [sample, record_bytes], and
 * checks that labels are class numbers and everything else finite. */
int ls_dataset_read(const ls_dataset *dataset, ls_part part, size_t first, size_t count,
                    unsigned char *records);

/* Reads the labels [sample] of a whole part, of a target of classes. */
int ls_dataset_labels(const ls_dataset *dataset, ls_part part, size_t target, int32_t *labels);

/* Reads all targets and checks that labels are class numbers and values finite: for whoever wants
 * to know before anything starts. */
int ls_dataset_check_labels(const ls_dataset *dataset);

/* Turns one record into the model's input [element]. */
void ls_dataset_decode(const ls_dataset *dataset, const unsigned char *record, ls_real *x);

/* The record's label of a target of classes; its values [width] of another. */
int32_t ls_dataset_label(const ls_dataset *dataset, const unsigned char *record, size_t target);
void ls_dataset_values(const ls_dataset *dataset, const unsigned char *record, size_t target,
                       ls_real *values);

#endif
