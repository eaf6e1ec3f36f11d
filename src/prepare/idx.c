/* Reading IDX files. */
#include "prepare/idx.h"

#include "lockstep/error.h"
#include "prepare/stream.h"

#include <stdbool.h>
#include <stdlib.h>

enum { MAX_RANK = 4, UNSIGNED_BYTE = 0x08 };

/* More than any file of single-byte images in use; a header with more is refused. */
static const size_t SIZE_LIMIT = (size_t)16 << 30;

/* An IDX file that is being read. `data` is owned. */
typedef struct reader {
  const char *path;
  gz_stream stream;
  XXH3_state_t *hash; /* of everything read so far */
  size_t rank;
  size_t extent[MAX_RANK];
  uint8_t *data;
} reader;

static int open_stream(reader *in) {
  int status = gz_stream_open(&in->stream, in->path, "an IDX file");
  if (status != LS_OK) return status;
  in->hash = XXH3_createState();
  if (in->hash && XXH3_128bits_reset(in->hash) == XXH_OK) return LS_OK;
  return ls_fail(LS_FAILED, "%s: out of memory", in->path);
}

/* Reads up to `size` bytes; fewer, in `got`, only at the end of the file. */
static int read_bytes(reader *in, void *bytes, size_t size, size_t *got) {
  int status = gz_stream_read(&in->stream, bytes, size, got);
  if (status == LS_OK) XXH3_128bits_update(in->hash, bytes, *got);
  return status;
}

static const char *type_name(uint8_t type) {
  switch (type) {
  case UNSIGNED_BYTE:
    return "unsigned bytes";
  case 0x09:
    return "signed bytes";
  case 0x0b:
    return "16-bit integers";
  case 0x0c:
    return "32-bit integers";
  case 0x0d:
    return "32-bit reals";
  case 0x0e:
    return "64-bit reals";
  default:
    return NULL;
  }
}

static int read_magic(reader *in) {
  uint8_t magic[4];
  size_t got = 0;
  int status = read_bytes(in, magic, sizeof magic, &got);
  if (status != LS_OK) return status;
  if (got == 0) return ls_fail(LS_INVALID, "%s: is empty (expected an IDX file)", in->path);
  if (got < sizeof magic) {
    return ls_fail(LS_INVALID, "%s: is only %zu bytes long (expected an IDX file)", in->path, got);
  }
  if (magic[0] != 0 && type_name(magic[1]) && magic[2] == 0 && magic[3] == 0) {
    return ls_fail(LS_INVALID,
                   "%s: its header is in swapped byte order: it begins with %02x %02x 00 00 "
                   "(expected big-endian: 00 00 %02x %02x)",
                   in->path, magic[0], magic[1], magic[1], magic[0]);
  }
  if (magic[0] != 0 || magic[1] != 0 || !type_name(magic[2])) {
    return ls_fail(LS_INVALID,
                   "%s: is not an IDX file: it begins with %02x %02x %02x %02x (expected 00 00 08 "
                   "and the number of dimensions)",
                   in->path, magic[0], magic[1], magic[2], magic[3]);
  }
  if (magic[2] != UNSIGNED_BYTE) {
    return ls_fail(LS_INVALID, "%s: holds %s (expected unsigned bytes, type 08)", in->path,
                   type_name(magic[2]));
  }
  in->rank = magic[3];
  return LS_OK;
}

/* Reads the extents; `size` becomes the number of bytes that must follow. */
static int read_extents(reader *in, size_t *size) {
  *size = 1;
  for (size_t i = 0; i < in->rank; i++) {
    uint8_t word[4];
    size_t got = 0;
    int status = read_bytes(in, word, sizeof word, &got);
    if (status != LS_OK) return status;
    if (got < sizeof word) return ls_fail(LS_INVALID, "%s: ends within its header", in->path);
    in->extent[i] =
        (size_t)word[0] << 24 | (size_t)word[1] << 16 | (size_t)word[2] << 8 | (size_t)word[3];
    if (in->extent[i] == 0) {
      return ls_fail(LS_INVALID, "%s: dimension %zu has size 0 (expected at least 1)", in->path,
                     i + 1);
    }
    if (__builtin_mul_overflow(*size, in->extent[i], size) || *size > SIZE_LIMIT) {
      return ls_fail(LS_INVALID, "%s: its header promises more than %zu GiB", in->path,
                     SIZE_LIMIT >> 30);
    }
  }
  return LS_OK;
}

/* Reads exactly `size` bytes. Memory grows with the data read, not with the size in the header,
 * so a wrong header cannot exhaust memory. */
static int read_data(reader *in, size_t size) {
  size_t have = 0, room = (size_t)1 << 20;
  while (have < size) {
    if (room > size) room = size;
    uint8_t *larger = realloc(in->data, room);
    if (!larger) return ls_fail(LS_FAILED, "%s: out of memory for %zu bytes", in->path, room);
    in->data = larger;
    size_t got = 0;
    int status = read_bytes(in, in->data + have, room - have, &got);
    if (status != LS_OK) return status;
    have += got;
    if (have < room) {
      return ls_fail(LS_INVALID, "%s: ends after %zu bytes of data (expected %zu)", in->path, have,
                     size);
    }
    room *= 2;
  }
  /* Asking for one byte more also makes zlib compare the checksum behind the data. */
  uint8_t extra;
  size_t got = 0;
  int status = read_bytes(in, &extra, 1, &got);
  if (status == LS_OK && got > 0) {
    status = ls_fail(LS_INVALID, "%s: goes on after its %zu bytes of data", in->path, size);
  }
  return status;
}

static int compare_checksum(const reader *in, XXH128_hash_t expected) {
  XXH128_hash_t found = XXH3_128bits_digest(in->hash);
  bool known = expected.low64 != 0 || expected.high64 != 0;
  if (!known || XXH128_isEqual(found, expected)) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: is not the published file: XXH3 %016llx%016llx (expected %016llx%016llx)",
                 in->path, (unsigned long long)found.high64, (unsigned long long)found.low64,
                 (unsigned long long)expected.high64, (unsigned long long)expected.low64);
}

/* Reads everything into `in`. `content` is what the file should hold, for the message about its
 * number of dimensions. */
static int read_array(reader *in, ls_idx_file file, const char *content, size_t min_rank,
                      size_t max_rank) {
  in->path = file.path;
  int status = open_stream(in);
  if (status == LS_OK) status = read_magic(in);
  if (status == LS_OK && (in->rank < min_rank || in->rank > max_rank)) {
    status =
        ls_fail(LS_INVALID, "%s: has %zu dimensions (expected %s)", in->path, in->rank, content);
  }
  size_t size = 0;
  if (status == LS_OK) status = read_extents(in, &size);
  if (status == LS_OK) status = read_data(in, size);
  if (status == LS_OK) status = compare_checksum(in, file.checksum);
  gz_stream_close(&in->stream);
  XXH3_freeState(in->hash);
  return status;
}

int ls_idx_read(ls_image_set *set, ls_idx_file images, ls_idx_file labels) {
  *set = (ls_image_set){0};
  reader x = {0}, y = {0};
  int status =
      read_array(&x, images, "images: sample, height, width and maybe channel", 3, MAX_RANK);
  if (status == LS_OK) status = read_array(&y, labels, "labels: one for each sample", 1, 1);
  if (status == LS_OK && x.extent[0] != y.extent[0]) {
    status = ls_fail(LS_INVALID, "%s: has %zu labels (expected %zu: the images of %s)", y.path,
                     y.extent[0], x.extent[0], x.path);
  }
  if (status != LS_OK) {
    free(x.data);
    free(y.data);
    return status;
  }
  *set = (ls_image_set){.count = x.extent[0],
                        .height = x.extent[1],
                        .width = x.extent[2],
                        .channels = x.rank == 4 ? x.extent[3] : 1,
                        .pixels = x.data,
                        .labels = y.data};
  return LS_OK;
}
