/* Dataset files. */
#include "lockstep/dataset.h"

#include "lockstep/error.h"
#include "lockstep/h5.h"
#include "lockstep/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const part_names[LS_PART_COUNT] = {"train", "test"};

static void member_name(char out[32], ls_part part, const char *member) {
  strcpy(out, part_names[part]);
  strcat(strcat(out, "/"), member);
}

/* Takes over from x of the first part what holds for all, or checks that it holds for this one. */
static int check_inputs(ls_dataset *d, const char *name, const ls_h5_shape *x, bool first) {
  bool bytes = x->class_id == H5T_INTEGER && x->item_size == 1 && !x->is_signed;
  if (!bytes && !(x->class_id == H5T_FLOAT && x->item_size == 4)) {
    return ls_fail(LS_INVALID, "%s: /%s: has another type than uint8 or float32", d->path, name);
  }
  if (x->rank < 2 || x->rank > LS_MAX_DIMS + 1) {
    return ls_fail(LS_INVALID, "%s: /%s: has %d dimensions (expected 2 to %d: sample, ...)",
                   d->path, name, x->rank, LS_MAX_DIMS + 1);
  }
  ls_shape shape = {x->rank - 1, {0}};
  int64_t size = 1;
  for (int i = 0; i < shape.rank; i++) {
    shape.extent[i] = (int64_t)x->extent[i + 1];
    if (shape.extent[i] < 1 || __builtin_mul_overflow(size, shape.extent[i], &size) ||
        size > INT32_MAX) {
      return ls_fail(LS_INVALID, "%s: /%s: one sample is empty or too large", d->path, name);
    }
  }
  if (x->extent[0] < 1 || x->extent[0] > INT32_MAX) {
    return ls_fail(LS_INVALID, "%s: /%s: has %llu samples (expected 1 to %d)", d->path, name,
                   (unsigned long long)x->extent[0], INT32_MAX);
  }
  if (!first && (bytes != d->bytes || memcmp(&shape, &d->shape, sizeof shape) != 0)) {
    return ls_fail(LS_INVALID, "%s: /%s: has another type or sample shape than /train/x", d->path,
                   name);
  }
  d->bytes = bytes;
  d->shape = shape;
  return LS_OK;
}

static int read_scale(ls_dataset *d, hid_t file, const char *name) {
  d->scale = d->bytes ? 1.0 / 255 : 1;
  if (!ls_h5_has_attribute(file, name, "scale")) return LS_OK;
  int status = ls_h5_get_number(file, name, "scale", &d->scale);
  if (status == LS_OK && !(isfinite(d->scale) && d->scale != 0)) {
    return ls_fail(LS_INVALID, "%s: /%s: its scale is %g (expected a number other than 0)", d->path,
                   name, d->scale);
  }
  return status;
}

/* The number of classes: given, or that of their names. */
static int count_classes(hid_t file, const char *name, double *classes) {
  if (ls_h5_has_attribute(file, name, "class_count")) {
    return ls_h5_get_number(file, name, "class_count", classes);
  }
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_get_texts(file, name, "class_names", &names, &count);
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  *classes = (double)count;
  return status;
}

static int read_classes(ls_dataset *d, hid_t file, const char *name) {
  double classes = 0;
  if (!ls_h5_has_attribute(file, name, "class_count") &&
      !ls_h5_has_attribute(file, name, "class_names")) {
    return ls_fail(LS_INVALID, "%s: /%s: lacks the attribute class_count or class_names", d->path,
                   name);
  }
  int status = count_classes(file, name, &classes);
  if (status != LS_OK) return status;
  if (!(classes >= 1 && classes <= 1e6 && classes == floor(classes))) {
    return ls_fail(LS_INVALID, "%s: /%s: has %g classes (expected a whole number from 1)", d->path,
                   name, classes);
  }
  d->targets[0] = (ls_dataset_target){.classes = (int64_t)classes, .width = 1};
  d->target_count = 1;
  return LS_OK;
}

static int check_part(ls_dataset *d, hid_t file, ls_part part) {
  char x_name[32], y_name[32];
  member_name(x_name, part, "x");
  member_name(y_name, part, "y");
  ls_h5_shape x, y;
  int status = ls_h5_describe(file, x_name, &x);
  if (status == LS_OK) status = ls_h5_describe(file, y_name, &y);
  if (status == LS_OK) status = check_inputs(d, x_name, &x, part == LS_TRAIN);
  if (status != LS_OK) return status;
  if (y.class_id != H5T_INTEGER || y.rank != 1) {
    return ls_fail(LS_INVALID, "%s: /%s: is not a list of integer class labels", d->path, y_name);
  }
  if (y.extent[0] != x.extent[0]) {
    return ls_fail(LS_INVALID, "%s: /%s: has %llu labels for %llu samples", d->path, y_name,
                   (unsigned long long)y.extent[0], (unsigned long long)x.extent[0]);
  }
  d->count[part] = (size_t)x.extent[0];
  if (part != LS_TRAIN) return LS_OK;
  status = read_scale(d, file, x_name);
  return status == LS_OK ? read_classes(d, file, y_name) : status;
}

int ls_dataset_open(ls_dataset **out, const char *path) {
  *out = NULL;
  ls_dataset *d = ls_new(1, sizeof *d);
  hid_t file = -1;
  int status = d && (d->path = ls_copy_text(path)) ? ls_h5_open(&file, path) : LS_FAILED;
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (ls_h5_has(file, part_names[part])) {
      status = check_part(d, file, (ls_part)part);
    } else if (part == LS_TRAIN) {
      status = ls_fail(LS_INVALID, "%s: is no dataset: it has no /train/x", path);
    }
  }
  ls_h5_close(&file);
  if (status != LS_OK) {
    ls_dataset_free(&d);
    return status;
  }
  d->input_bytes = (size_t)ls_shape_size(&d->shape) * (d->bytes ? 1 : sizeof(float));
  d->record_bytes = (d->input_bytes + 3) / 4 * 4;
  for (size_t i = 0; i < d->target_count; i++) {
    d->targets[i].offset = d->record_bytes;
    d->record_bytes += 4 * d->targets[i].width;
  }
  *out = d;
  return LS_OK;
}

void ls_dataset_free(ls_dataset **dataset) {
  if (!*dataset) return;
  free((*dataset)->path);
  free(*dataset);
  *dataset = NULL;
}

static int check_label(const ls_dataset *d, ls_part part, size_t number, int32_t label) {
  if (label >= 0 && label < d->targets[0].classes) return LS_OK;
  return ls_fail(LS_INVALID, "%s: /%s/y: sample %zu has label %d (expected 0 to %lld)", d->path,
                 part_names[part], number, label, (long long)d->targets[0].classes - 1);
}

static int check_inputs_finite(const ls_dataset *d, ls_part part, size_t number,
                               const unsigned char *record) {
  if (d->bytes) return LS_OK;
  for (size_t i = 0; i < d->input_bytes; i += sizeof(float)) {
    float value;
    memcpy(&value, record + i, sizeof value);
    if (!isfinite(value)) {
      return ls_fail(LS_INVALID, "%s: /%s/x: sample %zu holds a value that is not finite", d->path,
                     part_names[part], number);
    }
  }
  return LS_OK;
}

/* Reads samples that fit the two buffers and spreads them over records. */
static int read_some(const ls_dataset *d, hid_t file, ls_part part, size_t first, size_t count,
                     unsigned char *inputs, int32_t *labels, unsigned char *records) {
  char x_name[32], y_name[32];
  member_name(x_name, part, "x");
  member_name(y_name, part, "y");
  hsize_t start[LS_MAX_DIMS + 1] = {first}, extent[LS_MAX_DIMS + 1] = {count};
  for (int i = 0; i < d->shape.rank; i++) extent[i + 1] = (hsize_t)d->shape.extent[i];
  hid_t type = d->bytes ? H5T_NATIVE_UINT8 : H5T_NATIVE_FLOAT;
  int status = ls_h5_read_part(file, x_name, type, start, extent, inputs);
  if (status == LS_OK) {
    status = ls_h5_read_part(file, y_name, H5T_NATIVE_INT32, start, extent, labels);
  }
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    unsigned char *record = records + i * d->record_bytes;
    memcpy(record, inputs + i * d->input_bytes, d->input_bytes);
    memcpy(record + d->targets[0].offset, &labels[i], sizeof labels[i]);
    status = check_label(d, part, first + i, labels[i]);
    if (status == LS_OK) status = check_inputs_finite(d, part, first + i, record);
  }
  return status;
}

int ls_dataset_read(const ls_dataset *d, ls_part part, size_t first, size_t count,
                    unsigned char *records) {
  size_t at_a_time = ((size_t)4 << 20) / d->input_bytes + 1;
  hid_t file = -1;
  int status = ls_h5_open(&file, d->path);
  unsigned char *inputs = ls_new(at_a_time, d->input_bytes);
  int32_t *labels = ls_new(at_a_time, sizeof *labels);
  if (status == LS_OK && (!inputs || !labels)) status = LS_FAILED;
  for (size_t done = 0; done < count && status == LS_OK;) {
    size_t n = count - done < at_a_time ? count - done : at_a_time;
    status =
        read_some(d, file, part, first + done, n, inputs, labels, records + done * d->record_bytes);
    done += n;
  }
  free(inputs);
  free(labels);
  ls_h5_close(&file);
  return status;
}

static int check_labels_of(const ls_dataset *d, hid_t file, ls_part part) {
  char name[32];
  member_name(name, part, "y");
  int32_t *labels = ls_new(d->count[part], sizeof *labels);
  int status = labels ? ls_h5_read(file, name, H5T_NATIVE_INT32, labels) : LS_FAILED;
  for (size_t i = 0; i < d->count[part] && status == LS_OK; i++) {
    status = check_label(d, part, i, labels[i]);
  }
  free(labels);
  return status;
}

int ls_dataset_check_labels(const ls_dataset *d) {
  hid_t file = -1;
  int status = ls_h5_open(&file, d->path);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (d->count[part] > 0) status = check_labels_of(d, file, (ls_part)part);
  }
  ls_h5_close(&file);
  return status;
}

void ls_dataset_decode(const ls_dataset *d, const unsigned char *record, ls_real *x) {
  const ls_real scale = (ls_real)d->scale;
  size_t size = (size_t)ls_shape_size(&d->shape);
  if (d->bytes) {
    for (size_t i = 0; i < size; i++) x[i] = (ls_real)record[i] * scale;
  } else {
    const float *stored = (const float *)(const void *)record;
    for (size_t i = 0; i < size; i++) x[i] = (ls_real)stored[i] * scale;
  }
}

int32_t ls_dataset_label(const ls_dataset *d, const unsigned char *record, size_t target) {
  int32_t label;
  memcpy(&label, record + d->targets[target].offset, sizeof label);
  return label;
}

void ls_dataset_values(const ls_dataset *d, const unsigned char *record, size_t target,
                       ls_real *values) {
  const ls_dataset_target *t = &d->targets[target];
  for (size_t i = 0; i < t->width; i++) {
    float value;
    memcpy(&value, record + t->offset + i * sizeof value, sizeof value);
    values[i] = (ls_real)value;
  }
}
