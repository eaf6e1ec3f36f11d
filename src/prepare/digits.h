/* Generated digits: grey images of handwriting-like digits, for where no dataset can be had.
 *
 * Each image is a digit written in one of a few styles, distorted at random (place, size, slant,
 * turn, wobble of the pen, width and strength of the ink), with noise, specks and now and then a
 * stray stroke. Image i of a set is a function of (seed, set, i) alone, so a smaller set is the
 * beginning of a larger one; every ten images in a row hold each digit once, in random order. */
#ifndef LS_PREPARE_DIGITS_H
#define LS_PREPARE_DIGITS_H

#include "prepare/image_set.h"

enum { LS_DIGITS_SIDE = 28, LS_DIGITS_TRAIN = 0, LS_DIGITS_TEST = 1 };

/* Draws `count` images, [sample, 28, 28, 1]; `which` is LS_DIGITS_TRAIN or LS_DIGITS_TEST. Released
 * with ls_image_set_clear. Fails only for lack of memory. Local. */
int ls_digits_draw(ls_image_set *set, uint64_t seed, uint32_t which, size_t count);

#endif
