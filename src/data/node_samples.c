/* Mapping samples, and converting those that cannot be mapped. */
#include "data/node_samples.h"

#include "base/memory.h"
#include "base/node_memory.h"
#include "base/partition.h"
#include "base/paths.h"
#include "data/file.h"
#include "data/mapped_file.h"
#include "data/members.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct ls_node_samples {
  const ls_dataset *dataset; /* borrowed */
  size_t count;
  mapped_file *stored; /* the inputs in the dataset file; NULL: they are in the copy */
  mapped_file *copy;   /* targets and weights [sample, target_bytes], then such inputs */
  ls_records records;
  bool large; /* the inputs do not fit in memory */
};

/* ---- What is stored where -------------------------------------------------------------------- */

/* Whether the part's inputs can be mapped, from *offset in the dataset file on. */
static int find_inputs(const ls_dataset *d, ls_part part, bool *mappable, uint64_t *offset) {
  char path[MEMBER_PATH];
  hid_t file = -1;
  member_of_input(path, part);
  int status = dataset_open_file(&file, d);
  if (status != LS_OK) return status;
  *mappable = ls_h5_is_mappable(file, path, d->bytes ? H5T_NATIVE_UINT8 : H5T_NATIVE_FLOAT, offset);
  if (!d->bytes && *offset % sizeof(float) != 0) *mappable = false;
  ls_h5_close(&file);
  return LS_OK;
}

/* The first byte of inputs in the copy: a multiple of a cache line. */
static size_t copied_inputs_begin(const ls_dataset *d, ls_part part) {
  enum { CACHE_LINE = 64 };
  return (d->count[part] * d->target_bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static size_t copy_bytes(const ls_dataset *d, ls_part part, bool mappable) {
  return copied_inputs_begin(d, part) + (mappable ? 0 : d->count[part] * d->input_bytes);
}

int ls_node_samples_storage(ls_node_storage *out, const ls_dataset *d, ls_part part) {
  uint64_t offset;
  *out = (ls_node_storage){.inputs = (double)d->count[part] * (double)d->input_bytes};
  int status = find_inputs(d, part, &out->mapped, &offset);
  if (status == LS_OK) out->copied = (double)copy_bytes(d, part, out->mapped);
  return status;
}

/* ---- Creating -------------------------------------------------------------------------------- */

static int map_inputs(ls_node_samples *s, uint64_t offset) {
  const char *path = s->dataset->path;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  return mapped_file_create(&s->stored, file, path, offset, s->count * s->dataset->input_bytes,
                            false);
}

/* Sets where the samples are, once both files are mapped. */
static void place(ls_node_samples *s, ls_part part) {
  const ls_dataset *d = s->dataset;
  unsigned char *copy = mapped_file_bytes(s->copy);
  s->records = (ls_records){.inputs = s->stored ? mapped_file_bytes(s->stored)
                                                : copy + copied_inputs_begin(d, part),
                            .input_stride = d->input_bytes,
                            .targets = copy,
                            .target_stride = d->target_bytes};
}

/* Converts this rank's part of the samples. */
static int fill_copy(const ls_node_samples *s, ls_part part, const ls_peers *peers) {
  const size_t ranks = (size_t)peers->size, rank = (size_t)peers->rank;
  const size_t first = ls_partition_begin(s->count, ranks, rank);
  const size_t end = ls_partition_begin(s->count, ranks, rank + 1);
  ls_records to = s->records;
  if (s->stored) to.inputs = NULL;
  to = ls_records_from(&to, first);
  return ls_dataset_read_to(s->dataset, part, first, end - first, &to);
}

/* Collective: the copy, with the samples of all ranks. */
static int create_copy(ls_node_samples *s, ls_part part, const ls_peers *peers) {
  const size_t bytes = copy_bytes(s->dataset, part, s->stored != NULL);
  int file = -1;
  int status = peers->node_file(peers->context, ls_scratch_directory(), bytes, &file);
  if (status != LS_OK) return status;
  status = mapped_file_create(&s->copy, file, s->dataset->path, 0, bytes, true);
  if (status == LS_OK) {
    place(s, part);
    status = fill_copy(s, part, peers);
  }
  return peers->agree(peers->context, status);
}

int ls_node_samples_create(ls_node_samples **out, const ls_dataset *dataset, ls_part part,
                           const ls_peers *peers) {
  ls_node_samples *s = *out = ls_new(1, sizeof *s);
  int status = s ? LS_OK : LS_FAILED;
  bool mappable = false;
  uint64_t offset = 0;
  if (s) {
    *s = (ls_node_samples){.dataset = dataset, .count = dataset->count[part]};
    s->large = s->count * dataset->input_bytes > ls_node_memory() / 2;
    status = find_inputs(dataset, part, &mappable, &offset);
  }
  if (status == LS_OK && mappable) status = map_inputs(s, offset);
  status = peers->agree(peers->context, status);
  if (status == LS_OK) status = create_copy(s, part, peers);
  if (status != LS_OK) ls_node_samples_free(out);
  return status;
}

void ls_node_samples_free(ls_node_samples **samples) {
  ls_node_samples *s = *samples;
  if (!s) return;
  mapped_file_free(&s->stored);
  mapped_file_free(&s->copy);
  free(s);
  *samples = NULL;
}

/* ---- Using ----------------------------------------------------------------------------------- */

const ls_records *ls_node_samples_records(const ls_node_samples *s) {
  return &s->records;
}

/* The file in which the inputs are, and the first byte of them there. */
static const mapped_file *inputs_of(const ls_node_samples *s, size_t *begin) {
  const mapped_file *file = s->stored ? s->stored : s->copy;
  *begin = (size_t)(s->records.inputs - mapped_file_bytes(file));
  return file;
}

void ls_node_samples_read_ahead(const ls_node_samples *s, size_t first, size_t end) {
  const size_t bytes = s->dataset->input_bytes;
  size_t begin;
  const mapped_file *file = inputs_of(s, &begin);
  mapped_file_read_ahead(file, begin + first * bytes, begin + end * bytes);
}

void ls_node_samples_release(const ls_node_samples *s, size_t first, size_t end) {
  const size_t bytes = s->dataset->input_bytes;
  size_t begin;
  const mapped_file *file = inputs_of(s, &begin);
  if (s->large) mapped_file_release(file, begin + first * bytes, begin + end * bytes);
}
