/* Labelled images in memory: the common form of all sources, which the writer stores. */
#ifndef LS_PREPARE_IMAGE_SET_H
#define LS_PREPARE_IMAGE_SET_H

#include <stddef.h>
#include <stdint.h>

/* `count` images of the same shape, each with a class label and maybe a value. Owns the arrays. */
typedef struct ls_image_set {
  size_t count, height, width, channels;
  uint8_t *pixels; /* [sample, height, width, channel] */
  uint8_t *labels; /* [sample] */
  float *values;   /* [sample], or NULL */
} ls_image_set;

/* Frees the arrays and empties the set. Local. */
void ls_image_set_clear(ls_image_set *set);

/* Returns the number of classes: the largest label + 1, at least 2. Local. */
size_t ls_image_set_classes(const ls_image_set *set);

#endif
