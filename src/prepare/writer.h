/* Dataset files: writing one, and telling whether a file is one. Local.
 *
 * Layout: /train/x [sample, height, width, channel] and /train/y [sample], both uint8, and the same
 * under /test; where samples have values beside labels, y is a group of the two, y/LABEL, uint8,
 * and y/VALUE, float32. `scale` of x is the factor that maps it to [0, 1]; `class_count` and
 * `class_names` of the labels say what the labels stand for. Root attributes: title, source,
 * history. There are no dates in the file: the same content is the same bytes. */
#ifndef LS_PREPARE_WRITER_H
#define LS_PREPARE_WRITER_H

#include "prepare/image_set.h"

#include <stdbool.h>
#include <stddef.h>

/* Everything that goes into a file. All pointers are borrowed. `test` may be empty: the file then
 * has no /test. */
typedef struct ls_dataset_content {
  const char *title;
  const char *source;  /* where it came from, and how */
  const char *history; /* the command that makes it */
  const char *const *class_names;
  size_t class_count;
  const char *label_name, *value_name; /* NULL: there are only labels */
  const ls_image_set *train, *test;
} ls_dataset_content;

/* Writes the file under a temporary name and then puts it in the place of `path`. LS_INVALID if
 * training and test images differ in shape or a label has no class. */
int ls_writer_save(const char *path, const ls_dataset_content *content);

#endif
