/* Patches read in place. */
#include "nn/convolution/in_place.h"

#include <string.h>

/* Pixels of the image along dimension d, from the first to the last that `outputs` pixels of the
 * output depend on, padding included. */
static size_t extent(const convolution *c, size_t d, size_t outputs) {
  return (outputs - 1) * c->stride[d] + convolution_reach(c, d);
}

static bool reaches_outside(const convolution *c) {
  bool outside = false;
  for (size_t d = 0; d < 2; d++) {
    outside |= c->before[d] > 0 || extent(c, d, c->out[d]) > c->image[d];
  }
  return outside;
}

/* Reals from one row of the image, or of its padded copy, to the next. */
static size_t row_reals(const convolution *c) {
  return (reaches_outside(c) ? extent(c, 1, c->out[1]) : c->image[1]) * c->in;
}

size_t in_place_offsets_reals(const convolution *c, size_t rows) {
  size_t bytes = (rows * c->out[1] + convolution_patch_size(c)) * sizeof(uint32_t);
  return (bytes + sizeof(ls_real) - 1) / sizeof(ls_real);
}

/* Large dilations make rows long and many, so these are not multiplied. */
bool in_place_fits(const convolution *c, size_t rows, size_t reals) {
  return !reaches_outside(c) || extent(c, 0, rows) <= reals / row_reals(c);
}

void in_place_set_offsets(const convolution *c, size_t rows, ls_real *offsets) {
  const size_t row = row_reals(c);
  uint32_t *at = (uint32_t *)offsets;
  for (size_t a = 0; a < c->kernel[0]; a++) {
    for (size_t b = 0; b < c->kernel[1]; b++) {
      size_t pixel = a * c->dilation[0] * row + b * c->dilation[1] * c->in;
      for (size_t k = 0; k < c->in; k++) *at++ = (uint32_t)(pixel + k);
    }
  }
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < c->out[1]; j++) {
      *at++ = (uint32_t)(i * c->stride[0] * row + j * c->stride[1] * c->in);
    }
  }
}

/* Copies `count` rows of the image from row `top` - before on, with zeros around the image. */
static void copy_padded(const convolution *c, const ls_real *x, size_t top, size_t count,
                        ls_real *to) {
  const size_t row = row_reals(c), left = c->before[1] * c->in, image = c->image[1] * c->in;
  const size_t used = left >= row ? 0 : image < row - left ? image : row - left;
  for (size_t i = top; i < top + count; i++, to += row) {
    const bool within = i >= c->before[0] && i - c->before[0] < c->image[0];
    const size_t zeros = within ? left : row;
    memset(to, 0, zeros * sizeof *to);
    if (!within) continue;
    memcpy(to + left, x + (i - c->before[0]) * image, used * sizeof *to);
    memset(to + left + used, 0, (row - left - used) * sizeof *to);
  }
}

ls_indexed in_place_patches(const convolution *c, size_t rows, const ls_real *x, size_t first,
                            const ls_real *offsets, ls_real *padded) {
  const uint32_t *at = (const uint32_t *)offsets;
  const size_t left = c->out[0] - first, count = left < rows ? left : rows;
  const size_t top = first * c->stride[0];
  ls_indexed patches = {.row = at + convolution_patch_size(c), .column = at};
  patches.base = x + top * row_reals(c);
  if (reaches_outside(c)) {
    copy_padded(c, x, top, extent(c, 0, count), padded);
    patches.base = padded;
  }
  return patches;
}
