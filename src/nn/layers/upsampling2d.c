/* upsampling2d: enlarges an image by integer factors, with the arguments of
 * keras.layers.UpSampling2D. nearest repeats pixels; bilinear is TensorFlow's resize with centres
 * of pixels at halves: output pixel i lies at (i + 1/2) / factor - 1/2 of the input, and beyond the
 * outermost centres the edge is repeated. */
#include "nn/families.h"
#include "nn/image/image.h"

#include <inttypes.h>
#include <string.h>

enum { NEAREST, BILINEAR };
static const char *const interpolations[] = {"nearest", "bilinear", NULL};

typedef struct upsampling_args {
  ls_layer_args base;
  ls_reals size;
  int interpolation;
} upsampling_args;

static const ls_arg args[] = {
    {"size", LS_ARG_REALS, offsetof(upsampling_args, size), "2",
     "factors for height and width, or one number for both", IMAGE_PAIR, .max = 1024,
     .flags = LS_INTEGERS},
    {"interpolation", LS_ARG_WORD, offsetof(upsampling_args, interpolation), "nearest",
     "interpolation between the pixels of the input", .words = interpolations},
    LS_LAYER_ARGS,
    {NULL},
};

/* The rows or columns of the input between which one of the output lies, and the weight of `high`.
 */
typedef struct neighbours {
  size_t low, high;
  ls_real weight;
} neighbours;

static int build(ls_layer *layer) {
  const upsampling_args *a = layer->args;
  int status = image_check(layer);
  if (status != LS_OK) return status;
  layer->output = layer->input;
  double elements = (double)ls_shape_size(&layer->input);
  for (size_t d = 0; d < 2; d++) {
    size_t factor = image_pair(&a->size, d);
    elements *= (double)factor;
    layer->output.extent[d] *= (int64_t)factor;
  }
  if (elements > UINT32_MAX) {
    return ls_fail(LS_INVALID, "%s: makes %.0f elements (expected at most %" PRIu32 ")",
                   layer->where, elements, UINT32_MAX);
  }
  layer->scratch_bytes = (size_t)layer->output.extent[1] * sizeof(neighbours);
  layer->flops = (a->interpolation == BILINEAR ? 8 : 1) * elements;
  return LS_OK;
}

static neighbours neighbours_of(const ls_layer *layer, size_t d, size_t i) {
  const upsampling_args *a = layer->args;
  size_t in = (size_t)layer->input.extent[d], factor = (size_t)layer->output.extent[d] / in;
  if (a->interpolation == NEAREST) return (neighbours){i / factor, i / factor, 0};
  if (2 * i + 1 <= factor) return (neighbours){0, 0, 0};
  size_t twice = 2 * i + 1 - factor, low = twice / (2 * factor), rest = twice % (2 * factor);
  if (rest == 0 || low + 1 == in) return (neighbours){low, low, 0};
  return (neighbours){low, low + 1, (ls_real)rest / (ls_real)(2 * factor)};
}

/* The pixels of the input from which a pixel of the output is computed. */
typedef struct corners {
  size_t count;
  size_t at[4]; /* of their first channel */
  ls_real weight[4];
} corners;

static corners corners_of(const ls_layer *layer, neighbours row, neighbours column) {
  size_t width = (size_t)layer->input.extent[1], channels = (size_t)layer->input.extent[2];
  const size_t rows[] = {row.low, row.high}, columns[] = {column.low, column.high};
  const ls_real by_row[] = {1 - row.weight, row.weight};
  const ls_real by_column[] = {1 - column.weight, column.weight};
  corners c = {0};
  for (size_t i = 0; i < 2; i++) {
    for (size_t j = 0; j < 2; j++) {
      if (by_row[i] == 0 || by_column[j] == 0) continue;
      c.at[c.count] = (rows[i] * width + columns[j]) * channels;
      c.weight[c.count++] = by_row[i] * by_column[j];
    }
  }
  return c;
}

/* The neighbours of all columns, computed once. */
static const neighbours *columns_of(const ls_layer *layer, const ls_pass *pass) {
  neighbours *columns = pass->scratch;
  size_t count = (size_t)layer->output.extent[1];
  for (size_t j = 0; j < count; j++) columns[j] = neighbours_of(layer, 1, j);
  return columns;
}

static void interpolate(const corners *from, size_t channels, const ls_real *restrict x,
                        ls_real *restrict y) {
  for (size_t k = 0; k < from->count; k++) {
    const ls_real *pixel = x + from->at[k], weight = from->weight[k];
    if (k == 0) {
      for (size_t c = 0; c < channels; c++) y[c] = weight * pixel[c];
    } else {
      for (size_t c = 0; c < channels; c++) y[c] += weight * pixel[c];
    }
  }
}

/* Adds the gradient of a pixel to that of its corners. */
static void scatter_add(const corners *to, size_t channels, const ls_real *restrict dy,
                        ls_real *restrict dx) {
  for (size_t k = 0; k < to->count; k++) {
    ls_real *pixel = dx + to->at[k];
    const ls_real weight = to->weight[k];
    for (size_t c = 0; c < channels; c++) pixel[c] += weight * dy[c];
  }
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  size_t rows = (size_t)layer->output.extent[0], columns = (size_t)layer->output.extent[1];
  size_t channels = (size_t)layer->output.extent[2], in = (size_t)ls_shape_size(&layer->input);
  const neighbours *column = columns_of(layer, pass);
  ls_real *y = pass->y;
  for (size_t s = 0; s < pass->n; s++) {
    for (size_t i = 0; i < rows; i++) {
      neighbours row = neighbours_of(layer, 0, i);
      for (size_t j = 0; j < columns; j++, y += channels) {
        corners from = corners_of(layer, row, column[j]);
        interpolate(&from, channels, pass->x + s * in, y);
      }
    }
  }
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx) return;
  size_t rows = (size_t)layer->output.extent[0], columns = (size_t)layer->output.extent[1];
  size_t channels = (size_t)layer->output.extent[2], in = (size_t)ls_shape_size(&layer->input);
  const neighbours *column = columns_of(layer, pass);
  const ls_real *dy = pass->dy;
  memset(pass->dx, 0, pass->n * in * sizeof *pass->dx);
  for (size_t s = 0; s < pass->n; s++) {
    for (size_t i = 0; i < rows; i++) {
      neighbours row = neighbours_of(layer, 0, i);
      for (size_t j = 0; j < columns; j++, dy += channels) {
        corners to = corners_of(layer, row, column[j]);
        scatter_add(&to, channels, dy, pass->dx + s * in);
      }
    }
  }
}

const ls_layer_type ls_layer_upsampling2d = {
    .component = {"upsampling2d", "enlarges an image by integer factors", sizeof(upsampling_args),
                  args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .keras_class = "UpSampling2D",
};
