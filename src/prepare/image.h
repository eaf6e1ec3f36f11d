/* Image files, PNG by libpng and JPEG by libjpeg, as 8-bit pixels [height, width, channel]: one
 * channel for grey images, else three (red, green, blue). Transparency is ignored, and 16 bits are
 * reduced to 8. Files are not trusted. Local. */
#ifndef LS_PREPARE_IMAGE_H
#define LS_PREPARE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct image_info {
  size_t height, width;
  size_t channels; /* 1 or 3 */
} image_info;

/* More than 64 million pixels are refused: a small file may expand to any size. */
enum { IMAGE_MOST_PIXELS = 1 << 26 };

/* Whether the file's name is that of an image, by its ending. */
bool image_is_name(const char *name);

/* Reads what the file says of itself, without decoding it. LS_INVALID if it is no image. */
int image_read_info(image_info *info, const char *path);

/* Decodes the file: `pixels` is to be freed. LS_INVALID if it is damaged. */
int image_read(unsigned char **pixels, image_info *info, const char *path);

/* Converts pixels to another number of channels, in place where there are fewer: grey is
 * 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), as in Pillow. `pixels` may be reallocated.
 */
int image_set_channels(unsigned char **pixels, image_info *info, size_t channels);

/* Scales an image to `height` x `width` with a triangle filter, widened where the image becomes
 * smaller, as in Pillow (bilinear). With `crop` the image is first cut to the ratio of the new
 * sides, around its centre; else it is distorted. `pixels` is reallocated. */
int image_resize(unsigned char **pixels, image_info *info, size_t height, size_t width, bool crop);

/* ---- Decoders, one for each kind of file ----------------------------------------------------- */

/* Read only the header if `pixels` is NULL. */
int image_read_png(unsigned char **pixels, image_info *info, const char *path);
int image_read_jpeg(unsigned char **pixels, image_info *info, const char *path);

#endif
