/* Reading the samples of dataset files, checking their values, and converting records. */
#include "data/records.h"

#include "base/activity.h"
#include "base/memory.h"
#include "data/file.h"
#include "data/labels.h"
#include "data/members.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading --------------------------------------------------------------------------------- */

static int check_finite(const ls_dataset *d, const char *path, size_t number, size_t count,
                        const void *floats) {
  for (size_t i = 0; i < count; i++) {
    float value;
    memcpy(&value, (const unsigned char *)floats + i * sizeof value, sizeof value);
    if (!isfinite(value)) {
      return ls_fail(LS_INVALID, "%s: /%s: sample %zu holds a value that is not finite", d->path,
                     path, number);
    }
  }
  return LS_OK;
}

/* Reads a target of samples from `first` on: int32 labels, or float values [sample, width]. */
static int read_target(const ls_dataset *d, hid_t file, ls_part part, size_t k, size_t first,
                       size_t count, void *out) {
  const ls_dataset_target *target = &d->targets[k];
  const hsize_t start[2] = {first}, extent[2] = {count, target->width};
  char path[MEMBER_PATH];
  member_of_target(path, part, target->name);
  if (target->classes > 0) return labels_read(d, file, path, target, first, count, out);
  int status = ls_h5_read_block(file, path, H5T_NATIVE_FLOAT, start, extent, out);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    const float *values = (const float *)out + i * target->width;
    status = check_finite(d, path, first + i, target->width, values);
  }
  return status;
}

/* Reads the weights of samples from `first` on, which are 1 where the part has none. */
static int read_weights(const ls_dataset *d, hid_t file, ls_part part, size_t k, size_t first,
                        size_t count, float *out) {
  const ls_dataset_weight *weight = &d->weights[k];
  const hsize_t start[1] = {first}, extent[1] = {count};
  char path[MEMBER_PATH];
  for (size_t i = 0; i < count; i++) out[i] = 1;
  if (!weight->stored[part]) return LS_OK;
  member_of_weight(path, part, weight->name);
  int status = ls_h5_read_block(file, path, H5T_NATIVE_FLOAT, start, extent, out);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    if (out[i] >= 0 && isfinite(out[i])) continue;
    return ls_fail(LS_INVALID, "%s: /%s: sample %zu has the weight %g (expected 0 or more)",
                   d->path, path, first + i, (double)out[i]);
  }
  return status;
}

/* Copies item i of `count` items of `bytes` each to `to` + i * `stride`. */
static void scatter(size_t count, const unsigned char *items, size_t bytes, unsigned char *to,
                    size_t stride) {
  for (size_t i = 0; i < count; i++) memcpy(to + i * stride, items + i * bytes, bytes);
}

/* Reads inputs of samples that fit the buffer, and checks that they are finite. */
static int read_inputs(const ls_dataset *d, hid_t file, ls_part part, size_t first, size_t count,
                       unsigned char *buffer) {
  char path[MEMBER_PATH];
  member_of_input(path, part);
  hsize_t start[LS_MAX_DIMS + 1] = {first}, extent[LS_MAX_DIMS + 1] = {count};
  for (int i = 0; i < d->shape.rank; i++) extent[i + 1] = (hsize_t)d->shape.extent[i];
  hid_t type = d->bytes ? H5T_NATIVE_UINT8 : H5T_NATIVE_FLOAT;
  int status = ls_h5_read_block(file, path, type, start, extent, buffer);
  for (size_t i = 0; i < count && status == LS_OK && !d->bytes; i++) {
    const unsigned char *input = buffer + i * d->input_bytes;
    status = check_finite(d, path, first + i, d->input_bytes / sizeof(float), input);
  }
  return status;
}

/* Reads samples that fit the buffer and scatters them over records. */
static int read_block(const ls_dataset *d, hid_t file, ls_part part, size_t first, size_t count,
                      unsigned char *buffer, const ls_records *to) {
  int status = to->inputs ? read_inputs(d, file, part, first, count, buffer) : LS_OK;
  if (status == LS_OK && to->inputs) {
    scatter(count, buffer, d->input_bytes, to->inputs, to->input_stride);
  }
  for (size_t k = 0; k < d->target_count && status == LS_OK; k++) {
    status = read_target(d, file, part, k, first, count, buffer);
    if (status == LS_OK) {
      scatter(count, buffer, 4 * d->targets[k].width, to->targets + d->targets[k].offset,
              to->target_stride);
    }
  }
  for (size_t k = 0; k < d->weight_count && status == LS_OK; k++) {
    status = read_weights(d, file, part, k, first, count, (float *)(void *)buffer);
    if (status == LS_OK) {
      scatter(count, buffer, sizeof(float), to->targets + d->weights[k].offset, to->target_stride);
    }
  }
  return status;
}

size_t ls_dataset_block(const ls_dataset *d, ls_part part, size_t first) {
  const size_t chunk = d->chunk[part] > 0 ? d->chunk[part] : 1;
  const size_t samples = ((size_t)4 << 20) / d->record_bytes + 1;
  return (samples + chunk - 1) / chunk * chunk - first % chunk;
}

ls_records ls_records_from(const ls_records *records, size_t first) {
  ls_records from = *records;
  if (from.inputs) from.inputs += first * from.input_stride;
  from.targets += first * from.target_stride;
  return from;
}

int ls_dataset_read_to(const ls_dataset *d, ls_part part, size_t first, size_t count,
                       const ls_records *to) {
  hid_t file = -1;
  int status = dataset_open_file(&file, d);
  /* A record is larger than any item. */
  unsigned char *buffer = ls_new(ls_dataset_block(d, part, 0), d->record_bytes);
  if (status == LS_OK && !buffer) status = LS_FAILED;
  for (size_t done = 0; done < count && status == LS_OK;) {
    size_t block = ls_dataset_block(d, part, first + done);
    size_t n = count - done < block ? count - done : block;
    const ls_records rest = ls_records_from(to, done);
    status = read_block(d, file, part, first + done, n, buffer, &rest);
    done += n;
    ls_activity_progress();
  }
  free(buffer);
  ls_h5_close(&file);
  return status;
}

ls_records ls_records_of(const ls_dataset *d, unsigned char *records) {
  return (ls_records){records, d->record_bytes, records + d->targets_begin, d->record_bytes};
}

int ls_dataset_read(const ls_dataset *d, ls_part part, size_t first, size_t count,
                    unsigned char *records) {
  const ls_records to = ls_records_of(d, records);
  return ls_dataset_read_to(d, part, first, count, &to);
}

int ls_dataset_labels(const ls_dataset *d, ls_part part, size_t target, int32_t *labels) {
  hid_t file = -1;
  int status = dataset_open_file(&file, d);
  if (status == LS_OK) status = read_target(d, file, part, target, 0, d->count[part], labels);
  ls_h5_close(&file);
  return status;
}

static int check_targets(const ls_dataset *d, hid_t file, ls_part part) {
  int status = LS_OK;
  for (size_t k = 0; k < d->target_count && status == LS_OK; k++) {
    void *all = ls_new(d->count[part], 4 * d->targets[k].width);
    status = all ? read_target(d, file, part, k, 0, d->count[part], all) : LS_FAILED;
    free(all);
  }
  for (size_t k = 0; k < d->weight_count && status == LS_OK; k++) {
    float *all = ls_new(d->count[part], sizeof *all);
    status = all ? read_weights(d, file, part, k, 0, d->count[part], all) : LS_FAILED;
    free(all);
  }
  return status;
}

int ls_dataset_check_labels(const ls_dataset *d) {
  hid_t file = -1;
  int status = dataset_open_file(&file, d);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (d->count[part] > 0) status = check_targets(d, file, (ls_part)part);
  }
  ls_h5_close(&file);
  return status;
}

static int check_inputs(const ls_dataset *d, hid_t file, ls_part part) {
  const size_t block = ls_dataset_block(d, part, 0), samples = d->count[part];
  unsigned char *buffer = ls_new(block, d->input_bytes);
  int status = buffer ? LS_OK : LS_FAILED;
  for (size_t first = 0; first < samples && status == LS_OK; first += block) {
    size_t n = samples - first < block ? samples - first : block;
    status = read_inputs(d, file, part, first, n, buffer);
    ls_activity_progress();
  }
  free(buffer);
  return status;
}

int ls_dataset_check_inputs(const ls_dataset *d) {
  if (d->bytes) return LS_OK;
  hid_t file = -1;
  int status = dataset_open_file(&file, d);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (d->count[part] > 0) status = check_inputs(d, file, (ls_part)part);
  }
  ls_h5_close(&file);
  return status;
}

/* ---- Records --------------------------------------------------------------------------------- */

void ls_dataset_decode(const ls_dataset *d, const unsigned char *input, ls_real *x) {
  const ls_real scale = (ls_real)d->scale;
  size_t size = (size_t)ls_shape_size(&d->shape);
  if (d->bytes) {
    for (size_t i = 0; i < size; i++) x[i] = (ls_real)input[i] * scale;
  } else {
    const float *stored = (const float *)(const void *)input;
    for (size_t i = 0; i < size; i++) x[i] = (ls_real)stored[i] * scale;
  }
}

int32_t ls_dataset_label(const ls_dataset *d, const unsigned char *targets, size_t target) {
  int32_t label;
  memcpy(&label, targets + d->targets[target].offset, sizeof label);
  return label;
}

ls_real ls_dataset_weight_of(const ls_dataset *d, const unsigned char *targets, size_t k) {
  float weight;
  memcpy(&weight, targets + d->weights[k].offset, sizeof weight);
  return (ls_real)weight;
}

void ls_dataset_values(const ls_dataset *d, const unsigned char *targets, size_t target,
                       ls_real *values) {
  const ls_dataset_target *t = &d->targets[target];
  for (size_t i = 0; i < t->width; i++) {
    float value;
    memcpy(&value, targets + t->offset + i * sizeof value, sizeof value);
    values[i] = (ls_real)value;
  }
}
