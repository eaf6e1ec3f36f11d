/* Image files: kinds, numbers of channels and sizes. */
#include "prepare/image.h"

#ifdef LS_HAS_IMAGES
#include "base/memory.h"
#include "base/paths.h"
#include "lockstep/error.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool image_is_name(const char *name) {
  static const char *const endings[] = {".png", ".jpg", ".jpeg"};
  size_t length = strlen(name);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t end = strlen(endings[i]);
    if (length > end && strcasecmp(name + length - end, endings[i]) == 0) return true;
  }
  return false;
}

static int check_size(const image_info *info, const char *path) {
  if (info->height == 0 || info->width == 0) {
    return ls_fail(LS_INVALID, "%s: has no pixels", path);
  }
  if (info->height <= IMAGE_MOST_PIXELS / info->width) return LS_OK;
  return ls_fail(LS_INVALID, "%s: has %zu x %zu pixels (expected up to 64 million)", path,
                 info->height, info->width);
}

/* Reads the header, or everything, by the decoder for the first bytes of the file. */
static int decode(unsigned char **pixels, image_info *info, const char *path) {
  unsigned char head[4] = {0};
  int status = ls_check_regular_file(path, "an image");
  if (status != LS_OK) return status;
  FILE *file = fopen(path, "rb");
  if (!file) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  size_t got = fread(head, 1, sizeof head, file);
  fclose(file);
  if (got == 4 && memcmp(head, "\x89PNG", 4) == 0) return image_read_png(pixels, info, path);
  if (got == 4 && memcmp(head, "\xff\xd8\xff", 3) == 0) return image_read_jpeg(pixels, info, path);
  return ls_fail(LS_INVALID, "%s: is no image (expected PNG or JPEG)", path);
}

int image_read_info(image_info *info, const char *path) {
  int status = decode(NULL, info, path);
  return status == LS_OK ? check_size(info, path) : status;
}

int image_read(unsigned char **pixels, image_info *info, const char *path) {
  *pixels = NULL;
  int status = image_read_info(info, path);
  return status == LS_OK ? decode(pixels, info, path) : status;
}

static void to_grey(unsigned char *pixels, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const unsigned char *rgb = pixels + 3 * i;
    pixels[i] = (unsigned char)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 32768) >> 16);
  }
}

int image_set_channels(unsigned char **pixels, image_info *info, size_t channels) {
  size_t count = info->height * info->width;
  if (info->channels == channels) return LS_OK;
  if (channels == 1) {
    to_grey(*pixels, count);
  } else {
    unsigned char *colours = ls_new(count, 3);
    if (!colours) return LS_FAILED;
    for (size_t i = 0; i < count * 3; i++) colours[i] = (*pixels)[i / 3];
    free(*pixels);
    *pixels = colours;
  }
  info->channels = channels;
  return LS_OK;
}

/* ---- Scaling --------------------------------------------------------------------------------- */

/* A range of an image's rows or columns that is scaled to `size`. */
typedef struct axis {
  double first, length; /* in pixels of the image */
  size_t limit;         /* the image's size along the axis */
  size_t size;
} axis;

/* Sums `lines` weighted pixels, `stride` values apart, for output pixel i. */
static float filter(const axis *a, size_t i, const float *values, size_t stride) {
  double scale = a->length / (double)a->size, width = scale > 1 ? scale : 1;
  double centre = a->first + ((double)i + 0.5) * scale;
  double low = fmax(floor(centre - width + 0.5), 0);
  double high = fmin(floor(centre + width + 0.5), (double)a->limit);
  double sum = 0, weights = 0;
  for (double k = low; k < high; k++) {
    double weight = fmax(1 - fabs((k + 0.5 - centre) / width), 0);
    sum += weight * (double)values[(size_t)k * stride];
    weights += weight;
  }
  return (float)(sum / weights);
}

/* The part of the image that is kept: all, or with `crop` the largest part with the new ratio. */
static void choose_axes(axis *rows, axis *columns, const image_info *info, size_t height,
                        size_t width, bool crop) {
  double h = (double)info->height, w = (double)info->width;
  *rows = (axis){0, h, info->height, height};
  *columns = (axis){0, w, info->width, width};
  if (!crop) return;
  rows->length = fmin(h, w * (double)height / (double)width);
  columns->length = fmin(w, h * (double)width / (double)height);
  rows->first = (h - rows->length) / 2;
  columns->first = (w - columns->length) / 2;
}

int image_resize(unsigned char **pixels, image_info *info, size_t height, size_t width, bool crop) {
  if (info->height == height && info->width == width) return LS_OK;
  axis rows, columns;
  size_t c = info->channels, line = info->width * c;
  choose_axes(&rows, &columns, info, height, width, crop);
  float *values = ls_new(info->height * line, sizeof *values); /* the image */
  float *narrow = ls_new(info->height * width * c, sizeof *narrow);
  unsigned char *scaled = ls_new(height * width * c, 1);
  int status = values && narrow && scaled ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    for (size_t i = 0; i < info->height * line; i++) values[i] = (*pixels)[i];
    for (size_t i = 0; i < info->height * width * c; i++) {
      const float *row = values + i / (width * c) * line;
      narrow[i] = filter(&columns, i / c % width, row + i % c, c);
    }
    for (size_t i = 0; i < height * width * c; i++) {
      float value = filter(&rows, i / (width * c), narrow + i % (width * c), width * c);
      scaled[i] = (unsigned char)floorf(value + 0.5f);
    }
    free(*pixels);
    *pixels = scaled;
    *info = (image_info){height, width, c};
  } else {
    free(scaled);
  }
  free(values);
  free(narrow);
  return status;
}
#endif
