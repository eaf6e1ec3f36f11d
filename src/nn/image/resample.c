/* Resampling: the image is copied into a frame that has the outside's nearest pixels, places are
 * folded into that frame, and then no pixel needs to be treated apart. */
#include "nn/image/resample.h"

#include <string.h>

enum { REFLECT, CONSTANT, NEAREST };
enum { BILINEAR, NEAREST_PIXEL };
const char *const resample_fill_modes[] = {"reflect", "constant", "nearest", NULL};
const char *const resample_interpolations[] = {"bilinear", "nearest", NULL};

/* One pixel before the image's first, and two behind its last: a place in the frame has four
 * pixels around it, even where it is a pixel of the frame's edge. */
enum { BEFORE = 1, FRAME = 3 };

static size_t whole_lines(size_t count) {
  return (count * sizeof(ls_real) + 63) / 64 * 64;
}

size_t resampler_bytes(const ls_shape *image) {
  size_t height = (size_t)image->extent[0], width = (size_t)image->extent[1];
  size_t channels = (size_t)image->extent[2];
  return 2 * whole_lines(height * width) +
         whole_lines((height + FRAME) * (width + FRAME) * channels);
}

static resampler resampler_create(const resample_args *args, const ls_shape *image, void *memory) {
  resampler r = {.args = args,
                 .height = (size_t)image->extent[0],
                 .width = (size_t)image->extent[1],
                 .channels = (size_t)image->extent[2]};
  size_t field = whole_lines(r.height * r.width);
  r.rows = memory;
  r.columns = (ls_real *)((char *)memory + field);
  r.padded = (ls_real *)((char *)memory + 2 * field);
  return r;
}

/* ---- The frame ------------------------------------------------------------------------------- */

/* Elements of one row of the frame. */
static size_t frame_row(const resampler *r) {
  return (r->width + FRAME) * r->channels;
}

static void fill(ls_real *out, size_t count, ls_real value) {
  for (size_t i = 0; i < count; i++) out[i] = value;
}

static void put_in_frame(const resampler *r, const ls_real *x) {
  size_t channels = r->channels, row = r->width * channels, wide = frame_row(r);
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

/* The other way: what has come to the frame is the last pixels', unless it is the constant's. */
static void take_from_frame(const resampler *r, ls_real *dx) {
  size_t channels = r->channels, row = r->width * channels, wide = frame_row(r);
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

/* ---- Places ---------------------------------------------------------------------------------- */

/* The largest whole number that isn't above x, of a size that an int has; floor isn't vectorised.
 */
static inline ls_real round_down(ls_real x) {
  ls_real whole = (ls_real)(int32_t)x;
  return whole > x ? whole - 1 : whole;
}

/* Makes places along one side of `size` pixels places in the frame. */
static void fold(const resample_args *a, size_t size, size_t count, ls_real *places) {
  const ls_real n = (ls_real)size, low = a->fill_mode == NEAREST ? 0 : -1;
  const ls_real high = a->fill_mode == NEAREST ? n - 1 : n;
  const ls_real half = (ls_real)0.5, turns = 1 / (2 * n);
  if (a->interpolation == NEAREST_PIXEL) {
    for (size_t i = 0; i < count; i++) places[i] = round_down(places[i] + half);
  }
  if (a->fill_mode == REFLECT) {
    for (size_t i = 0; i < count; i++) {
      ls_real p = places[i] + half;
      p -= 2 * n * round_down(p * turns);
      places[i] = (p > n ? 2 * n - p : p) - half;
    }
  }
  for (size_t i = 0; i < count; i++) {
    ls_real p = places[i] < high ? places[i] : high;
    places[i] = (p > low ? p : low) + BEFORE;
  }
}

static void fold_places(const resampler *r) {
  size_t count = r->height * r->width;
  fold(r->args, r->height, count, r->rows);
  fold(r->args, r->width, count, r->columns);
}

/* The pixels around a place: the upper left one's number in the frame, and the shares of the lower
 * and of the right ones. */
typedef struct corners {
  int32_t at;
  ls_real down, right;
} corners;

static inline corners corners_of(ls_real row, ls_real column, int32_t wide) {
  int32_t i = (int32_t)row, j = (int32_t)column;
  return (corners){i * wide + j, row - (ls_real)i, column - (ls_real)j};
}

static inline ls_real between(ls_real a, ls_real b, ls_real share) {
  return a + share * (b - a);
}

/* One channel: written apart, as it can go many pixels at a time. */
static void sample_plane(const resampler *r, ls_real *restrict y) {
  const int32_t wide = (int32_t)(r->width + FRAME);
  const ls_real *restrict x = r->padded, *restrict below = r->padded + wide;
  const ls_real *restrict rows = r->rows, *restrict columns = r->columns;
  size_t count = r->height * r->width;
  for (size_t k = 0; k < count; k++) {
    corners c = corners_of(rows[k], columns[k], wide);
    ls_real upper = between(x[c.at], x[c.at + 1], c.right);
    ls_real lower = between(below[c.at], below[c.at + 1], c.right);
    y[k] = between(upper, lower, c.down);
  }
}

static void sample_channels(const resampler *r, ls_real *y) {
  size_t count = r->height * r->width, channels = r->channels, wide = frame_row(r);
  for (size_t k = 0; k < count; k++) {
    corners c = corners_of(r->rows[k], r->columns[k], (int32_t)(r->width + FRAME));
    const ls_real *x = r->padded + (size_t)c.at * channels, *below = x + wide;
    for (size_t i = 0; i < channels; i++) {
      ls_real upper = between(x[i], x[channels + i], c.right);
      ls_real lower = between(below[i], below[channels + i], c.right);
      y[k * channels + i] = between(upper, lower, c.down);
    }
  }
}

/* y from x; y may be x. */
static void resample(const resampler *r, const ls_real *x, ls_real *y) {
  put_in_frame(r, x);
  fold_places(r);
  if (r->channels == 1) {
    sample_plane(r, y);
  } else {
    sample_channels(r, y);
  }
}

/* The transpose of resample: each pixel's gradient goes back to where its value came from. dx may
 * be dy. */
static void resample_backward(const resampler *r, const ls_real *dy, ls_real *dx) {
  size_t count = r->height * r->width, channels = r->channels, wide = frame_row(r);
  fill(r->padded, (r->height + FRAME) * wide, 0);
  fold_places(r);
  for (size_t k = 0; k < count; k++) {
    corners c = corners_of(r->rows[k], r->columns[k], (int32_t)(r->width + FRAME));
    ls_real *to = r->padded + (size_t)c.at * channels, *below = to + wide;
    for (size_t i = 0; i < channels; i++) {
      ls_real lower = c.down * dy[k * channels + i], upper = dy[k * channels + i] - lower;
      to[i] += upper - c.right * upper;
      to[channels + i] += c.right * upper;
      below[i] += lower - c.right * lower;
      below[channels + i] += c.right * lower;
    }
  }
  take_from_frame(r, dx);
}

void resample_batch(const ls_layer *layer, const ls_pass *pass, const resample_args *args,
                    bool backward, resample_place place, void *context) {
  if (backward && !pass->dx) return;
  size_t size = (size_t)ls_shape_size(&layer->input);
  resampler r = resampler_create(args, &layer->input, pass->scratch);
  for (size_t i = 0; i < pass->n; i++) {
    place(layer, pass, i, &r, context);
    if (backward) {
      resample_backward(&r, pass->dy + i * size, pass->dx + i * size);
    } else {
      resample(&r, pass->x + i * size, pass->y + i * size);
    }
  }
}
