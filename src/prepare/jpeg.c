/* Decoding JPEG files by libjpeg. */
#include "prepare/image.h"

#ifdef LS_HAS_IMAGES
#include "base/memory.h"
#include "lockstep/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h> /* before jpeglib.h, which needs it */
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

/* libjpeg's error handler, with what it needs to record the message and to jump back. */
typedef struct handler {
  struct jpeg_error_mgr base;
  const char *path;
  jmp_buf back;
} handler;

static void fail(j_common_ptr jpeg) {
  handler *h = (handler *)jpeg->err;
  char message[JMSG_LENGTH_MAX];
  h->base.format_message(jpeg, message);
  ls_fail(LS_INVALID, "%s: the image is damaged: %s", h->path, message);
  longjmp(h->back, 1);
}

/* A warning is of damaged data, for which libjpeg invents pixels. */
static void fail_on_warning(j_common_ptr jpeg, int level) {
  if (level < 0) fail(jpeg);
}

static int read_header(struct jpeg_decompress_struct *jpeg, image_info *info, const char *path) {
  jpeg_read_header(jpeg, TRUE);
  bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE;
  if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK) {
    return ls_fail(LS_INVALID, "%s: is a CMYK image (expected RGB or grey)", path);
  }
  jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  *info = (image_info){jpeg->image_height, jpeg->image_width, grey ? 1 : 3};
  return LS_OK;
}

static void read_pixels(struct jpeg_decompress_struct *jpeg, const image_info *info,
                        unsigned char *pixels) {
  jpeg_start_decompress(jpeg);
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = pixels + (size_t)jpeg->output_scanline * info->width * info->channels;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_decompress(jpeg);
}

static int decode(struct jpeg_decompress_struct *jpeg, handler *h, FILE *file, image_info *info,
                  unsigned char **pixels) {
  if (setjmp(h->back) != 0) return LS_INVALID;
  jpeg_create_decompress(jpeg);
  jpeg_stdio_src(jpeg, file);
  int status = read_header(jpeg, info, h->path);
  if (status != LS_OK || !pixels) return status;
  *pixels = ls_new(info->height, info->width * info->channels);
  if (!*pixels) return LS_FAILED;
  read_pixels(jpeg, info, *pixels);
  return LS_OK;
}

int image_read_jpeg(unsigned char **pixels, image_info *info, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  struct jpeg_decompress_struct jpeg = {0};
  handler h = {.path = path};
  jpeg.err = jpeg_std_error(&h.base);
  h.base.error_exit = fail;
  h.base.emit_message = fail_on_warning;
  int status = decode(&jpeg, &h, file, info, pixels);
  jpeg_destroy_decompress(&jpeg);
  fclose(file);
  if (status != LS_OK && pixels) {
    free(*pixels);
    *pixels = NULL;
  }
  return status;
}
#endif
