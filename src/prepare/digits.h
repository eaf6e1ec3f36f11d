/* Generated digits: grey images that resemble handwriting, for use where no dataset is available.
 *
 * Each image is a digit in one of a few styles, distorted at random (position, size, slant,
 * rotation, wobble of the pen, width and darkness of the stroke), with noise, dots and sometimes a
 * stray line. Image i of a set is a function of (seed, set, i) alone, so a smaller set is the
 * beginning of a larger one. Every ten consecutive images show each digit once, in random order. */
#ifndef LS_PREPARE_DIGITS_H
#define LS_PREPARE_DIGITS_H

#include "prepare/image_set.h"

enum { LS_DIGITS_SIDE = 28, LS_DIGITS_TRAIN = 0, LS_DIGITS_TEST = 1 };

/* Draws `count` images, [sample, 28, 28, 1]; `which` is LS_DIGITS_TRAIN or LS_DIGITS_TEST. Released
 * with ls_image_set_clear. LS_FAILED without memory. Local. */
int ls_digits_draw(ls_image_set *set, uint64_t seed, uint32_t which, size_t count);

#endif
