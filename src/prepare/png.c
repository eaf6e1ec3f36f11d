/* Decoding PNG files by libpng. Pixels are taken as they are stored, without correction of gamma,
 * as Pillow and TensorFlow do. */
#include "prepare/image.h"

#ifdef LS_HAS_IMAGES
#include "base/memory.h"
#include "lockstep/error.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libpng needs beyond a jump; its messages are recorded. */
typedef struct decoder {
  const char *path;
  FILE *file;
  png_structp png;
  png_infop header;
  unsigned char *pixels;
} decoder;

static void fail(png_structp png, png_const_charp message) {
  const decoder *d = png_get_error_ptr(png);
  ls_fail(LS_INVALID, "%s: the image is damaged: %s", d->path, message);
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp message) {
  (void)png, (void)message;
}

/* Asks libpng for 8-bit grey or RGB, whatever is stored. */
static void set_conversions(png_structp png, png_infop header) {
  png_byte type = png_get_color_type(png, header);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, header);
}

static void read_header(decoder *d, image_info *info) {
  png_init_io(d->png, d->file);
  png_read_info(d->png, d->header);
  info->height = png_get_image_height(d->png, d->header);
  info->width = png_get_image_width(d->png, d->header);
  info->channels = png_get_color_type(d->png, d->header) & PNG_COLOR_MASK_COLOR ? 3 : 1;
}

static int read_pixels(decoder *d, const image_info *info) {
  set_conversions(d->png, d->header);
  size_t line = info->width * info->channels;
  if (png_get_rowbytes(d->png, d->header) != line) {
    return ls_fail(LS_INVALID, "%s: has pixels of an unknown kind", d->path);
  }
  png_bytep *rows = ls_new(info->height, sizeof *rows);
  d->pixels = ls_new(info->height, line);
  int status = rows && d->pixels ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < info->height && status == LS_OK; i++) rows[i] = d->pixels + i * line;
  if (status == LS_OK && setjmp(png_jmpbuf(d->png)) != 0) status = LS_INVALID;
  if (status == LS_OK) {
    png_read_image(d->png, rows);
    png_read_end(d->png, NULL);
  }
  free(rows);
  return status;
}

static int decode(decoder *d, image_info *info, bool whole) {
  if (setjmp(png_jmpbuf(d->png)) != 0) return LS_INVALID;
  read_header(d, info);
  return whole ? read_pixels(d, info) : LS_OK;
}

int image_read_png(unsigned char **pixels, image_info *info, const char *path) {
  decoder d = {.path = path, .file = fopen(path, "rb")};
  if (!d.file) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, fail, ignore);
  if (d.png) d.header = png_create_info_struct(d.png);
  int status = d.header ? LS_OK : ls_fail(LS_FAILED, "%s: out of memory", path);
  if (status == LS_OK) status = decode(&d, info, pixels != NULL);
  png_destroy_read_struct(&d.png, &d.header, NULL);
  fclose(d.file);
  if (status == LS_OK && pixels) *pixels = d.pixels;
  if (status != LS_OK) free(d.pixels);
  return status;
}
#endif
