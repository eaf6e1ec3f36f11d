/* Attributes. */
#include "h5_internal.h"
#include "lockstep/error.h"
#include "lockstep/h5.h"
#include "lockstep/memory.h"

#include <stdlib.h>
#include <string.h>

static int set(hid_t parent, const char *name, const char *attribute, hid_t type, bool scalar,
               size_t count, const void *values) {
  hsize_t extent = count;
  hid_t object = H5Oopen(parent, name, H5P_DEFAULT);
  hid_t space = scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
  bool ready = object >= 0 && space >= 0;
  if (ready && H5Aexists(object, attribute) > 0) ready = H5Adelete(object, attribute) >= 0;
  hid_t id = ready ? H5Acreate2(object, attribute, type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
  bool done = id >= 0 && H5Awrite(id, type, values) >= 0;
  int status = done ? LS_OK : ls_h5_fail(LS_FAILED, parent, name, "cannot write an attribute");
  if (id >= 0) H5Aclose(id);
  if (space >= 0) H5Sclose(space);
  if (object >= 0) H5Oclose(object);
  return status;
}

int ls_h5_set_values(hid_t parent, const char *name, const char *attribute, hid_t type,
                     size_t count, const void *values) {
  return set(parent, name, attribute, type, count == 1, count, values);
}

int ls_h5_set_texts(hid_t parent, const char *name, const char *attribute, size_t count,
                    const char *const *texts) {
  hid_t type = ls_h5_text_type();
  if (type < 0) return ls_h5_fail(LS_FAILED, parent, name, "cannot make a text type");
  int status = set(parent, name, attribute, type, false, count, texts);
  H5Tclose(type);
  return status;
}

int ls_h5_set_text(hid_t parent, const char *name, const char *attribute, const char *text) {
  hid_t type = ls_h5_text_type();
  if (type < 0) return ls_h5_fail(LS_FAILED, parent, name, "cannot make a text type");
  int status = set(parent, name, attribute, type, true, 1, &text);
  H5Tclose(type);
  return status;
}

bool ls_h5_has_attribute(hid_t parent, const char *name, const char *attribute) {
  bool there = H5Aexists_by_name(parent, name, attribute, H5P_DEFAULT) > 0;
  H5Eclear2(H5E_DEFAULT);
  return there;
}

int ls_h5_get_number(hid_t parent, const char *name, const char *attribute, double *number) {
  hid_t id = H5Aopen_by_name(parent, name, attribute, H5P_DEFAULT, H5P_DEFAULT);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  bool done = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
              H5Aread(id, H5T_NATIVE_DOUBLE, number) >= 0;
  if (space >= 0) H5Sclose(space);
  if (id >= 0) H5Aclose(id);
  if (done) return LS_OK;
  char doing[128];
  snprintf(doing, sizeof doing, "cannot read the number '%s'", attribute);
  return ls_h5_fail(LS_INVALID, parent, name, doing);
}

int ls_h5_get_text(hid_t parent, const char *name, const char *attribute, char **text) {
  *text = NULL;
  hid_t id = H5Aopen_by_name(parent, name, attribute, H5P_DEFAULT, H5P_DEFAULT);
  hid_t type = id < 0 ? -1 : H5Aget_type(id);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  if (space >= 0 && H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1) {
    if (H5Tis_variable_str(type) > 0) {
      char *raw = NULL;
      if (H5Aread(id, type, &raw) >= 0) {
        *text = ls_copy_text(raw ? raw : "");
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, &raw);
      }
    } else {
      char *raw = ls_new(H5Tget_size(type) + 1, 1);
      if (raw && H5Aread(id, type, raw) >= 0) *text = ls_copy_text(raw);
      free(raw);
    }
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  if (id >= 0) H5Aclose(id);
  if (*text) return LS_OK;
  char doing[128];
  snprintf(doing, sizeof doing, "cannot read the text '%s'", attribute);
  return ls_h5_fail(LS_INVALID, parent, name, doing);
}
