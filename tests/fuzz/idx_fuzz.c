/* Fuzz target: IDX files. An input is a file, plain or gzip; it is read as images and as labels,
 * unchanged and compressed here, so that any content gets a valid gzip checksum. */
#include "fuzz.h"

#include "lockstep/error.h"
#include "prepare/idx.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const uint8_t some_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4};
static const uint8_t some_labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  return 0;
}

/* Reads the two files; all that is there must be readable. */
static void read_files(void) {
  ls_image_set set;
  ls_idx_file images = {.path = file_path(0)}, labels = {.path = file_path(1)};
  int status = ls_idx_read(&set, images, labels);
  require_outcome(status);
  require((status == LS_OK) == (set.pixels != NULL && set.labels != NULL), "images, or an error");
  if (status == LS_OK) {
    unsigned sum = 0;
    size_t size = set.height * set.width * set.channels;
    for (size_t i = 0; i < set.count * size; i++) sum += set.pixels[i];
    for (size_t i = 0; i < set.count; i++) sum += set.labels[i];
    require(sum <= set.count * (size + 1) * 255, "bytes");
    require(ls_image_set_classes(&set) >= 2, "classes");
  }
  ls_image_set_clear(&set);
}

static void read_as_both(const void *data, size_t size) {
  put_file(0, data, size);
  put_file(1, some_labels, sizeof some_labels);
  read_files();
  put_file(1, data, size);
  put_file(0, some_images, sizeof some_images);
  read_files();
}

/* As gzip writes it; NULL where that fails. */
static void *compress_gzip(const uint8_t *data, size_t size, size_t *length) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size};
  if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return NULL;
  size_t room = deflateBound(&z, size);
  void *out = malloc(room);
  z.next_out = out;
  z.avail_out = (uInt)room;
  require(out && deflate(&z, Z_FINISH) == Z_STREAM_END, "compressed data");
  *length = z.total_out;
  deflateEnd(&z);
  return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_as_both(data, size);
  size_t length = 0;
  void *zipped = compress_gzip(data, size, &length);
  if (zipped) read_as_both(zipped, length);
  free(zipped);
  return 0;
}
