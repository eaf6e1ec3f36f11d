/* What a dataset file says of its inputs and values. */
#include "data/description.h"

#include "data/file.h"
#include "data/members.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <stdlib.h>

int ls_dataset_encoding(const ls_dataset *d, char **encoding) {
  char path[MEMBER_PATH];
  hid_t file = -1;
  *encoding = NULL;
  member_of_input(path, d->described);
  int status = dataset_open_file(&file, d);
  if (status == LS_OK && ls_h5_has_attribute(file, path, "encoding")) {
    status = ls_h5_get_text(file, path, "encoding", encoding);
  }
  ls_h5_close(&file);
  return status;
}

/* Names that a target has as an attribute. */
static int read_names(const ls_dataset *d, size_t target, const char *attribute, char ***names,
                      size_t *count) {
  char path[MEMBER_PATH];
  hid_t file = -1;
  *names = NULL;
  *count = 0;
  member_of_target(path, d->described, d->targets[target].name);
  int status = dataset_open_file(&file, d);
  if (status == LS_OK && ls_h5_has_attribute(file, path, attribute)) {
    status = ls_h5_get_texts(file, path, attribute, names, count);
  }
  ls_h5_close(&file);
  return status;
}

int ls_dataset_class_names(const ls_dataset *d, size_t target, char ***names, size_t *count) {
  return read_names(d, target, "class_names", names, count);
}

int ls_dataset_value_names(const ls_dataset *d, size_t target, char ***names, size_t *count) {
  int status = read_names(d, target, "value_names", names, count);
  if (*count == d->targets[target].width) return status;
  for (size_t i = 0; i < *count; i++) free((*names)[i]);
  free(*names);
  *names = NULL;
  *count = 0;
  return status;
}
