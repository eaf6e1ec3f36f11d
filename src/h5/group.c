/* Groups: creating and removing members, and listing them. */
#include "base/memory.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdlib.h>

int ls_h5_create_group(hid_t *group, hid_t parent, const char *name) {
  *group = -1;
  hid_t properties = H5Pcreate(H5P_GROUP_CREATE), access = ls_h5_link_access(H5P_GROUP_ACCESS);
  if (properties >= 0 && access >= 0 && H5Pset_obj_track_times(properties, false) >= 0) {
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, properties, access);
  }
  int status = *group < 0 ? ls_h5_fail(LS_FAILED, parent, name, "cannot create the group") : LS_OK;
  ls_h5_release(properties);
  ls_h5_release(access);
  return status;
}

int ls_h5_remove(hid_t parent, const char *name) {
  bool removed = !ls_h5_has(parent, name) || H5Ldelete(parent, name, H5P_DEFAULT) >= 0;
  return removed ? LS_OK : ls_h5_fail(LS_FAILED, parent, name, "cannot remove");
}

bool ls_h5_names_create(ls_h5_names *list, size_t capacity) {
  *list = (ls_h5_names){.names = ls_new(capacity, sizeof *list->names), .capacity = capacity};
  return list->names != NULL;
}

int ls_h5_names_add(ls_h5_names *list, const char *name) {
  if (list->count == list->capacity) return -1;
  list->names[list->count] = ls_copy_text(name);
  return list->names[list->count++] ? 0 : -1;
}

void ls_h5_names_free(ls_h5_names *list) {
  for (size_t i = 0; i < list->count; i++) free(list->names[i]);
  free(list->names);
  *list = (ls_h5_names){0};
}

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  (void)group, (void)info;
  return ls_h5_names_add(context, name);
}

int ls_h5_list(hid_t parent, const char *name, char ***names, size_t *count) {
  *names = NULL;
  *count = 0;
  hid_t group = -1;
  int status = ls_h5_open_group(&group, parent, name);
  if (status != LS_OK) return status;
  H5G_info_t info;
  ls_h5_names list = {0};
  hsize_t position = 0;
  if (H5Gget_info(group, &info) < 0 || !ls_h5_names_create(&list, (size_t)info.nlinks) ||
      H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_name, &list) < 0) {
    ls_h5_names_free(&list);
    status = ls_h5_fail(LS_INVALID, parent, name, "cannot list the members");
  } else {
    *names = list.names;
    *count = list.count;
  }
  ls_h5_close(&group);
  return status;
}

const char *ls_h5_version(void) {
  static char text[32];
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
  return text;
}
