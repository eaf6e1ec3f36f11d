/* Resampling: an image made of another one through a field of places, for the layers that move,
 * turn and bend images.
 *
 * Each pixel of the output has a place (row, column) in the input, in pixels, of which the first is
 * 0; its value is interpolated there. What lies outside of the input is filled. Names and meanings
 * are those of keras.ops.image.affine_transform, but for `wrap`, which isn't offered:
 *   reflect   (d c b a | a b c d | d c b a)
 *   constant  (k k k k | a b c d | k k k k), between the last pixel and the next place linear
 *   nearest   (a a a a | a b c d | d d d d)
 * Images are [height, width, channel]. All functions are local. */
#ifndef LS_NN_IMAGE_RESAMPLE_H
#define LS_NN_IMAGE_RESAMPLE_H

#include "lockstep/layer.h"

typedef struct resample_args {
  int fill_mode, interpolation;
  double fill_value;
} resample_args;

extern const char *const resample_fill_modes[], *const resample_interpolations[];

/* The arguments of a layer whose struct, of that type, has a resample_args named `resample`. */
#define RESAMPLE_ARGS(type)                                                                        \
  {"fill_mode",                                                                                    \
   LS_ARG_WORD,                                                                                    \
   offsetof(type, resample.fill_mode),                                                             \
   "reflect",                                                                                      \
   "values outside of the image",                                                                  \
   .words = resample_fill_modes},                                                                  \
      {"interpolation",                                                                            \
       LS_ARG_WORD,                                                                                \
       offsetof(type, resample.interpolation),                                                     \
       "bilinear",                                                                                 \
       "interpolation between pixels",                                                             \
       .words = resample_interpolations},                                                          \
  {                                                                                                \
    "fill_value", LS_ARG_REAL, offsetof(type, resample.fill_value), "0",                           \
        "value outside of the image, with fill_mode constant"                                      \
  }

/* `rows` and `columns`, [height, width], are for a resample_place to set. */
typedef struct resampler {
  const resample_args *args;
  size_t height, width, channels;
  ls_real *rows, *columns;
  ls_real *padded;
} resampler;

/* The memory that a resampler of images of that shape needs, a multiple of 64 bytes. */
size_t resampler_bytes(const ls_shape *image);

/* Sets the places of one sample of a batch. */
typedef void (*resample_place)(const ls_layer *layer, const ls_pass *pass, size_t sample,
                               const resampler *r, void *context);

/* A layer's forward in training, or its backward where dx is asked for, sample by sample. The
 * layer's scratch memory begins with resampler_bytes. */
void resample_batch(const ls_layer *layer, const ls_pass *pass, const resample_args *args,
                    bool backward, resample_place place, void *context);

#endif
