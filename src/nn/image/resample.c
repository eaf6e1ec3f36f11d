/* Resampling: the image is copied with a border of the nearest pixels outside of it, and positions
 * are mapped into this padded image, so that no pixel is a special case. */
#include "nn/image/resample.h"

#include <string.h>

enum { REFLECT, CONSTANT, NEAREST };
enum { BILINEAR, NEAREST_PIXEL };
const char *const resample_fill_modes[] = {"reflect", "constant", "nearest", NULL};
const char *const resample_interpolations[] = {"bilinear", "nearest", NULL};

/* One pixel before the first of the image and two behind its last: every position in the padded
 * image has four pixels around it, even on its edge. */
enum { BEFORE = 1, PADDING = 3 };

static size_t cache_lines(size_t count) {
  return (count * sizeof(ls_real) + 63) / 64 * 64;
}

size_t resampler_bytes(const ls_shape *image) {
  size_t height = (size_t)image->extent[0], width = (size_t)image->extent[1];
  size_t channels = (size_t)image->extent[2];
  return 2 * cache_lines(height * width) +
         cache_lines((height + PADDING) * (width + PADDING) * channels);
}

static resampler resampler_create(const resample_args *args, const ls_shape *image, void *memory) {
  resampler r = {.args = args,
                 .height = (size_t)image->extent[0],
                 .width = (size_t)image->extent[1],
                 .channels = (size_t)image->extent[2]};
  size_t field = cache_lines(r.height * r.width);
  r.rows = memory;
  r.columns = (ls_real *)((char *)memory + field);
  r.padded = (ls_real *)((char *)memory + 2 * field);
  return r;
}

/* ---- The padded image ------------------------------------------------------------------------ */

/* Elements of one row of the padded image. */
static size_t padded_row(const resampler *r) {
  return (r->width + PADDING) * r->channels;
}

static void fill(ls_real *out, size_t count, ls_real value) {
  for (size_t i = 0; i < count; i++) out[i] = value;
}

static void pad_image(const resampler *r, const ls_real *x) {
  size_t channels = r->channels, row = r->width * channels, wide = padded_row(r);
  bool constant = r->args->fill_mode == CONSTANT;
  ls_real value = (ls_real)r->args->fill_value, *first = r->padded + BEFORE * wide;
  for (size_t i = 0; i < r->height; i++) {
    ls_real *out = first + i * wide;
    const ls_real *in = x + i * row;
    memcpy(out + channels, in, row * sizeof *out);
    for (size_t c = 0; c < channels; c++) {
      out[c] = constant ? value : in[c];
      out[channels + row + c] = constant ? value : in[row - channels + c];
      out[2 * channels + row + c] = out[channels + row + c];
    }
  }
  ls_real *last = first + r->height * wide;
  if (constant) {
    fill(r->padded, wide, value);
    fill(last, 2 * wide, value);
  } else {
    memcpy(r->padded, first, wide * sizeof *last);
    memcpy(last, last - wide, wide * sizeof *last);
    memcpy(last + wide, last - wide, wide * sizeof *last);
  }
}

static void add(ls_real *sum, const ls_real *more, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += more[i];
}

/* Sets dx from the gradient of the padded image: that of the border belongs to the outermost
 * pixels, unless the border is constant. */
static void unpad_gradient(const resampler *r, ls_real *dx) {
  size_t channels = r->channels, row = r->width * channels, wide = padded_row(r);
  bool constant = r->args->fill_mode == CONSTANT;
  ls_real *first = r->padded + BEFORE * wide, *last = first + (r->height - 1) * wide;
  if (!constant) {
    add(first, first - wide, wide);
    add(last, last + wide, wide);
    add(last, last + 2 * wide, wide);
  }
  for (size_t i = 0; i < r->height; i++) {
    ls_real *own = first + i * wide + channels;
    if (!constant) {
      add(own, own - channels, channels);
      add(own + row - channels, own + row, channels);
      add(own + row - channels, own + row + channels, channels);
    }
    memcpy(dx + i * row, own, row * sizeof *dx);
  }
}

/* ---- Positions ------------------------------------------------------------------------------- */

/* floor(x) for values within the range of int32_t; floor itself isn't vectorised. */
static inline ls_real round_down(ls_real x) {
  ls_real whole = (ls_real)(int32_t)x;
  return whole > x ? whole - 1 : whole;
}

/* Maps positions along a side of `size` pixels to positions in the padded image. */
static void to_padded(const resample_args *a, size_t size, size_t count, ls_real *positions) {
  const ls_real n = (ls_real)size, low = a->fill_mode == NEAREST ? 0 : -1;
  const ls_real high = a->fill_mode == NEAREST ? n - 1 : n;
  const ls_real half = (ls_real)0.5, turns = 1 / (2 * n);
  if (a->interpolation == NEAREST_PIXEL) {
    for (size_t i = 0; i < count; i++) positions[i] = round_down(positions[i] + half);
  }
  if (a->fill_mode == REFLECT) {
    for (size_t i = 0; i < count; i++) {
      ls_real p = positions[i] + half;
      p -= 2 * n * round_down(p * turns);
      positions[i] = (p > n ? 2 * n - p : p) - half;
    }
  }
  for (size_t i = 0; i < count; i++) {
    ls_real p = positions[i] < high ? positions[i] : high;
    positions[i] = (p > low ? p : low) + BEFORE;
  }
}

static void map_positions(const resampler *r) {
  size_t count = r->height * r->width;
  to_padded(r->args, r->height, count, r->rows);
  to_padded(r->args, r->width, count, r->columns);
}

/* The four pixels around a position: the number of the upper left one in the padded image, and the
 * weights of the lower and of the right ones. */
typedef struct corners {
  int32_t at;
  ls_real down, right;
} corners;

static inline corners corners_of(ls_real row, ls_real column, int32_t wide) {
  int32_t i = (int32_t)row, j = (int32_t)column;
  return (corners){i * wide + j, row - (ls_real)i, column - (ls_real)j};
}

static inline ls_real interpolate(ls_real a, ls_real b, ls_real weight) {
  return a + weight * (b - a);
}

/* One channel: a loop of its own, which is vectorised over pixels. */
static void sample_plane(const resampler *r, ls_real *restrict y) {
  const int32_t wide = (int32_t)(r->width + PADDING);
  const ls_real *restrict x = r->padded, *restrict below = r->padded + wide;
  const ls_real *restrict rows = r->rows, *restrict columns = r->columns;
  size_t count = r->height * r->width;
  for (size_t k = 0; k < count; k++) {
    corners c = corners_of(rows[k], columns[k], wide);
    ls_real upper = interpolate(x[c.at], x[c.at + 1], c.right);
    ls_real lower = interpolate(below[c.at], below[c.at + 1], c.right);
    y[k] = interpolate(upper, lower, c.down);
  }
}

static void sample_channels(const resampler *r, ls_real *y) {
  size_t count = r->height * r->width, channels = r->channels, wide = padded_row(r);
  for (size_t k = 0; k < count; k++) {
    corners c = corners_of(r->rows[k], r->columns[k], (int32_t)(r->width + PADDING));
    const ls_real *x = r->padded + (size_t)c.at * channels, *below = x + wide;
    for (size_t i = 0; i < channels; i++) {
      ls_real upper = interpolate(x[i], x[channels + i], c.right);
      ls_real lower = interpolate(below[i], below[channels + i], c.right);
      y[k * channels + i] = interpolate(upper, lower, c.down);
    }
  }
}

/* y from x; y may be x. */
static void resample(const resampler *r, const ls_real *x, ls_real *y) {
  pad_image(r, x);
  map_positions(r);
  if (r->channels == 1) {
    sample_plane(r, y);
  } else {
    sample_channels(r, y);
  }
}

/* The transpose of resample: adds each pixel's gradient to the pixels that its value came from. dx
 * may be dy. */
static void resample_backward(const resampler *r, const ls_real *dy, ls_real *dx) {
  size_t count = r->height * r->width, channels = r->channels, wide = padded_row(r);
  fill(r->padded, (r->height + PADDING) * wide, 0);
  map_positions(r);
  for (size_t k = 0; k < count; k++) {
    corners c = corners_of(r->rows[k], r->columns[k], (int32_t)(r->width + PADDING));
    ls_real *to = r->padded + (size_t)c.at * channels, *below = to + wide;
    for (size_t i = 0; i < channels; i++) {
      ls_real lower = c.down * dy[k * channels + i], upper = dy[k * channels + i] - lower;
      to[i] += upper - c.right * upper;
      to[channels + i] += c.right * upper;
      below[i] += lower - c.right * lower;
      below[channels + i] += c.right * lower;
    }
  }
  unpad_gradient(r, dx);
}

void resample_batch(const ls_layer *layer, const ls_pass *pass, const resample_args *args,
                    bool backward, resample_positions set_positions, void *context) {
  if (backward && !pass->dx) return;
  size_t size = (size_t)ls_shape_size(&layer->input);
  resampler r = resampler_create(args, &layer->input, pass->scratch);
  for (size_t i = 0; i < pass->n; i++) {
    set_positions(layer, pass, i, &r, context);
    if (backward) {
      resample_backward(&r, pass->dy + i * size, pass->dx + i * size);
    } else {
      resample(&r, pass->x + i * size, pass->y + i * size);
    }
  }
}
