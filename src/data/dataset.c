/* Opening dataset files: the inputs and targets of one, and whether they fit together. */
#include "data/dataset.h"

#include "base/memory.h"
#include "data/members.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WIDTH = 1 << 24 };

/* ---- Inputs ---------------------------------------------------------------------------------- */

/* Sets type and shape of inputs from the first part, or checks that another part has the same. */
static int check_inputs(ls_dataset *d, const char *name, const ls_h5_shape *x, bool first) {
  bool bytes = x->class_id == H5T_INTEGER && x->item_size == 1 && !x->is_signed;
  if (!bytes && !(x->class_id == H5T_FLOAT && x->item_size == 4)) {
    return ls_fail(LS_INVALID, "%s: /%s: is neither uint8 nor float32", d->path, name);
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
    return ls_fail(LS_INVALID, "%s: /%s: differs from /train/x in type or sample shape", d->path,
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

/* ---- Targets --------------------------------------------------------------------------------- */

/* The number of classes: the attribute class_count, or the length of class_names. */
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

static int read_classes(ls_dataset *d, hid_t file, const char *name, ls_dataset_target *target) {
  double classes = 0;
  if (!ls_h5_has_attribute(file, name, "class_count") &&
      !ls_h5_has_attribute(file, name, "class_names")) {
    return ls_fail(LS_INVALID, "%s: /%s: lacks the attribute class_count or class_names", d->path,
                   name);
  }
  int status = count_classes(file, name, &classes);
  if (status != LS_OK) return status;
  if (!(classes >= 1 && classes <= 1e6 && classes == floor(classes))) {
    return ls_fail(LS_INVALID, "%s: /%s: has %g classes (expected an integer from 1 to 1000000)",
                   d->path, name, classes);
  }
  target->classes = (int64_t)classes;
  return LS_OK;
}

/* Sets kind and width of a target. The number of classes, where it has any, isn't read yet. */
static int check_target(const ls_dataset *d, const char *name, const ls_h5_shape *y, ls_part part,
                        ls_dataset_target *target) {
  bool labels = y->class_id == H5T_INTEGER && y->rank == 1;
  bool values = y->class_id == H5T_FLOAT && (y->rank == 1 || y->rank == 2);
  if (!labels && !values) {
    return ls_fail(LS_INVALID,
                   "%s: /%s: is neither integer class labels [sample] nor floats [sample] or "
                   "[sample, value]",
                   d->path, name);
  }
  if (y->extent[0] != d->count[part]) {
    return ls_fail(LS_INVALID, "%s: /%s: has %llu %s for %zu samples", d->path, name,
                   (unsigned long long)y->extent[0], labels ? "labels" : "rows of values",
                   d->count[part]);
  }
  if (y->rank == 2 && (y->extent[1] < 1 || y->extent[1] > MAX_WIDTH)) {
    return ls_fail(LS_INVALID, "%s: /%s: has %llu values per sample (expected 1 to %d)", d->path,
                   name, (unsigned long long)y->extent[1], MAX_WIDTH);
  }
  target->classes = labels ? 1 : 0;
  target->width = y->rank == 2 ? (size_t)y->extent[1] : 1;
  return LS_OK;
}

/* Appends the target: the member `name` of the group /train/y, or with "" /train/y itself. */
static int add_target(ls_dataset *d, hid_t file, const char *name) {
  if (d->target_count == LS_MAX_TARGETS) {
    return ls_fail(LS_INVALID, "%s: /train/y: has more than %d members", d->path, LS_MAX_TARGETS);
  }
  ls_dataset_target *target = &d->targets[d->target_count++];
  if (strlen(name) >= sizeof target->name || strcmp(name, "input") == 0) {
    return ls_fail(LS_INVALID,
                   "%s: /train/y/%s: is not a valid name of a target (expected up to %zu bytes, "
                   "other than input)",
                   d->path, name, sizeof target->name - 1);
  }
  strcpy(target->name, name);
  char path[MEMBER_PATH];
  member_of_target(path, LS_TRAIN, target->name);
  ls_h5_shape y;
  int status = ls_h5_describe(file, path, &y);
  if (status == LS_OK) status = check_target(d, path, &y, LS_TRAIN, target);
  if (status == LS_OK && target->classes > 0) status = read_classes(d, file, path, target);
  return status;
}

/* Finds the targets: /train/y is one, or a group of them, taken in the order of their names. */
static int list_targets(ls_dataset *d, hid_t file) {
  hid_t group = -1;
  if (ls_h5_open_group(&group, file, "train/y") != LS_OK) {
    ls_error_clear();
    return add_target(d, file, "");
  }
  ls_h5_close(&group);
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(file, "train/y", &names, &count);
  if (status == LS_OK && count == 0) {
    status =
        ls_fail(LS_INVALID, "%s: /train/y: is empty (expected one dataset per target)", d->path);
  }
  for (size_t i = 0; i < count; i++) {
    if (status == LS_OK) status = add_target(d, file, names[i]);
    free(names[i]);
  }
  free(names);
  return status;
}

/* Checks that the test part has the targets that the training part has. */
static int compare_targets(const ls_dataset *d, hid_t file) {
  int status = LS_OK;
  for (size_t i = 0; i < d->target_count && status == LS_OK; i++) {
    const ls_dataset_target *target = &d->targets[i];
    ls_dataset_target found;
    char path[MEMBER_PATH];
    ls_h5_shape y;
    member_of_target(path, LS_TEST, target->name);
    if (!ls_h5_has(file, path)) {
      return ls_fail(LS_INVALID, "%s: /%s: is missing (expected the targets that /train has)",
                     d->path, path);
    }
    status = ls_h5_describe(file, path, &y);
    if (status == LS_OK) status = check_target(d, path, &y, LS_TEST, &found);
    if (status != LS_OK) return status;
    if ((found.classes > 0) != (target->classes > 0) || found.width != target->width) {
      return ls_fail(LS_INVALID, "%s: /%s: differs from that of /train in type or width", d->path,
                     path);
    }
  }
  return status;
}

/* ---- Parts and file -------------------------------------------------------------------------- */

static int check_part(ls_dataset *d, hid_t file, ls_part part) {
  char name[MEMBER_PATH];
  ls_h5_shape x;
  member_of_input(name, part);
  int status = ls_h5_describe(file, name, &x);
  if (status == LS_OK) status = check_inputs(d, name, &x, part == LS_TRAIN);
  if (status != LS_OK) return status;
  d->count[part] = (size_t)x.extent[0];
  if (part != LS_TRAIN) return compare_targets(d, file);
  status = read_scale(d, file, name);
  return status == LS_OK ? list_targets(d, file) : status;
}

int ls_dataset_open(ls_dataset **out, const char *path) {
  *out = NULL;
  ls_dataset *d = ls_new(1, sizeof *d);
  hid_t file = -1;
  int status = d && (d->path = ls_copy_text(path)) ? ls_h5_open(&file, path) : LS_FAILED;
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (ls_h5_has(file, member_parts[part])) {
      status = check_part(d, file, (ls_part)part);
    } else if (part == LS_TRAIN) {
      status = ls_fail(LS_INVALID, "%s: is not a dataset: it has no /train/x", path);
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
