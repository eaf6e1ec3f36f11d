/* Convolution by patches. Some rows of pixels of the output are done at a time. Their patches are
 * read in place (in_place.h) where the kernels can; otherwise they are copied to a matrix, which is
 * stored transposed, since that makes long copies where there are few channels. The gradient of the
 * image is computed as that of such a matrix, and its elements are added to the image. */
#include "nn/convolution/patches.h"

#include "nn/convolution/in_place.h"
#include "nn/products/kernels.h"

#include <string.h>

enum {
  CACHED = 1 << 16,      /* reals of patches at a time */
  NEAR = 1 << 12,        /* reals of y that stay in the first-level cache for the activation */
  NEAR_KERNEL = 1 << 14, /* reals of a kernel that may be read again for every NEAR reals of y */
  MANY_CHANNELS = 4,     /* of an image, from which on gradients are added by pixels: measured */
  TILE_PIXELS = 12,      /* a multiple of the rows of a tile for every instruction set */
};

/* Rows of pixels of the output that are done at a time. */
static size_t rows_at_once(const convolution *c) {
  size_t fit = CACHED / (c->out[1] * convolution_patch_size(c));
  return fit < 1 ? 1 : fit < c->out[0] ? fit : c->out[0];
}

/* Pixels of the output that go through a product in place at a time, a multiple of the four that
 * convolution_add_rows adds together. */
static size_t pixels_at_once(const convolution *c) {
  if (convolution_patch_size(c) * c->filters > NEAR_KERNEL) return rows_at_once(c) * c->out[1];
  size_t fit = NEAR / c->filters / TILE_PIXELS * TILE_PIXELS;
  return fit < TILE_PIXELS ? TILE_PIXELS : fit;
}

/* Rows of pixels [first, end) of the output. */
typedef struct rows {
  size_t first, end;
} rows;

static rows rows_from(const convolution *c, size_t first) {
  size_t end = first + rows_at_once(c);
  return (rows){first, end < c->out[0] ? end : c->out[0]};
}

/* ---- Patches --------------------------------------------------------------------------------- */

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

/* Copies `count` elements that are `step` apart in the image. */
static void gather(size_t count, size_t step, const ls_real *restrict image,
                   ls_real *restrict row) {
  if (step == 1) {
    for (size_t i = 0; i < count; i++) row[i] = image[i];
  } else {
    for (size_t i = 0; i < count; i++) row[i] = image[i * step];
  }
}

/* Adds `count` elements to those that are `step` apart in the image. */
static void scatter_add(size_t count, size_t step, const ls_real *restrict row,
                        ls_real *restrict image) {
  if (step == 1) {
    for (size_t i = 0; i < count; i++) image[i] += row[i];
  } else {
    for (size_t i = 0; i < count; i++) image[i * step] += row[i];
  }
}

/* Copies the patches of some rows of the output, [element of the patch, pixel], from the image, or
 * (back) adds them to it. */
static void move_patches(const convolution *c, ls_real *x, rows part, ls_real *patches, bool back) {
  size_t step = c->stride[1] * c->in, width = c->out[1];
  for (size_t k = 0; k < convolution_patch_size(c); k++) {
    size_t a = k / c->in / c->kernel[1], b = k / c->in % c->kernel[1];
    span high = find_span(c, 0, a), wide = find_span(c, 1, b);
    for (size_t i = part.first; i < part.end; i++, patches += width) {
      span seen = i >= high.first && i < high.end ? wide : (span){0, 0};
      if (!back && seen.end - seen.first < width) memset(patches, 0, width * sizeof *patches);
      if (seen.first == seen.end) continue;
      size_t row = i * c->stride[0] + a * c->dilation[0] - c->before[0];
      size_t column = seen.first * c->stride[1] + b * c->dilation[1] - c->before[1];
      ls_real *image = x + (row * c->image[1] + column) * c->in + k % c->in;
      size_t count = seen.end - seen.first;
      if (back) scatter_add(count, step, patches + seen.first, image);
      if (!back) gather(count, step, image, patches + seen.first);
    }
  }
}

/* Whether patches' gradients are [pixel, element], so that the channels of a pixel are added to the
 * image together; else there are few channels, and [element, pixel] gives longer runs. */
static bool is_pixel_major(const convolution *c) {
  return c->in >= MANY_CHANNELS || is_pointwise(c);
}

/* Adds the gradients of the patches of some rows of the output, [pixel, element], to the image. */
static void add_pixels(const convolution *c, ls_real *x, rows part, const ls_real *patches) {
  const size_t size = convolution_patch_size(c), step = c->stride[1] * c->in;
  for (size_t k = 0; k < size; k += c->in) {
    size_t a = k / c->in / c->kernel[1], b = k / c->in % c->kernel[1];
    span high = find_span(c, 0, a), wide = find_span(c, 1, b);
    size_t first = part.first > high.first ? part.first : high.first;
    size_t end = part.end < high.end ? part.end : high.end;
    for (size_t i = first; i < end; i++) {
      const ls_real *pixel = patches + ((i - part.first) * c->out[1] + wide.first) * size + k;
      size_t row = i * c->stride[0] + a * c->dilation[0] - c->before[0];
      size_t column = wide.first * c->stride[1] + b * c->dilation[1] - c->before[1];
      ls_real *image = x + (row * c->image[1] + column) * c->in;
      for (size_t j = wide.first; j < wide.end; j++, pixel += size, image += step) {
        scatter_add(c->in, 1, pixel, image);
      }
    }
  }
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Reals of the patches of some rows, or of their gradient, or of rows of the image with padding. */
static size_t patches_reals(const convolution *c) {
  return rows_at_once(c) * c->out[1] * convolution_patch_size(c);
}

/* Whether kernels that can read patches in place may. Padding that takes more memory than patches
 * do, which strides and dilations may need, is not copied. */
static bool allows_in_place(const convolution *c) {
  return !is_pointwise(c) && in_place_fits(c, rows_at_once(c), patches_reals(c));
}

static size_t scratch(const convolution *c) {
  if (is_pointwise(c)) return 0;
  return patches_reals(c) + (allows_in_place(c) ? in_place_offsets_reals(c, rows_at_once(c)) : 0);
}

/* ---- Passes ---------------------------------------------------------------------------------- */

/* The products for some pixels of the output: of the patches with the kernel, of the patches with
 * dy for d_kernel, of the kernel with dy for the patches' gradient. */
static ls_product product_y(const convolution *c, size_t pixels) {
  return (ls_product){.m = pixels,
                      .n = c->filters,
                      .k = convolution_patch_size(c),
                      .a_transposed = !is_pointwise(c)};
}

static ls_product product_d_kernel(const convolution *c, size_t pixels) {
  return (ls_product){.m = convolution_patch_size(c),
                      .n = c->filters,
                      .k = pixels,
                      .a_transposed = is_pointwise(c),
                      .adds = true};
}

static ls_product product_dx(const convolution *c, size_t pixels) {
  size_t size = convolution_patch_size(c);
  bool pixel_major = is_pixel_major(c);
  return (ls_product){.m = pixel_major ? pixels : size,
                      .n = pixel_major ? size : pixels,
                      .k = c->filters,
                      .b_transposed = true};
}

/* The patches of some rows of one sample: in the image itself or in scratch memory. */
static const ls_real *patches_of(const convolution *c, const ls_real *x, rows part,
                                 ls_real *scratch) {
  if (is_pointwise(c)) return x + part.first * c->out[1] * c->in;
  move_patches(c, (ls_real *)x, part, scratch, false);
  return scratch;
}

static bool is_in_place(const convolution *c, const convolution_pass *pass) {
  return pass->kernels->multiply_indexed && allows_in_place(c);
}

/* For passes that follow in the same scratch memory. */
static void prepare(const convolution *c, const convolution_pass *pass) {
  if (!is_in_place(c, pass)) return;
  in_place_set_offsets(c, rows_at_once(c), pass->scratch + patches_reals(c));
}

static ls_indexed indexed_patches(const convolution *c, const convolution_pass *pass,
                                  const ls_real *x, rows part) {
  return in_place_patches(c, rows_at_once(c), x, part.first, pass->scratch + patches_reals(c),
                          pass->scratch);
}

static void rows_forward(const convolution *c, const convolution_pass *pass, const ls_real *x,
                         ls_real *y, rows part) {
  size_t pixels = (part.end - part.first) * c->out[1];
  const ls_real *patches = patches_of(c, x, part, pass->scratch);
  y += part.first * c->out[1] * c->filters;
  ls_multiply(pass->kernels, product_y(c, pixels), patches, pass->kernel, y);
  if (pass->bias) convolution_add_bias(pixels, c->filters, pass->bias, y);
  convolution_activate(pass, pixels, c->filters, y);
}

static void rows_forward_in_place(const convolution *c, const convolution_pass *pass,
                                  const ls_real *x, ls_real *y, rows part) {
  const size_t pixels = (part.end - part.first) * c->out[1], most = pixels_at_once(c);
  ls_indexed patches = indexed_patches(c, pass, x, part);
  y += part.first * c->out[1] * c->filters;
  for (size_t p = 0; p < pixels; p += most, y += most * c->filters, patches.row += most) {
    const size_t count = pixels - p < most ? pixels - p : most;
    const ls_product product = product_y(c, count);
    pass->kernels->multiply_indexed(&product, &patches, pass->kernel, pass->bias, y);
    convolution_activate(pass, count, c->filters, y);
  }
}

static void forward(const convolution *c, const convolution_pass *pass) {
  size_t image = c->image[0] * c->image[1] * c->in, out = c->out[0] * c->out[1] * c->filters;
  prepare(c, pass);
  for (size_t n = 0; n < pass->n; n++) {
    for (rows r = rows_from(c, 0); r.first < c->out[0]; r = rows_from(c, r.end)) {
      if (is_in_place(c, pass)) {
        rows_forward_in_place(c, pass, pass->x + n * image, pass->y + n * out, r);
      } else {
        rows_forward(c, pass, pass->x + n * image, pass->y + n * out, r);
      }
    }
  }
}

/* Sets the rows of dx that a pointwise kernel touches; any other kernel's are added to dx. */
static void rows_dx(const convolution *c, const convolution_pass *pass, const ls_real *dy,
                    ls_real *dx, rows part) {
  ls_product product = product_dx(c, (part.end - part.first) * c->out[1]);
  if (is_pointwise(c)) {
    ls_multiply(pass->kernels, product, dy, pass->kernel, dx + part.first * c->out[1] * c->in);
  } else if (is_pixel_major(c)) {
    ls_multiply(pass->kernels, product, dy, pass->kernel, pass->scratch);
    add_pixels(c, dx, part, pass->scratch);
  } else {
    ls_multiply(pass->kernels, product, pass->kernel, dy, pass->scratch);
    move_patches(c, dx, part, pass->scratch, true);
  }
}

/* The gradient of the activation, for `pixels` pixels from `at` on, and their sum to d_bias. */
static ls_real *begin_pixels(const convolution *c, const convolution_pass *pass, size_t at,
                             size_t pixels) {
  ls_real *dy = (ls_real *)pass->dy + at;
  if (pass->activation) convolution_activate_gradient(pass, pixels, c->filters, pass->y + at, dy);
  if (pass->d_bias) convolution_add_rows(pixels, c->filters, dy, pass->d_bias);
  return dy;
}

static void rows_d_kernel(const convolution *c, const convolution_pass *pass, const ls_real *x,
                          size_t at, rows part) {
  const size_t pixels = (part.end - part.first) * c->out[1];
  const ls_real *dy = begin_pixels(c, pass, at, pixels);
  if (!x) return;
  const ls_real *patches = patches_of(c, x, part, pass->scratch);
  ls_multiply(pass->kernels, product_d_kernel(c, pixels), patches, dy, pass->d_kernel);
}

static void rows_d_kernel_in_place(const convolution *c, const convolution_pass *pass,
                                   const ls_real *x, size_t at, rows part) {
  const size_t pixels = (part.end - part.first) * c->out[1], most = pixels_at_once(c);
  const ls_indexed patches = indexed_patches(c, pass, x, part);
  ls_indexed transposed = {patches.base, patches.column, patches.row};
  for (size_t p = 0; p < pixels; p += most, at += most * c->filters, transposed.column += most) {
    const size_t count = pixels - p < most ? pixels - p : most;
    const ls_product product = product_d_kernel(c, count);
    const ls_real *dy = begin_pixels(c, pass, at, count);
    pass->kernels->multiply_indexed(&product, &transposed, dy, NULL, pass->d_kernel);
  }
}

/* `at`: where the sample begins in y and dy. */
static void rows_backward(const convolution *c, const convolution_pass *pass, const ls_real *x,
                          size_t at, ls_real *dx, rows part) {
  at += part.first * c->out[1] * c->filters;
  if (x && is_in_place(c, pass)) {
    rows_d_kernel_in_place(c, pass, x, at, part);
  } else {
    rows_d_kernel(c, pass, x, at, part);
  }
  if (dx) rows_dx(c, pass, pass->dy + at, dx, part);
}

static void backward(const convolution *c, const convolution_pass *pass) {
  size_t image = c->image[0] * c->image[1] * c->in, out = c->out[0] * c->out[1] * c->filters;
  for (size_t n = 0; n < pass->n; n++) {
    const ls_real *x = pass->d_kernel ? pass->x + n * image : NULL;
    ls_real *dx = pass->dx ? pass->dx + n * image : NULL;
    if (dx) memset(dx, 0, image * sizeof *dx);
    for (rows r = rows_from(c, 0); r.first < c->out[0]; r = rows_from(c, r.end)) {
      rows_backward(c, pass, x, n * out, dx, r);
    }
  }
}

/* Every sample is computed by itself. */
static void products(const convolution *c, size_t n, unsigned wanted, ls_product_entry entry,
                     ls_products *list) {
  entry.times = n;
  for (rows r = rows_from(c, 0); r.first < c->out[0]; r = rows_from(c, r.end)) {
    size_t pixels = (r.end - r.first) * c->out[1];
    const ls_product all[CONVOLUTION_RESULTS] = {product_y(c, pixels), product_d_kernel(c, pixels),
                                                 product_dx(c, pixels)};
    convolution_list(all, wanted, entry, list);
  }
}

const convolution_method convolution_patches = {
    .scratch = scratch,
    .forward = forward,
    .begin_backward = prepare,
    .backward = backward,
    .products = products,
};
