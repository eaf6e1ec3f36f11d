/* Writing dataset files. */
#include "prepare/writer.h"

#include "base/paths.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <unistd.h>

static int check(const char *path, const ls_dataset_content *content) {
  const ls_image_set *a = content->train, *b = content->test;
  bool same = a->height == b->height && a->width == b->width && a->channels == b->channels;
  if (b->count > 0 && !same) {
    return ls_fail(LS_INVALID,
                   "%s: test images are %zu x %zu x %zu (expected %zu x %zu x %zu as for training)",
                   path, b->height, b->width, b->channels, a->height, a->width, a->channels);
  }
  size_t train = ls_image_set_classes(a), test = ls_image_set_classes(b);
  size_t largest = (train > test ? train : test) - 1;
  if (largest >= content->class_count) {
    return ls_fail(LS_INVALID, "%s: there is a label %zu (expected 0 to %zu)", path, largest,
                   content->class_count - 1);
  }
  return LS_OK;
}

static int write_x(hid_t group, const ls_image_set *set) {
  const hsize_t extent[] = {set->count, set->height, set->width, set->channels};
  const double scale = 1.0 / 255;
  int status = ls_h5_create_dataset(group, "x", H5T_STD_U8LE, 4, extent, NULL);
  if (status == LS_OK) status = ls_h5_write(group, "x", H5T_NATIVE_UINT8, set->pixels);
  if (status == LS_OK) status = ls_h5_set_values(group, "x", "scale", H5T_NATIVE_DOUBLE, 1, &scale);
  return status;
}

static int write_labels(hid_t group, const char *name, const ls_image_set *set,
                        const ls_dataset_content *content) {
  const hsize_t extent = set->count;
  const int classes = (int)content->class_count;
  int status = ls_h5_create_dataset(group, name, H5T_STD_U8LE, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_write(group, name, H5T_NATIVE_UINT8, set->labels);
  if (status == LS_OK) {
    status = ls_h5_set_values(group, name, "class_count", H5T_NATIVE_INT, 1, &classes);
  }
  if (status == LS_OK) {
    status =
        ls_h5_set_texts(group, name, "class_names", content->class_count, content->class_names);
  }
  return status;
}

static int write_y(hid_t group, const ls_image_set *set, const ls_dataset_content *content) {
  if (!content->value_name) return write_labels(group, "y", set, content);
  const hsize_t extent = set->count;
  const char *name = content->value_name;
  hid_t y = -1;
  int status = ls_h5_create_group(&y, group, "y");
  if (status == LS_OK) status = write_labels(y, content->label_name, set, content);
  if (status == LS_OK) status = ls_h5_create_dataset(y, name, H5T_IEEE_F32LE, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_write(y, name, H5T_NATIVE_FLOAT, set->values);
  int closed = ls_h5_close(&y);
  return status == LS_OK ? closed : status;
}

static int write_set(hid_t file, const char *name, const ls_image_set *set,
                     const ls_dataset_content *content) {
  hid_t group = -1;
  int status = ls_h5_create_group(&group, file, name);
  if (status == LS_OK) status = write_x(group, set);
  if (status == LS_OK) status = write_y(group, set, content);
  int closed = ls_h5_close(&group);
  return status == LS_OK ? closed : status;
}

static int write_file(const char *path, const ls_dataset_content *content) {
  hid_t file = -1;
  int status = ls_h5_create(&file, path);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "title", content->title);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "source", content->source);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "history", content->history);
  if (status == LS_OK) status = write_set(file, "train", content->train, content);
  if (status == LS_OK && content->test->count > 0) {
    status = write_set(file, "test", content->test, content);
  }
  int closed = ls_h5_close(&file);
  return status == LS_OK ? closed : status;
}

int ls_writer_save(const char *path, const ls_dataset_content *content) {
  int status = check(path, content);
  if (status != LS_OK) return status;
  char *temporary = NULL;
  status = ls_make_temporary(&temporary, path);
  if (status != LS_OK) return status;
  status = write_file(temporary, content);
  if (status == LS_OK) status = ls_replace_file(temporary, path);
  if (status != LS_OK) unlink(temporary);
  free(temporary);
  return status;
}
