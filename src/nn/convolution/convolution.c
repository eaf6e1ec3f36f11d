/* Convolution by patches: what the kernel sees of the image, for each pixel of the output, is a row
 * of a matrix (im2col, here stored transposed, which makes long copies of few channels), and the
 * convolution a product of that with the kernel. Some rows of pixels are done at a time, so that
 * their patches stay in the cache; backward makes them once more rather than keep them. */
#include "nn/convolution/convolution.h"

#include "nn/blas.h"
#include "nn/convolution/winograd.h"

#include <stdbool.h>
#include <string.h>

enum { CACHED = 1 << 16 }; /* reals of patches at a time */

/* ---- Shapes ------------------------------------------------------------------------------------
 */

size_t convolution_reach(const convolution *c, size_t d) {
  return (c->kernel[d] - 1) * c->dilation[d] + 1;
}

void convolution_pad_same(convolution *c, size_t d) {
  c->out[d] = (c->image[d] + c->stride[d] - 1) / c->stride[d];
  size_t covered = (c->out[d] - 1) * c->stride[d] + convolution_reach(c, d);
  c->before[d] = covered > c->image[d] ? (covered - c->image[d]) / 2 : 0;
}

void convolution_pad_none(convolution *c, size_t d) {
  c->out[d] = (c->image[d] - convolution_reach(c, d)) / c->stride[d] + 1;
  c->before[d] = 0;
}

static size_t patch_size(const convolution *c) {
  return c->kernel[0] * c->kernel[1] * c->in;
}

/* Rows of pixels of the output that are done at a time. */
static size_t rows_at_once(const convolution *c) {
  size_t fit = CACHED / (c->out[1] * patch_size(c));
  return fit < 1 ? 1 : fit < c->out[0] ? fit : c->out[0];
}

size_t convolution_scratch(const convolution *c) {
  if (winograd_applies(c)) return winograd_scratch(c);
  return rows_at_once(c) * c->out[1] * patch_size(c);
}

/* ---- Patches -----------------------------------------------------------------------------------
 */

/* Whether the image is its own matrix of patches, [pixel, in]. */
static bool is_pointwise(const convolution *c) {
  bool pointwise = true;
  for (size_t d = 0; d < 2; d++) pointwise &= c->kernel[d] == 1 && c->stride[d] == 1;
  return pointwise;
}

/* Pixels [first, end) of the output, along dimension d, for which pixel k of the kernel lies within
 * the image. */
typedef struct span {
  size_t first, end;
} span;

static span find_span(const convolution *c, size_t d, size_t k) {
  size_t offset = k * c->dilation[d], before = c->before[d], stride = c->stride[d];
  size_t limit = c->image[d] + before; /* above i stride + offset */
  span s = {offset < before ? (before - offset + stride - 1) / stride : 0,
            offset < limit ? (limit - offset + stride - 1) / stride : 0};
  if (s.end > c->out[d]) s.end = c->out[d];
  if (s.first > s.end) s.first = s.end;
  return s;
}

/* `count` elements from places in the image that are `step` apart. */
static void take(size_t count, size_t step, const ls_real *restrict image, ls_real *restrict row) {
  if (step == 1) {
    for (size_t i = 0; i < count; i++) row[i] = image[i];
  } else {
    for (size_t i = 0; i < count; i++) row[i] = image[i * step];
  }
}

/* Adds them to such places. */
static void give(size_t count, size_t step, const ls_real *restrict row, ls_real *restrict image) {
  if (step == 1) {
    for (size_t i = 0; i < count; i++) image[i] += row[i];
  } else {
    for (size_t i = 0; i < count; i++) image[i * step] += row[i];
  }
}

/* The patches that belong to rows [first, end) of the output, [element of the patch, pixel]: taken
 * from the image or, back, added to it. */
static void move_patches(const convolution *c, ls_real *x, size_t first, size_t end,
                         ls_real *patches, bool back) {
  size_t step = c->stride[1] * c->in, width = c->out[1];
  for (size_t k = 0; k < patch_size(c); k++) {
    size_t a = k / c->in / c->kernel[1], b = k / c->in % c->kernel[1];
    span high = find_span(c, 0, a), wide = find_span(c, 1, b);
    for (size_t i = first; i < end; i++, patches += width) {
      span part = i >= high.first && i < high.end ? wide : (span){0, 0};
      if (!back && part.end - part.first < width) memset(patches, 0, width * sizeof *patches);
      if (part.first == part.end) continue;
      size_t row = i * c->stride[0] + a * c->dilation[0] - c->before[0];
      size_t column = part.first * c->stride[1] + b * c->dilation[1] - c->before[1];
      ls_real *image = x + (row * c->image[1] + column) * c->in + k % c->in;
      size_t count = part.end - part.first;
      if (back) give(count, step, patches + part.first, image);
      if (!back) take(count, step, image, patches + part.first);
    }
  }
}

/* ---- Passes ------------------------------------------------------------------------------------
 */

static void add(size_t count, const ls_real *restrict from, ls_real *restrict to) {
  for (size_t i = 0; i < count; i++) to[i] += from[i];
}

void convolution_add_bias(size_t rows, size_t width, const ls_real *bias, ls_real *y) {
  for (size_t i = 0; i < rows; i++) add(width, bias, y + i * width);
}

/* Four rows at a time, so that the sum is fetched and stored less often. */
void convolution_add_rows(size_t rows, size_t width, const ls_real *restrict y,
                          ls_real *restrict sum) {
  for (; rows >= 4; rows -= 4, y += 4 * width) {
    const ls_real *second = y + width, *third = second + width, *fourth = third + width;
    for (size_t j = 0; j < width; j++) sum[j] += (y[j] + second[j]) + (third[j] + fourth[j]);
  }
  for (; rows > 0; rows--, y += width) add(width, y, sum);
}

void convolution_transpose_kernel(const convolution *c, const ls_real *kernel,
                                  ls_real *transposed) {
  size_t in = c->in, out = c->filters;
  for (size_t k = 0; k < c->kernel[0] * c->kernel[1]; k++, kernel += in * out) {
    for (size_t j = 0; j < out; j++) {
      for (size_t i = 0; i < in; i++) *transposed++ = kernel[i * out + j];
    }
  }
}

/* One sample; rows of pixels [first, end) of the output. */
static void rows_forward(const convolution *c, const convolution_pass *pass, const ls_real *x,
                         ls_real *y, size_t first, size_t end) {
  size_t pixels = (end - first) * c->out[1], size = patch_size(c), at = first * c->out[1];
  y += at * c->filters;
  if (is_pointwise(c)) {
    ls_gemm(LS_PLAIN, LS_PLAIN, pixels, c->filters, size, x + at * c->in, pass->kernel, y);
  } else {
    move_patches(c, (ls_real *)x, first, end, pass->scratch, false);
    ls_gemm(LS_TRANSPOSED, LS_PLAIN, pixels, c->filters, size, pass->scratch, pass->kernel, y);
  }
  if (pass->bias) convolution_add_bias(pixels, c->filters, pass->bias, y);
}

void convolution_forward(const convolution *c, const convolution_pass *pass) {
  if (winograd_applies(c)) {
    winograd_forward(c, pass);
    return;
  }
  size_t image = c->image[0] * c->image[1] * c->in, out = c->out[0] * c->out[1] * c->filters;
  size_t rows = rows_at_once(c);
  for (size_t n = 0; n < pass->n; n++) {
    for (size_t i = 0; i < c->out[0]; i += rows) {
      size_t end = i + rows < c->out[0] ? i + rows : c->out[0];
      rows_forward(c, pass, pass->x + n * image, pass->y + n * out, i, end);
    }
  }
}

/* Adds to the gradients that are wanted. */
static void rows_backward(const convolution *c, const convolution_pass *pass, const ls_real *x,
                          const ls_real *dy, ls_real *dx, size_t first, size_t end) {
  size_t pixels = (end - first) * c->out[1], size = patch_size(c), at = first * c->out[1];
  bool pointwise = is_pointwise(c);
  dy += at * c->filters;
  if (pass->d_bias) convolution_add_rows(pixels, c->filters, dy, pass->d_bias);
  if (x && pointwise) {
    ls_gemm_add(LS_TRANSPOSED, LS_PLAIN, size, c->filters, pixels, x + at * c->in, dy, 1,
                pass->d_kernel);
  } else if (x) {
    move_patches(c, (ls_real *)x, first, end, pass->scratch, false);
    ls_gemm_add(LS_PLAIN, LS_PLAIN, size, c->filters, pixels, pass->scratch, dy, 1, pass->d_kernel);
  }
  if (dx && pointwise) {
    ls_gemm(LS_PLAIN, LS_TRANSPOSED, pixels, size, c->filters, dy, pass->kernel, dx + at * c->in);
  } else if (dx) {
    ls_gemm(LS_PLAIN, LS_TRANSPOSED, size, pixels, c->filters, pass->kernel, dy, pass->scratch);
    move_patches(c, dx, first, end, pass->scratch, true);
  }
}

void convolution_backward(const convolution *c, const convolution_pass *pass) {
  size_t image = c->image[0] * c->image[1] * c->in, out = c->out[0] * c->out[1] * c->filters;
  size_t rows = rows_at_once(c);
  if (pass->d_bias) memset(pass->d_bias, 0, c->filters * sizeof(ls_real));
  if (pass->d_kernel) memset(pass->d_kernel, 0, patch_size(c) * c->filters * sizeof(ls_real));
  if (pass->n == 0) return;
  if (winograd_applies(c)) {
    winograd_backward(c, pass);
    return;
  }
  for (size_t n = 0; n < pass->n; n++) {
    const ls_real *x = pass->d_kernel ? pass->x + n * image : NULL;
    ls_real *dx = pass->dx ? pass->dx + n * image : NULL;
    if (dx) memset(dx, 0, image * sizeof *dx);
    for (size_t i = 0; i < c->out[0]; i += rows) {
      size_t end = i + rows < c->out[0] ? i + rows : c->out[0];
      rows_backward(c, pass, x, pass->dy + n * out, dx, i, end);
    }
  }
}
