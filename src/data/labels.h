/* Class labels in dataset files: integers [sample] or [sample, 1], or one-hot rows [sample, class]
 * of any numeric type. Local; `path` is that of the target in the open file. */
#ifndef LS_DATA_LABELS_H
#define LS_DATA_LABELS_H

#include "data/dataset.h"
#include "h5/h5.h"

/* The largest number of classes. */
enum { LABELS_MOST_CLASSES = 1000000 };

/* Sets *one_hot to whether each of the `rows` rows of `width` numbers has one 1 and otherwise 0. */
int labels_find_one_hot(bool *one_hot, hid_t file, const char *path, size_t rows, size_t width);

/* Reads labels of the target from sample `first` on, [sample]. LS_INVALID, naming the sample, if
 * one is no class number of the target, or a row of one-hot labels is not one-hot. */
int labels_read(const ls_dataset *dataset, hid_t file, const char *path,
                const ls_dataset_target *target, size_t first, size_t count, int32_t *labels);

/* Raises target->classes to one more than the largest of the part's `count` integer labels.
 * LS_INVALID if a label is negative or too large. */
int labels_count_classes(ls_dataset *dataset, hid_t file, const char *path,
                         ls_dataset_target *target, size_t count);

#endif
