/* Opening dataset files: the inputs and targets of one, and whether they fit together. */
#include "data/dataset.h"

#include "base/memory.h"
#include "data/file.h"
#include "data/labels.h"
#include "data/members.h"
#include "data/scale.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WIDTH = 1 << 24 };

/* ---- Inputs ---------------------------------------------------------------------------------- */

static bool is_integer(const ls_h5_shape *a) {
  return a->class_id == H5T_INTEGER || a->class_id == H5T_ENUM; /* bool is an enumeration */
}

/* Fails with what the file has there. */
static int fail_shape(const ls_dataset *d, const char *name, const ls_h5_shape *found,
                      const char *expected) {
  char text[256];
  ls_h5_format_shape(found, text, sizeof text);
  return ls_fail(LS_INVALID, "%s: /%s: is %s (expected %s)", d->path, name, text, expected);
}

/* Fails because the test part does not match the training part, which has `first` there. */
static int fail_parts(const ls_dataset *d, const char *name, const ls_h5_shape *found,
                      const char *first_name, const ls_h5_shape *first) {
  char expected[320];
  int used =
      snprintf(expected, sizeof expected, "samples like those of /%s, which is ", first_name);
  ls_h5_format_shape(first, expected + used, sizeof expected - (size_t)used);
  return fail_shape(d, name, found, expected);
}

/* Sets the shape of one sample; images without a channel have one. */
static int set_sample_shape(ls_shape *shape, const ls_dataset *d, const char *name,
                            const ls_h5_shape *x) {
  *shape = (ls_shape){x->rank - 1, {0}};
  int64_t size = 1;
  for (int i = 0; i < shape->rank; i++) {
    shape->extent[i] = (int64_t)x->extent[i + 1];
    if (shape->extent[i] < 1 || __builtin_mul_overflow(size, shape->extent[i], &size) ||
        size > INT32_MAX) {
      return fail_shape(d, name, x, "samples that are neither empty nor too large");
    }
  }
  if (shape->rank == 2) shape->extent[shape->rank++] = 1;
  return LS_OK;
}

/* Sets type and shape of inputs from the first part, or checks that another part has the same. */
static int check_inputs(ls_dataset *d, hid_t file, const char *name, const ls_h5_shape *x,
                        bool first) {
  if (x->rank < 2 || x->rank > LS_MAX_DIMS + 1 || !(is_integer(x) || x->class_id == H5T_FLOAT)) {
    return fail_shape(d, name, x, "numbers [sample, ...] of 2 to 5 dimensions");
  }
  bool bytes = ls_dataset_has_bytes(x);
  ls_shape shape;
  int status = set_sample_shape(&shape, d, name, x);
  if (status != LS_OK) return status;
  if (x->extent[0] < 1 || x->extent[0] > INT32_MAX) {
    return fail_shape(d, name, x, "1 to 2147483647 samples");
  }
  if (!first && (bytes != d->bytes || memcmp(&shape, &d->shape, sizeof shape) != 0)) {
    char train_name[MEMBER_PATH];
    ls_h5_shape train;
    member_of_input(train_name, LS_TRAIN);
    status = ls_h5_describe(file, train_name, &train);
    return status == LS_OK ? fail_parts(d, name, x, train_name, &train) : status;
  }
  d->bytes = bytes;
  d->shape = shape;
  return LS_OK;
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

/* Checks the number of classes that the file gives, if any, else counts the labels' in both parts.
 */
static int find_classes(ls_dataset *d, hid_t file, const char *path, ls_dataset_target *target) {
  if (!ls_h5_has_attribute(file, path, "class_count") &&
      !ls_h5_has_attribute(file, path, "class_names")) {
    char test[MEMBER_PATH];
    ls_h5_shape y;
    member_of_target(test, LS_TEST, target->name);
    if (target->one_hot) return LS_OK;
    int status = labels_count_classes(d, file, path, target, d->count[d->described]);
    if (status != LS_OK || d->described == LS_TEST || !ls_h5_has(file, test)) return status;
    status = ls_h5_describe(file, test, &y);
    if (status != LS_OK || !is_integer(&y) || y.extent[0] == 0) return status; /* reported later */
    return labels_count_classes(d, file, test, target, (size_t)y.extent[0]);
  }
  double classes = 0;
  int status = count_classes(file, path, &classes);
  if (status != LS_OK) return status;
  if (!(classes >= 1 && classes <= LABELS_MOST_CLASSES && classes == floor(classes))) {
    return ls_fail(LS_INVALID, "%s: /%s: has %g classes (expected an integer from 1 to %d)",
                   d->path, path, classes, LABELS_MOST_CLASSES);
  }
  if (target->one_hot && classes != (double)target->classes) {
    return ls_fail(LS_INVALID, "%s: /%s: has %g classes, but one-hot labels of %lld", d->path, path,
                   classes, (long long)target->classes);
  }
  target->classes = (int64_t)classes;
  return LS_OK;
}

/* Sets kind and width of a target. The number of classes of integer labels isn't read yet. */
static int check_target(const ls_dataset *d, hid_t file, const char *name, const ls_h5_shape *y,
                        ls_part part, ls_dataset_target *target) {
  if (y->rank < 1 || y->rank > 2 || !(is_integer(y) || y->class_id == H5T_FLOAT)) {
    return fail_shape(d, name, y,
                      "integer class labels [sample], one-hot labels [sample, class], or values "
                      "[sample] or [sample, value]");
  }
  size_t width = y->rank == 2 ? (size_t)y->extent[1] : 1;
  bool labels = is_integer(y) && width == 1;
  if (y->extent[0] != d->count[part]) {
    return ls_fail(LS_INVALID, "%s: /%s: has %llu %s for %zu samples", d->path, name,
                   (unsigned long long)y->extent[0], labels ? "labels" : "rows of values",
                   d->count[part]);
  }
  if (width < 1 || width > MAX_WIDTH) {
    return ls_fail(LS_INVALID, "%s: /%s: has %zu values per sample (expected 1 to %d)", d->path,
                   name, width, MAX_WIDTH);
  }
  target->one_hot = false;
  if (width > 1 && width <= LABELS_MOST_CLASSES) {
    int status = labels_find_one_hot(&target->one_hot, file, name, d->count[part], width);
    if (status != LS_OK) return status;
  }
  target->classes = labels ? 1 : target->one_hot ? (int64_t)width : 0;
  target->width = target->one_hot ? 1 : width;
  return LS_OK;
}

/* Appends the target: the member `name` of the group y, or with "" y itself. */
static int add_target(ls_dataset *d, hid_t file, const char *name) {
  const char *part = member_parts[d->described];
  if (d->target_count == LS_MAX_TARGETS) {
    return ls_fail(LS_INVALID, "%s: /%s/y: has more than %d members", d->path, part,
                   LS_MAX_TARGETS);
  }
  ls_dataset_target *target = &d->targets[d->target_count++];
  if (strlen(name) >= sizeof target->name || strcmp(name, "input") == 0) {
    return ls_fail(LS_INVALID,
                   "%s: /%s/y/%s: is not a valid name of a target (expected up to %zu bytes, "
                   "other than input)",
                   d->path, part, name, sizeof target->name - 1);
  }
  strcpy(target->name, name);
  char path[MEMBER_PATH];
  member_of_target(path, d->described, target->name);
  ls_h5_shape y;
  int status = ls_h5_describe(file, path, &y);
  if (status == LS_OK) status = check_target(d, file, path, &y, d->described, target);
  if (status == LS_OK && target->classes > 0) status = find_classes(d, file, path, target);
  return status;
}

/* Finds the targets: y is one, or a group of them, taken in the order of their names. */
static int list_targets(ls_dataset *d, hid_t file) {
  char path[MEMBER_PATH];
  hid_t group = -1;
  member_of_target(path, d->described, "");
  if (ls_h5_open_group(&group, file, path) != LS_OK) {
    ls_error_clear();
    return add_target(d, file, "");
  }
  ls_h5_close(&group);
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(file, path, &names, &count);
  if (status == LS_OK && count == 0) {
    status =
        ls_fail(LS_INVALID, "%s: /%s: is empty (expected one dataset per target)", d->path, path);
  }
  for (size_t i = 0; i < count; i++) {
    if (status == LS_OK) status = add_target(d, file, names[i]);
    free(names[i]);
  }
  free(names);
  return status;
}

/* Takes one-hot rows for the values that they are. */
static void as_values(ls_dataset_target *target) {
  if (!target->one_hot) return;
  target->width = (size_t)target->classes;
  target->classes = 0;
  target->one_hot = false;
}

/* Checks that the test part has the targets that the training part has. */
static int compare_targets(ls_dataset *d, hid_t file) {
  int status = LS_OK;
  for (size_t i = 0; i < d->target_count && status == LS_OK; i++) {
    ls_dataset_target *target = &d->targets[i];
    ls_dataset_target found;
    char path[MEMBER_PATH];
    ls_h5_shape y;
    member_of_target(path, LS_TEST, target->name);
    if (!ls_h5_has(file, path)) {
      return ls_fail(LS_INVALID, "%s: /%s: is missing (expected the targets that /train has)",
                     d->path, path);
    }
    status = ls_h5_describe(file, path, &y);
    if (status == LS_OK) status = check_target(d, file, path, &y, LS_TEST, &found);
    if (status != LS_OK) return status;
    if (found.one_hot != target->one_hot) { /* a part of values that look like labels */
      as_values(&found);
      as_values(target);
    }
    bool labels = found.classes > 0, same_rows = !found.one_hot || found.classes == target->classes;
    if (labels != (target->classes > 0) || !same_rows || found.width != target->width) {
      char train_path[MEMBER_PATH];
      ls_h5_shape train;
      member_of_target(train_path, LS_TRAIN, target->name);
      status = ls_h5_describe(file, train_path, &train);
      return status == LS_OK ? fail_parts(d, path, &y, train_path, &train) : status;
    }
  }
  return status;
}

/* ---- Weights of samples ---------------------------------------------------------------------- */

/* Looks for the weight's member in a part, and checks its shape. */
static int check_weight(const ls_dataset *d, hid_t file, ls_part part, ls_dataset_weight *weight) {
  char path[MEMBER_PATH];
  ls_h5_shape w;
  member_of_weight(path, part, weight->name);
  weight->stored[part] = d->count[part] > 0 && ls_h5_has(file, path);
  if (!weight->stored[part]) return LS_OK;
  int status = ls_h5_describe(file, path, &w);
  if (status != LS_OK) return status;
  bool numbers = is_integer(&w) || w.class_id == H5T_FLOAT;
  if (w.rank != 1 || !numbers || w.extent[0] != d->count[part]) {
    return fail_shape(d, path, &w, "a number for each sample, [sample]");
  }
  return LS_OK;
}

static int add_weight(ls_dataset *d, hid_t file, const char *name) {
  ls_dataset_weight *weight = &d->weights[d->weight_count];
  if (d->weight_count == LS_MAX_WEIGHTS || strlen(name) >= sizeof weight->name) {
    return ls_fail(LS_INVALID,
                   "%s: /%s/%s: is one weight too many, or its name too long (expected at most "
                   "%d weights, with names of up to %zu bytes)",
                   d->path, member_parts[d->described], name, LS_MAX_WEIGHTS,
                   sizeof weight->name - 1);
  }
  d->weight_count++;
  strcpy(weight->name, name);
  int status = check_weight(d, file, LS_TRAIN, weight);
  return status == LS_OK ? check_weight(d, file, LS_TEST, weight) : status;
}

static int list_weights(ls_dataset *d, hid_t file) {
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(file, member_parts[d->described], &names, &count);
  for (size_t i = 0; i < count; i++) {
    bool is_weight = strcmp(names[i], "weight") == 0 || strncmp(names[i], "weight_", 7) == 0;
    if (status == LS_OK && is_weight) status = add_weight(d, file, names[i]);
    free(names[i]);
  }
  free(names);
  return status;
}

/* ---- Parts and file -------------------------------------------------------------------------- */

static int check_part(ls_dataset *d, hid_t file, ls_part part) {
  char name[MEMBER_PATH];
  ls_h5_shape x;
  member_of_input(name, part);
  int status = ls_h5_describe(file, name, &x);
  if (status == LS_OK) status = check_inputs(d, file, name, &x, part == d->described);
  if (status != LS_OK) return status;
  d->count[part] = (size_t)x.extent[0];
  d->chunk[part] = (size_t)(x.chunk < x.extent[0] ? x.chunk : x.extent[0]);
  if (part != d->described) return compare_targets(d, file);
  status = ls_dataset_read_scale(&d->scale, file, d->path, name, &x);
  return status == LS_OK ? list_targets(d, file) : status;
}

static int check_parts(ls_dataset *d, hid_t file) {
  int status = LS_OK;
  bool has[LS_PART_COUNT];
  for (int part = 0; part < LS_PART_COUNT; part++) has[part] = ls_h5_has(file, member_parts[part]);
  d->described = has[LS_TRAIN] ? LS_TRAIN : LS_TEST;
  if (!has[d->described]) {
    return ls_fail(LS_INVALID, "%s: is not a dataset: it has neither /train/x nor /test/x",
                   d->path);
  }
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (has[part]) status = check_part(d, file, (ls_part)part);
  }
  return status;
}

int dataset_open_file(hid_t *file, const ls_dataset *d) {
  return d->allow_external ? ls_h5_open_virtual(file, d->path) : ls_h5_open(file, d->path);
}

int ls_dataset_open(ls_dataset **out, const char *path) {
  return ls_dataset_open_as(out, path, false);
}

int ls_dataset_open_as(ls_dataset **out, const char *path, bool allow_external) {
  *out = NULL;
  ls_dataset *d = ls_new(1, sizeof *d);
  hid_t file = -1;
  int status = d && (d->path = ls_copy_text(path)) ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    d->allow_external = allow_external;
    status = dataset_open_file(&file, d);
  }
  if (status == LS_OK) status = check_parts(d, file);
  if (status == LS_OK) status = list_weights(d, file);
  ls_h5_close(&file);
  if (status != LS_OK) {
    ls_dataset_free(&d);
    return status;
  }
  d->input_bytes = (size_t)ls_shape_size(&d->shape) * (d->bytes ? 1 : sizeof(float));
  d->targets_begin = (d->input_bytes + 3) / 4 * 4;
  for (size_t i = 0; i < d->target_count; i++) {
    d->targets[i].offset = d->target_bytes;
    d->target_bytes += 4 * d->targets[i].width;
  }
  for (size_t i = 0; i < d->weight_count; i++, d->target_bytes += sizeof(float)) {
    d->weights[i].offset = d->target_bytes;
  }
  d->record_bytes = d->targets_begin + d->target_bytes;
  *out = d;
  return LS_OK;
}

void ls_dataset_free(ls_dataset **dataset) {
  if (!*dataset) return;
  free((*dataset)->path);
  free(*dataset);
  *dataset = NULL;
}
