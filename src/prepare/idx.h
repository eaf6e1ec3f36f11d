/* IDX files: arrays behind a short header, the format of MNIST. Plain or gzip, recognised by
 * content. Only unsigned bytes are read, as images and class labels are. Files are not trusted: no
 * field of the header is used before the data confirms it. Local.
 *
 * Format: 0, 0, type (8: unsigned byte), rank; then `rank` extents of 32 bits, big-endian; then the
 * elements, last dimension fastest (Y. LeCun, C. Cortes, C. Burges, "The MNIST database"). */
#ifndef LS_PREPARE_IDX_H
#define LS_PREPARE_IDX_H

#include "prepare/image_set.h"

#include <xxhash.h>

/* A file and, if it is a known one, the XXH3 128-bit checksum of its uncompressed content;
 * {0, 0}: not known, not compared. The path is borrowed. */
typedef struct ls_idx_file {
  const char *path;
  XXH128_hash_t checksum;
} ls_idx_file;

/* Reads images ([sample, height, width] or [sample, height, width, channel]) and their labels
 * ([sample]). Released with ls_image_set_clear. LS_INVALID if a file can't be read, is not such an
 * array, is shorter or longer than its header says or has another checksum, or if there are not as
 * many labels as images. */
int ls_idx_read(ls_image_set *set, ls_idx_file images, ls_idx_file labels);

#endif
