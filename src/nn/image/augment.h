/* What the layers that change images at random in training share. The changes of a sample are a
 * function of (seed, epoch, layer, sample); backward draws the same numbers again. */
#ifndef LS_NN_IMAGE_AUGMENT_H
#define LS_NN_IMAGE_AUGMENT_H

#include "lockstep/random.h"
#include "nn/identity.h"
#include "nn/image/image.h"

#include <string.h>

/* For `build`: the output has the shape of the input. LS_INVALID unless that is an image. */
static inline int augment_build(ls_layer *layer) {
  layer->output = layer->input;
  return image_check(layer);
}

static inline ls_stream augment_stream(const ls_layer *layer, const ls_pass *pass, size_t sample) {
  return (ls_stream){pass->seed, LS_RANDOM_AUGMENTATION, pass->epoch, layer->index,
                     pass->ids[sample]};
}

/* Returns low + fraction * (high - low) of the factor [low, high]. One number f means [-f, f] if
 * the factor is symmetric, else [0, f]; an empty factor is [0, 0]. */
static inline double augment_value(const ls_reals *factor, bool symmetric, ls_real fraction) {
  if (factor->count == 0) return 0;
  double high = factor->values[factor->count - 1];
  double low = factor->count == 2 ? factor->values[0] : symmetric ? -high : 0;
  return low + (double)fraction * (high - low);
}

#endif
