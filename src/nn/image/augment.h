/* What the layers that change images at random in training have in common. A sample's changes are a
 * function of (seed, epoch, layer, sample); backward asks for the same numbers again. */
#ifndef LS_NN_IMAGE_AUGMENT_H
#define LS_NN_IMAGE_AUGMENT_H

#include "lockstep/error.h"
#include "lockstep/layer.h"
#include "lockstep/random.h"
#include "nn/layers/identity.h"

#include <string.h>

/* For `build`: the output is as the input. LS_INVALID unless that is an image. */
static inline int augment_build(ls_layer *layer) {
  if (layer->input.rank != 3) {
    return ls_fail(LS_INVALID, "%s: takes images (expected an input [height, width, channel])",
                   layer->where);
  }
  layer->output = layer->input;
  return LS_OK;
}

static inline ls_stream augment_stream(const ls_layer *layer, const ls_pass *pass, size_t sample) {
  return (ls_stream){pass->seed, LS_RANDOM_AUGMENTATION, pass->epoch, layer->index,
                     pass->ids[sample]};
}

/* The number between a factor's ends at `share` of the way. A factor is [low, high]; one number f
 * stands for [-f, f], or [0, f] if it isn't symmetric; 0 if there is none. */
static inline double augment_between(const ls_reals *factor, bool symmetric, ls_real share) {
  if (factor->count == 0) return 0;
  double high = factor->values[factor->count - 1];
  double low = factor->count == 2 ? factor->values[0] : symmetric ? -high : 0;
  return low + (double)share * (high - low);
}

/* For `check`: whether the factors among a layer's arguments are of that form. */
static inline const char *augment_check(const ls_arg *args, const void *values) {
  for (const ls_arg *arg = args; arg->name; arg++) {
    if (arg->kind != LS_ARG_REALS) continue;
    const ls_reals *factor = (const ls_reals *)((const char *)values + arg->offset);
    bool left_out = factor->count == 0 && arg->fallback && strcmp(arg->fallback, "null") == 0;
    if (factor->count != 1 && factor->count != 2 && !left_out) {
      return "a factor is of a wrong length (expected a number, or a list of the lowest and the "
             "highest)";
    }
  }
  return NULL;
}

#endif
