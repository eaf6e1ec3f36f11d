/* Records: samples of a dataset file in memory.
 *
 * A record is a sample's input as stored (uint8 or float32), then its targets and weights, so that
 * moving a sample is one copy. Inputs and targets may also be in two arrays (ls_records). All
 * functions are local: every rank opens the file by itself and reads what it needs. */
#ifndef LS_DATA_RECORDS_H
#define LS_DATA_RECORDS_H

#include "data/dataset.h"

/* Where records are: the input of record i is at inputs + i * input_stride, its targets and weights
 * are at targets + i * target_stride. */
typedef struct ls_records {
  unsigned char *inputs;
  size_t input_stride;
  unsigned char *targets;
  size_t target_stride;
} ls_records;

/* Returns where whole records [sample, record_bytes] have their inputs and targets. */
ls_records ls_records_of(const ls_dataset *dataset, unsigned char *records);

/* Returns where the records from number `first` on are; `inputs` may be NULL. */
ls_records ls_records_from(const ls_records *records, size_t first);

/* Returns how many samples from `first` on are best read at a time: those of about 4 MiB, to the
 * end of a chunk, which would otherwise be read, and decompressed, again. From 0 on it is the most.
 */
size_t ls_dataset_block(const ls_dataset *dataset, ls_part part, size_t first);

/* Reads samples first .. first + count - 1 of a part into `records` [sample, record_bytes], and
 * checks that labels are class numbers, weights at least 0 and everything else finite. */
int ls_dataset_read(const ls_dataset *dataset, ls_part part, size_t first, size_t count,
                    unsigned char *records);

/* The same where `to` says; inputs are neither read nor checked where to->inputs is NULL. */
int ls_dataset_read_to(const ls_dataset *dataset, ls_part part, size_t first, size_t count,
                       const ls_records *to);

/* Reads the labels [sample] of a whole part, of a target of classes. */
int ls_dataset_labels(const ls_dataset *dataset, ls_part part, size_t target, int32_t *labels);

/* Reads all targets and weights, and checks them as ls_dataset_read does, for callers that report
 * errors before training starts. */
int ls_dataset_check_labels(const ls_dataset *dataset);

/* Reads all inputs and checks that they are finite. */
int ls_dataset_check_inputs(const ls_dataset *dataset);

/* Converts the input of a record to the model's input [element]. */
void ls_dataset_decode(const ls_dataset *dataset, const unsigned char *input, ls_real *x);

/* Returns the label of a target of classes; `targets` are those of a record. */
int32_t ls_dataset_label(const ls_dataset *dataset, const unsigned char *targets, size_t target);

/* Returns weight number k. */
ls_real ls_dataset_weight_of(const ls_dataset *dataset, const unsigned char *targets, size_t k);

/* Copies the values [width] of a target of values. */
void ls_dataset_values(const ls_dataset *dataset, const unsigned char *targets, size_t target,
                       ls_real *values);

#endif
