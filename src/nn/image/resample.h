/* Resampling: the pixels of one image interpolated at given positions of another, for the layers
 * that move, rotate and distort images.
 *
 * Each pixel of the output has a position (row, column) in the input, in pixels from 0; its value
 * is interpolated there. Positions outside of the input are filled. Names and meanings are those of
 * keras.ops.image.affine_transform, without `wrap`:
 *   reflect   (d c b a | a b c d | d c b a)
 *   constant  (k k k k | a b c d | k k k k), linear between the last pixel and the next position
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

/* The arguments of a layer whose struct `type` has a member `resample` of type resample_args. */
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

/* The memory to resample one image. */
typedef struct resampler {
  const resample_args *args;
  size_t height, width, channels; /* of the image */
  ls_real *rows;                  /* [height, width], the rows of the positions */
  ls_real *columns;               /* [height, width], their columns */
  ls_real *padded;                /* the image with a border */
} resampler;

/* Returns the bytes that a resampler needs for images of this shape, a multiple of 64. */
size_t resampler_bytes(const ls_shape *image);

/* Sets r->rows and r->columns for one sample of a batch. */
typedef void (*resample_positions)(const ls_layer *layer, const ls_pass *pass, size_t sample,
                                   const resampler *r, void *context);

/* A layer's forward in training, or its backward, sample by sample. The layer's scratch memory
 * begins with resampler_bytes. */
void resample_batch(const ls_layer *layer, const ls_pass *pass, const resample_args *args,
                    bool backward, resample_positions set_positions, void *context);

#endif
