/* random_translation, random_rotation, random_zoom: images moved, rotated and zoomed at random
 * in training, as by the layers of Keras 3 of these names, except that each sample has random
 * numbers of its own (see augment.h), and that there is no `wrap`. random_affine does all of this
 * and shears in one resampling, which is faster and leaves images sharper than one layer after
 * another; it has no counterpart in Keras, and its zoom, shear, rotation and translation, in this
 * order, have the meaning of the single layers', the shear being keras.layers.RandomShear's
 * x_factor about the image's centre.
 *
 * A pixel o of the output has the value at the position s of the input with, in (column, row),
 *   s = c + Z S R (o - c - t),  c = ((width - 1) / 2, (height - 1) / 2),
 *   Z = diag(1 + zoom),  S = [[1, shear], [0, 1]],  R = [[cos, -sin], [sin, cos]]:
 * positive factors zoom out, shift the lower half to the left, turn counter-clockwise, and move
 * right and down. */
#include "base/elementary.h"
#include "nn/image/augment.h"
#include "nn/image/resample.h"

#include <math.h>

typedef struct affine_args {
  ls_layer_args base;
  ls_reals rotation, shear, height_zoom, width_zoom, height_translation, width_translation;
  resample_args resample;
} affine_args;

#define FACTOR(name, member, fallback, purpose)                                                    \
  {                                                                                                \
    name, LS_ARG_REALS, offsetof(affine_args, member), fallback, purpose ", or [lowest, highest]", \
        .min = -1, .max = 1, .min_items = 1, .max_items = 2                                        \
  }

static const ls_arg translation_table[] = {
    FACTOR("height_factor", height_translation, NULL, "largest shift as a fraction of the height"),
    FACTOR("width_factor", width_translation, NULL, "largest shift as a fraction of the width"),
    RESAMPLE_ARGS(affine_args),
    LS_LAYER_ARGS,
    {NULL},
};

static const ls_arg rotation_table[] = {
    FACTOR("factor", rotation, NULL, "largest rotation, in turns"),
    RESAMPLE_ARGS(affine_args),
    LS_LAYER_ARGS,
    {NULL},
};

static const ls_arg zoom_table[] = {
    FACTOR("height_factor", height_zoom, NULL, "largest zoom"),
    FACTOR("width_factor", width_zoom, "null", "the same for the width; default: as the height"),
    RESAMPLE_ARGS(affine_args),
    LS_LAYER_ARGS,
    {NULL},
};

static const ls_arg affine_table[] = {
    FACTOR("rotation", rotation, "0", "largest rotation, in turns"),
    FACTOR("shear", shear, "0", "largest shear, in pixels to the side per pixel down"),
    FACTOR("height_zoom", height_zoom, "0", "largest zoom"),
    FACTOR("width_zoom", width_zoom, "null", "the same for the width; default: as the height"),
    FACTOR("height_translation", height_translation, "0",
           "largest shift as a fraction of the height"),
    FACTOR("width_translation", width_translation, "0", "largest shift as a fraction of the width"),
    RESAMPLE_ARGS(affine_args),
    LS_LAYER_ARGS,
    {NULL},
};

/* ---- One sample's transformation ------------------------------------------------------------- */

/* Positions as a linear function of the pixel of the output, (column, row). */
typedef struct affine {
  double column[2], row[2], origin[2];
} affine;

static affine draw(const ls_layer *layer, const ls_pass *pass, size_t sample) {
  const affine_args *a = layer->args;
  double height = (double)layer->input.extent[0], width = (double)layer->input.extent[1];
  ls_real u[6];
  ls_random_uniform(augment_stream(layer, pass, sample), 0, 6, u);
  double cosine, sine, shear = augment_value(&a->shear, true, u[1]);
  ls_cos_sin(augment_value(&a->rotation, true, u[0]), &cosine, &sine);
  bool as_height = a->width_zoom.count == 0;
  double tall = 1 + augment_value(&a->height_zoom, true, u[2]);
  double broad = as_height ? tall : 1 + augment_value(&a->width_zoom, true, u[3]);
  double down = height * augment_value(&a->height_translation, true, u[4]);
  double right = width * augment_value(&a->width_translation, true, u[5]);

  affine t = {{broad * (cosine + shear * sine), broad * (shear * cosine - sine)},
              {tall * sine, tall * cosine},
              {(width - 1) / 2, (height - 1) / 2}};
  double x = t.origin[0] + right, y = t.origin[1] + down;
  t.origin[0] -= t.column[0] * x + t.column[1] * y;
  t.origin[1] -= t.row[0] * x + t.row[1] * y;
  return t;
}

static void set_positions(const ls_layer *layer, const ls_pass *pass, size_t sample,
                          const resampler *r, void *context) {
  (void)context;
  const affine t = draw(layer, pass, sample);
  const ls_real column_step = (ls_real)t.column[0], row_step = (ls_real)t.row[0];
  for (size_t i = 0; i < r->height; i++) {
    ls_real *columns = r->columns + i * r->width, *rows = r->rows + i * r->width;
    const ls_real column = (ls_real)(t.origin[0] + t.column[1] * (double)i);
    const ls_real row = (ls_real)(t.origin[1] + t.row[1] * (double)i);
    for (size_t j = 0; j < r->width; j++) columns[j] = column + column_step * (ls_real)j;
    for (size_t j = 0; j < r->width; j++) rows[j] = row + row_step * (ls_real)j;
  }
}

/* ---- The layers ------------------------------------------------------------------------------ */

static int build(ls_layer *layer) {
  if (augment_build(layer) != LS_OK) return LS_INVALID;
  layer->scratch_bytes = resampler_bytes(&layer->input);
  layer->flops = 20 * (double)ls_shape_size(&layer->input);
  return LS_OK;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const affine_args *a = layer->args;
  if (pass->training) {
    resample_batch(layer, pass, &a->resample, false, set_positions, NULL);
  } else {
    identity_forward(layer, pass);
  }
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  const affine_args *a = layer->args;
  resample_batch(layer, pass, &a->resample, true, set_positions, NULL);
}

#define LAYER(kind, purpose)                                                                       \
  const ls_layer_type ls_layer_random_##kind = {                                                   \
      .component = {"random_" #kind, purpose, sizeof(affine_args), kind##_table},                  \
      .build = build,                                                                              \
      .forward = forward,                                                                          \
      .backward = backward,                                                                        \
      .memory = LS_OVERWRITE,                                                                      \
      .training_only = true,                                                                       \
      .keras_class = "",                                                                           \
  };

LAYER(translation, "in training, shifts each image at random, down and to the right where positive")
LAYER(rotation, "in training, rotates each image at random, counterclockwise where positive")
LAYER(zoom, "in training, zooms each image at random, out where positive")
LAYER(affine,
      "in training, zooms, shears, rotates and shifts each image at random, in one resampling")
