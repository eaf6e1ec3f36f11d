/* Making dataset files: from published datasets, from anyone's IDX files, or generated.
 *
 * Each function makes the whole file at `path` or leaves what was there as it was. `history` is
 * stored in it: the command that makes the file, in a fixed form, by which a later call recognises
 * the file. The layout is that of lockstep/dataset.h with 8-bit images [sample, height,
 * width, channel], targets, class names, and `title`, `source` and `history` of the whole. There
 * are no dates in it: the same content is the same bytes. All functions are local. */
#ifndef LS_PREPARE_PREPARE_H
#define LS_PREPARE_PREPARE_H

#include <stddef.h>
#include <stdint.h>

/* The names of datasets that can be made without files: published and generated ones. */
extern const char *const ls_prepare_names[];
extern const size_t ls_prepare_name_count;

/* A published dataset by its name, "mnist" or "fashion_mnist": from this machine if it is there,
 * else over the network. LS_INVALID for another name, LS_FAILED if no source has it. */
int ls_prepare_published(const char *path, const char *history, const char *name);

/* IDX files, plain or .gz; without a test set its two paths are NULL. */
typedef struct ls_idx_paths {
  const char *train_images, *train_labels;
  const char *test_images, *test_labels;
} ls_idx_paths;

/* Anyone's IDX files: images of unsigned bytes, with or without channels, and their labels. The
 * classes are 0 to the largest label. LS_INVALID, naming the file, if something is wrong in one. */
int ls_prepare_idx(const char *path, const char *history, const char *title,
                   const ls_idx_paths *files);

/* Generated grey images of digits, 28 x 28. Image i of a set is a function of (seed, set, i) alone.
 * With test_count 0 there is no test set. */
int ls_prepare_digits(const char *path, const char *history, uint64_t seed, size_t train_count,
                      size_t test_count);

/* What generated images of clocks depend on: `size` pixels high and wide; dials turned by up to
 * `rotation` degrees, at most 180, either way. */
typedef struct ls_clock_faces_options {
  uint64_t seed;
  size_t train_count, test_count, size, rotation;
} ls_clock_faces_options;

/* Generated grey images of analogue clocks with two targets, the classes /train/y/hour, 0 to 11,
 * and the values /train/y/minute, minutes / 60. With test_count 0 there is no test set. */
int ls_prepare_clock_faces(const char *path, const char *history,
                           const ls_clock_faces_options *options);

/* The history of an existing dataset file, to be freed; NULL if it has none. LS_INVALID if the file
 * can't be read. */
int ls_prepare_history(char **history, const char *path);

#endif
