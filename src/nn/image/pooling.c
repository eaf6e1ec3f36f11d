/* Pooling. The innermost loops run over channels, which are contiguous. Sizes and padding are those
 * of Keras and TensorFlow: "same" gives ceil(in / stride) windows, with the padding divided between
 * both ends and the odd pixel at the far one. */
#include "nn/image/pooling.h"

#include "nn/image/image.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* ---- Arguments and shapes -------------------------------------------------------------------- */

enum { VALID, SAME };
static const char *const paddings[] = {"valid", "same", NULL};

const ls_arg pooling_arguments[] = {
    {"pool_size", LS_ARG_REALS, offsetof(pooling_args, pool_size), "2",
     "height and width of a window, or one number for both", IMAGE_PAIR, .max = INT_MAX,
     .flags = LS_INTEGERS},
    {"strides", LS_ARG_REALS, offsetof(pooling_args, strides), "null",
     "steps from window to window; default: pool_size", IMAGE_PAIR, .max = INT_MAX,
     .flags = LS_INTEGERS},
    {"padding", LS_ARG_WORD, offsetof(pooling_args, padding), "valid",
     "valid: windows within the image; same: ceil(size / stride) windows", .words = paddings},
    LS_LAYER_ARGS,
    {NULL},
};

/* All but the output, which `build` computes. */
static pooling windows_of(const ls_layer *layer) {
  const pooling_args *a = layer->args;
  pooling p = {.channels = (size_t)layer->input.extent[2]};
  for (size_t d = 0; d < 2; d++) {
    p.in[d] = (size_t)layer->input.extent[d];
    p.size[d] = image_pair(&a->pool_size, d);
    p.stride[d] = image_pair(a->strides.count > 0 ? &a->strides : &a->pool_size, d);
  }
  return p;
}

pooling pooling_of(const ls_layer *layer) {
  pooling p = windows_of(layer);
  for (size_t d = 0; d < 2; d++) {
    p.out[d] = (size_t)layer->output.extent[d];
    size_t covered = (p.out[d] - 1) * p.stride[d] + p.size[d];
    p.before[d] = covered > p.in[d] ? (covered - p.in[d]) / 2 : 0;
  }
  return p;
}

pooling pooling_global(const ls_layer *layer) {
  size_t height = (size_t)layer->input.extent[0], width = (size_t)layer->input.extent[1];
  return (pooling){.in = {height, width},
                   .out = {1, 1},
                   .channels = (size_t)layer->input.extent[2],
                   .size = {height, width},
                   .stride = {height, width}};
}

/* Positions in a sample are kept in 32 bits. */
static int check_size(const ls_layer *layer) {
  int status = image_check(layer);
  if (status != LS_OK) return status;
  if (ls_shape_size(&layer->input) > UINT32_MAX) {
    return ls_fail(LS_INVALID,
                   "%s: an image has %" PRId64 " elements (expected at most %" PRIu32 ")",
                   layer->where, ls_shape_size(&layer->input), UINT32_MAX);
  }
  return LS_OK;
}

int pooling_build(ls_layer *layer) {
  int status = check_size(layer);
  if (status != LS_OK) return status;
  const pooling_args *a = layer->args;
  pooling p = windows_of(layer);
  layer->output = layer->input;
  for (size_t d = 0; d < 2; d++) {
    bool same = a->padding == SAME;
    if (!same && p.size[d] > p.in[d]) {
      return ls_fail(LS_INVALID, "%s: the window is %zu x %zu, but the image %zu x %zu",
                     layer->where, p.size[0], p.size[1], p.in[0], p.in[1]);
    }
    size_t room = same ? p.in[d] - 1 : p.in[d] - p.size[d];
    layer->output.extent[d] = (int64_t)(room / p.stride[d] + 1);
  }
  layer->flops = (double)ls_shape_size(&layer->output) * (double)p.size[0] * (double)p.size[1];
  return LS_OK;
}

int pooling_build_global(ls_layer *layer) {
  int status = check_size(layer);
  if (status != LS_OK) return status;
  layer->output = (ls_shape){1, {layer->input.extent[2]}};
  layer->flops = (double)ls_shape_size(&layer->input);
  return LS_OK;
}

/* ---- Windows ------------------- ------------------------------------------------------------- */

/* The pixels of dimension d that window i covers. */
typedef struct span {
  size_t first, end;
} span;

static span span_of(const pooling *p, size_t d, size_t i) {
  size_t at = i * p->stride[d], end = at + p->size[d] - p->before[d];
  return (span){at > p->before[d] ? at - p->before[d] : 0, end < p->in[d] ? end : p->in[d]};
}

static size_t sample_size(const pooling *p, const size_t extent[2]) {
  return extent[0] * extent[1] * p->channels;
}

/* ---- Maximum --------------------------------------------------------------------------------- */

/* Pixels that are compared together, so that maxima are loaded and stored once for all of them. */
enum { TOGETHER = 4 };

/* Updates the maxima of all channels with pixels of the sample x, whose first elements are at[k];
 * begins: the maxima are those of these pixels alone. */
static inline __attribute__((always_inline)) void update(size_t channels, const ls_real *restrict x,
                                                         const size_t *restrict at, int pixels,
                                                         bool begins, ls_real *restrict y,
                                                         uint32_t *restrict index) {
  const size_t first = at[0];
  for (size_t c = 0; c < channels; c++) {
    ls_real most = begins ? x[first + c] : y[c];
    uint32_t place = begins ? (uint32_t)(first + c) : index[c];
    for (int k = begins ? 1 : 0; k < pixels; k++) {
      const ls_real value = x[at[k] + c];
      const bool larger = value > most || value != value; /* or NaN */
      most = larger ? value : most;
      place = larger ? (uint32_t)(at[k] + c) : place;
    }
    y[c] = most;
    index[c] = place;
  }
}

static void update_maxima(size_t channels, const ls_real *x, const size_t at[TOGETHER], int pixels,
                          bool begins, ls_real *y, uint32_t *index) {
  if (pixels == TOGETHER && begins) {
    update(channels, x, at, TOGETHER, true, y, index);
  } else if (pixels == TOGETHER) {
    update(channels, x, at, TOGETHER, false, y, index);
  } else {
    update(channels, x, at, 1, begins, y, index);
    for (int k = 1; k < pixels; k++) update(channels, x, at + k, 1, false, y, index);
  }
}

/* The maximum over one window of the sample x. */
static void max_of_window(const pooling *p, span rows, span columns, const ls_real *x, ls_real *y,
                          uint32_t *index) {
  size_t at[TOGETHER];
  int pixels = 0;
  bool begins = true;
  for (size_t i = rows.first; i < rows.end; i++) {
    for (size_t j = columns.first; j < columns.end; j++) {
      at[pixels++] = (i * p->in[1] + j) * p->channels;
      if (pixels < TOGETHER) continue;
      update_maxima(p->channels, x, at, pixels, begins, y, index);
      begins = false;
      pixels = 0;
    }
  }
  if (pixels > 0) update_maxima(p->channels, x, at, pixels, begins, y, index);
}

void pooling_max(const pooling *p, size_t n, const ls_real *x, ls_real *y, uint32_t *index) {
  for (size_t s = 0; s < n; s++, x += sample_size(p, p->in)) {
    for (size_t i = 0; i < p->out[0]; i++) {
      span rows = span_of(p, 0, i);
      for (size_t j = 0; j < p->out[1]; j++, y += p->channels, index += p->channels) {
        max_of_window(p, rows, span_of(p, 1, j), x, y, index);
      }
    }
  }
}

void pooling_max_gradient(const pooling *p, size_t n, const uint32_t *index, const ls_real *dy,
                          ls_real *dx) {
  size_t in = sample_size(p, p->in), out = sample_size(p, p->out);
  for (size_t s = 0; s < n; s++, dx += in, dy += out, index += out) {
    memset(dx, 0, in * sizeof *dx);
    for (size_t k = 0; k < out; k++) dx[index[k]] += dy[k];
  }
}

/* ---- Mean ------------------------------------------------------------------------------------ */

/* The factor of each pixel in the mean. */
static ls_real mean_factor(span rows, span columns) {
  return 1 / (ls_real)((rows.end - rows.first) * (columns.end - columns.first));
}

static void mean_of_window(const pooling *p, span rows, span columns, const ls_real *restrict x,
                           ls_real *restrict y) {
  memset(y, 0, p->channels * sizeof *y);
  for (size_t i = rows.first; i < rows.end; i++) {
    for (size_t j = columns.first; j < columns.end; j++) {
      const ls_real *pixel = x + (i * p->in[1] + j) * p->channels;
      for (size_t c = 0; c < p->channels; c++) y[c] += pixel[c];
    }
  }
  const ls_real factor = mean_factor(rows, columns);
  for (size_t c = 0; c < p->channels; c++) y[c] *= factor;
}

void pooling_mean(const pooling *p, size_t n, const ls_real *x, ls_real *y) {
  for (size_t s = 0; s < n; s++, x += sample_size(p, p->in)) {
    for (size_t i = 0; i < p->out[0]; i++) {
      span rows = span_of(p, 0, i);
      for (size_t j = 0; j < p->out[1]; j++, y += p->channels) {
        mean_of_window(p, rows, span_of(p, 1, j), x, y);
      }
    }
  }
}

/* Adds the gradient of one window to its pixels. */
static void add_to_window(const pooling *p, span rows, span columns, const ls_real *restrict dy,
                          ls_real *restrict dx) {
  const ls_real factor = mean_factor(rows, columns);
  for (size_t i = rows.first; i < rows.end; i++) {
    for (size_t j = columns.first; j < columns.end; j++) {
      ls_real *pixel = dx + (i * p->in[1] + j) * p->channels;
      for (size_t c = 0; c < p->channels; c++) pixel[c] += dy[c] * factor;
    }
  }
}

void pooling_mean_gradient(const pooling *p, size_t n, const ls_real *dy, ls_real *dx) {
  size_t in = sample_size(p, p->in);
  for (size_t s = 0; s < n; s++, dx += in) {
    memset(dx, 0, in * sizeof *dx);
    for (size_t i = 0; i < p->out[0]; i++) {
      span rows = span_of(p, 0, i);
      for (size_t j = 0; j < p->out[1]; j++, dy += p->channels) {
        add_to_window(p, rows, span_of(p, 1, j), dy, dx);
      }
    }
  }
}
