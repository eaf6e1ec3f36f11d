/* Chunked storage. HDF5 takes a chunk for as long as its shape says, and reads what lies behind it
 * in memory if it is not, so every length is checked. Of compressed chunks that needs a
 * decompression of its own: only the filters whose output can be checked are accepted. */
#include "base/memory.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* Of more chunks without filters only the sum of their lengths is checked: HDF5 1.10 finds the
 * length of chunk i in a time proportional to i. */
enum { MOST_CHUNKS = 16384 };

/* The most bytes that zlib makes of one (https://zlib.net/zlib_tech.html). */
enum { MOST_INFLATION = 1032 };

typedef struct chunks {
  int rank;
  hsize_t extent[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
  hsize_t bytes; /* of one, when it is not compressed */
  int filter_count;
  H5Z_filter_t filters[LS_H5_MOST_FILTERS]; /* in the order in which they were applied */
  bool whole_only; /* chunks beyond the extent were written without filters */
} chunks;

static int refuse_lengths(hid_t dataset) {
  return ls_h5_refuse(dataset, ".", "has chunks of another length than their shape");
}

/* ---- Filters --------------------------------------------------------------------------------- */

static bool read_filters(chunks *c, hid_t properties) {
  unsigned options = 0;
  c->filter_count = H5Pget_nfilters(properties);
  if (c->filter_count < 0 || c->filter_count > LS_H5_MOST_FILTERS) return false;
  for (int i = 0; i < c->filter_count; i++) c->filters[i] = ls_h5_filter(properties, i, 0, NULL);
  if (H5Pget_chunk_opts(properties, &options) < 0) return false;
  c->whole_only = options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
  return true;
}

static bool has_deflate(const chunks *c) {
  int i = 0;
  while (i < c->filter_count && c->filters[i] != H5Z_FILTER_DEFLATE) i++;
  return i < c->filter_count;
}

/* ---- Layout ---------------------------------------------------------------------------------- */

static int read_layout(chunks *c, hid_t dataset) {
  *c = (chunks){0};
  hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  hid_t properties = H5Dget_create_plist(dataset);
  c->rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, c->extent, NULL);
  c->bytes = type < 0 ? 0 : H5Tget_size(type);
  bool read = c->rank > 0 && c->bytes > 0 && properties >= 0 &&
              H5Pget_chunk(properties, H5S_MAX_RANK, c->chunk) == c->rank &&
              read_filters(c, properties);
  for (int i = 0; read && i < c->rank; i++) {
    read = !__builtin_mul_overflow(c->bytes, c->chunk[i], &c->bytes);
  }
  ls_h5_release(properties);
  ls_h5_release(type);
  ls_h5_release(space);
  return read ? LS_OK : ls_h5_refuse(dataset, ".", "has a layout that cannot be read");
}

/* Checks chunks that have no filters. */
static int check_lengths(hid_t dataset, const chunks *c, hsize_t written) {
  hid_t space = H5Dget_space(dataset);
  hsize_t most = written <= MOST_CHUNKS ? written : 0, length = c->bytes, all;
  for (hsize_t i = 0; i < most && length == c->bytes; i++) {
    hsize_t offset[H5S_MAX_RANK];
    unsigned mask;
    haddr_t address;
    if (H5Dget_chunk_info(dataset, space, i, offset, &mask, &address, &length) < 0) length = 0;
  }
  ls_h5_release(space);
  bool equal = length == c->bytes && !__builtin_mul_overflow(written, c->bytes, &all) &&
               all == H5Dget_storage_size(dataset);
  return equal ? LS_OK : refuse_lengths(dataset);
}

/* H5Dget_space_status compares sizes, and so takes compressed data for incomplete. */
int ls_h5_check_chunks(hid_t dataset) {
  chunks c;
  hsize_t count = 1, written = 0;
  int status = read_layout(&c, dataset);
  if (status != LS_OK) return status;
  for (int i = 0; i < c.rank; i++) count *= (c.extent[i] - 1) / c.chunk[i] + 1;
  hid_t space = H5Dget_space(dataset);
  if (H5Dget_num_chunks(dataset, space, &written) < 0) written = 0;
  ls_h5_release(space);
  if (written == 0) return ls_h5_refuse_unread(dataset, "was never written", "");
  if (written < count) return ls_h5_refuse_unread(dataset, "parts of it were never written", "");
  if (c.filter_count == 0) status = check_lengths(dataset, &c, written);
  if (status != LS_OK) return status;
  hsize_t stored = H5Dget_storage_size(dataset), most = has_deflate(&c) ? MOST_INFLATION : 1;
  bool fits = stored <= ls_h5_file_size(dataset) && c.bytes / most <= stored / written;
  return fits ? LS_OK : ls_h5_refuse(dataset, ".", "is larger than its data in the file");
}

/* ---- Compressed chunks ----------------------------------------------------------------------- */

/* The length of inflated data; `most` + 1 if it is longer, or damaged. */
static size_t inflated_length(const unsigned char *data, size_t length, size_t most) {
  static unsigned char out[1 << 16];
  z_stream stream = {.next_in = (unsigned char *)data, .avail_in = (uInt)length};
  int result = inflateInit(&stream) == Z_OK ? Z_OK : Z_MEM_ERROR;
  while (result == Z_OK && stream.total_out <= most) {
    stream.next_out = out;
    stream.avail_out = sizeof out;
    result = inflate(&stream, Z_NO_FLUSH);
  }
  size_t total = result == Z_STREAM_END ? stream.total_out : most + 1;
  inflateEnd(&stream);
  return total;
}

/* Whether the stored bytes of a chunk become those of its shape. `skipped` has a bit for each
 * filter that was not applied to it. */
static bool has_length(const chunks *c, const unsigned char *data, size_t stored,
                       uint32_t skipped) {
  enum { CHECKSUM = 4 };
  size_t length = stored;
  for (int i = c->filter_count - 1; i >= 0; i--) {
    if (skipped >> i & 1) continue;
    if (c->filters[i] == H5Z_FILTER_FLETCHER32) {
      if (length < CHECKSUM) return false;
      length -= CHECKSUM;
    } else if (c->filters[i] == H5Z_FILTER_DEFLATE) {
      length = inflated_length(data, length, (size_t)c->bytes + CHECKSUM);
    }
  }
  return length == c->bytes;
}

static int check_chunk(hid_t dataset, const chunks *c, const hsize_t *offset, unsigned char *data,
                       size_t room) {
  hsize_t stored = 0;
  uint32_t skipped = 0;
  bool whole = true;
  for (int i = 0; i < c->rank; i++) whole &= offset[i] + c->chunk[i] <= c->extent[i];
  if (H5Dget_chunk_storage_size(dataset, offset, &stored) < 0 || stored == 0 || stored > room) {
    return refuse_lengths(dataset);
  }
  if (c->whole_only && !whole) return stored == c->bytes ? LS_OK : refuse_lengths(dataset);
  if (H5Dread_chunk(dataset, H5P_DEFAULT, offset, &skipped, data) < 0) {
    return ls_h5_fail(LS_INVALID, dataset, ".", "cannot read a chunk");
  }
  return has_length(c, data, (size_t)stored, skipped) ? LS_OK : refuse_lengths(dataset);
}

/* Advances to the next chunk of the box from `first` to `last`. Returns false behind the last one.
 */
static bool next_chunk(const chunks *c, const hsize_t *first, const hsize_t *last,
                       hsize_t *offset) {
  for (int i = c->rank - 1; i >= 0; i--) {
    offset[i] += c->chunk[i];
    if (offset[i] <= last[i]) return true;
    offset[i] = first[i] / c->chunk[i] * c->chunk[i];
  }
  return false;
}

/* Sets the box of the selected elements. Returns false if none is selected. */
static bool find_box(const chunks *c, hid_t selection, hsize_t *first, hsize_t *last) {
  if (selection != H5S_ALL) {
    return H5Sget_select_npoints(selection) > 0 &&
           H5Sget_select_bounds(selection, first, last) >= 0;
  }
  for (int i = 0; i < c->rank; i++) {
    if (c->extent[i] == 0) return false;
    first[i] = 0;
    last[i] = c->extent[i] - 1;
  }
  return true;
}

static bool is_chunked(hid_t dataset) {
  hid_t properties = H5Dget_create_plist(dataset);
  bool is = properties >= 0 && H5Pget_layout(properties) == H5D_CHUNKED;
  ls_h5_release(properties);
  return is;
}

int ls_h5_check_inflated(hid_t dataset, hid_t selection) {
  hsize_t first[H5S_MAX_RANK], last[H5S_MAX_RANK], offset[H5S_MAX_RANK];
  chunks c;
  if (!is_chunked(dataset)) return LS_OK;
  int status = read_layout(&c, dataset);
  if (status != LS_OK || c.filter_count == 0 || !find_box(&c, selection, first, last)) {
    return status;
  }
  if (c.bytes > UINT32_MAX) return refuse_lengths(dataset); /* which HDF5 does not write */
  size_t room = (size_t)compressBound((uLong)c.bytes) + 64;
  unsigned char *data = ls_new(room, 1);
  if (!data) return LS_FAILED;
  for (int i = 0; i < c.rank; i++) offset[i] = first[i] / c.chunk[i] * c.chunk[i];
  do {
    status = check_chunk(dataset, &c, offset, data, room);
  } while (status == LS_OK && next_chunk(&c, first, last, offset));
  free(data);
  return status;
}
