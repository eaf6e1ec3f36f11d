/* Writing dataset files. Local.
 *
 * Layout: /train/x [sample, height, width, channel] and /train/y [sample], both uint8, and the same
 * under /test; where samples have values in addition to labels, y is a group of the two, y/LABEL,
 * uint8, and y/VALUE, float32. `scale` of x is the factor that maps it to [0, 1]; `class_count` and
 * `class_names` of the labels describe the classes. Root attributes: title, source,
 * history. There are no dates in the file: the same content is the same bytes. */
#ifndef LS_PREPARE_WRITER_H
#define LS_PREPARE_WRITER_H

#include "prepare/image_set.h"

#include <stdbool.h>
#include <stddef.h>

/* The content of a file. All pointers are borrowed. If `test` is empty, the file has no /test. */
typedef struct ls_dataset_content {
  const char *title;
  const char *source;  /* where it came from, and how */
  const char *history; /* the command that makes it */
  const char *const *class_names;
  size_t class_count;
  const char *label_name, *value_name; /* NULL: labels only */
  const ls_image_set *train, *test;
} ls_dataset_content;

/* Writes the file under a temporary name, then renames it to `path`. LS_INVALID if
 * training and test images differ in shape or a label has no class. */
int ls_writer_save(const char *path, const ls_dataset_content *content);

#endif
