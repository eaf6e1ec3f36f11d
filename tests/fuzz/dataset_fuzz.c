/* Fuzz target: dataset files. The first byte of a list of edits selects one of two valid files.
 * All samples of an accepted dataset are read if they are few. */
#include "fuzz.h"
#include "hdf5_edit.h"

#include "data/dataset.h"
#include "data/records.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const edit_place places[] = {
    {"train", NULL},         {"train/x", NULL},          {"train/x", "scale"},
    {"train/y", NULL},       {"train/y", "class_count"}, {"train/y", "class_names"},
    {"train/y/angle", NULL}, {"train/y/digit", NULL},    {"train/y/digit", "class_count"},
    {"test", NULL},          {"test/x", NULL},           {"test/y", NULL},
    {"test/y/angle", NULL},  {"test/y/digit", NULL},     {"train/y/digit", "class_names"},
};
enum { PLACES = sizeof places / sizeof *places, ROOM = 1 << 16, MOST_READ = 1 << 20 };

static uint8_t sound[2][ROOM];
static size_t sound_size[2];

/* ---- Sound files ----------------------------------------------------------------------------- */

static void put(hid_t file, const char *name, hid_t type, int rank, hsize_t second) {
  static const uint8_t zeroes[4 * 6 * 4];
  const hsize_t extent[3] = {4, second, 3};
  require(ls_h5_create_dataset(file, name, type, rank, extent, zeroes) == LS_OK, name);
}

/* Bytes with labels; or floats with a group of targets, and a test part. */
static void make_sound(int number) {
  const double classes = 3, scale = 2;
  hid_t file = -1, group = -1;
  require(ls_h5_create(&file, file_path(0)) == LS_OK, "a file");
  for (int part = 0; part <= number; part++) {
    const char *name = part == 0 ? "train" : "test";
    char x[16], y[16], angle[32], digit[32];
    snprintf(x, sizeof x, "%s/x", name);
    snprintf(y, sizeof y, "%s/y", name);
    snprintf(angle, sizeof angle, "%s/angle", y);
    snprintf(digit, sizeof digit, "%s/digit", y);
    require(ls_h5_create_group(&group, file, name) == LS_OK, name);
    ls_h5_close(&group);
    put(file, x, number == 0 ? H5T_NATIVE_UINT8 : H5T_NATIVE_FLOAT, 3, 2);
    ls_h5_set_values(file, x, "scale", H5T_NATIVE_DOUBLE, 1, &scale);
    if (number == 0) {
      put(file, y, H5T_NATIVE_UINT8, 1, 0);
      ls_h5_set_values(file, y, "class_count", H5T_NATIVE_DOUBLE, 1, &classes);
      continue;
    }
    require(ls_h5_create_group(&group, file, y) == LS_OK, y);
    ls_h5_close(&group);
    put(file, angle, H5T_NATIVE_FLOAT, 2, 2);
    put(file, digit, H5T_NATIVE_INT, 1, 0);
    ls_h5_set_texts(file, digit, "class_names", 2, (const char *const[]){"even", "odd"});
  }
  require(ls_h5_close(&file) == LS_OK, "a file");
  sound_size[number] = take_file(0, sound[number], ROOM);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  for (int i = 0; i < 2; i++) make_sound(i);
  return 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Reads samples of a part; what the reader let through must be as it says. */
static void read_samples(const ls_dataset *d, ls_part part, size_t count) {
  unsigned char *records = malloc(count * d->record_bytes);
  ls_real *x = malloc((size_t)ls_shape_size(&d->shape) * sizeof *x);
  require(records && x, "memory");
  int status = ls_dataset_read(d, part, 0, count, records);
  require_outcome(status);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    const unsigned char *record = records + i * d->record_bytes;
    const unsigned char *targets = record + d->targets_begin;
    ls_dataset_decode(d, record, x);
    for (size_t k = 0; k < d->target_count; k++) {
      const ls_dataset_target *target = &d->targets[k];
      if (target->classes == 0) {
        ls_real *values = malloc(target->width * sizeof *values);
        require(values != NULL, "memory");
        ls_dataset_values(d, targets, k, values);
        free(values);
        continue;
      }
      int32_t label = ls_dataset_label(d, targets, k);
      require(label >= 0 && label < target->classes, "a label");
    }
  }
  free(records);
  free(x);
}

static void use(const ls_dataset *d) {
  require(d->target_count >= 1 && d->target_count <= LS_MAX_TARGETS, "targets");
  require(d->count[LS_TRAIN] >= 1 && ls_shape_size(&d->shape) >= 1, "samples");
  for (int part = 0; part < LS_PART_COUNT; part++) {
    size_t count = d->count[part], most = MOST_READ / d->record_bytes;
    if (count > 0 && most > 0) read_samples(d, (ls_part)part, count < most ? count : most);
  }
  if (d->count[LS_TRAIN] + d->count[LS_TEST] > MOST_READ / d->record_bytes) return;
  require_outcome(ls_dataset_check_labels(d));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (edit_is_file(data, size, 0)) {
    put_file(0, data, size);
  } else {
    int number = size > 0 ? data[0] % 2 : 0;
    put_file(0, sound[number], sound_size[number]);
    if (size > 1) edit_file(file_path(0), places, PLACES, data + 1, size - 1);
  }
  edit_require_closed(true);
  ls_dataset *dataset = NULL;
  int status = ls_dataset_open(&dataset, file_path(0));
  require((status == LS_OK) == (dataset != NULL), "a dataset, or an error");
  require(size > 1 || status == LS_OK, "a sound file that is accepted");
  require_outcome(status);
  if (dataset) use(dataset);
  ls_dataset_free(&dataset);
  edit_require_closed(false);
  return 0;
}
