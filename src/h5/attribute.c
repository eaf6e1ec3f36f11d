/* Attributes. */
#include "base/memory.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>

static int set(hid_t parent, const char *name, const char *attribute, hid_t type, bool scalar,
               size_t count, const void *values) {
  hsize_t extent = count;
  hid_t object = -1;
  int status = ls_h5_open_object(&object, parent, name);
  if (status != LS_OK) return status;
  hid_t space = scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
  bool ready = space >= 0;
  if (ready && H5Aexists(object, attribute) > 0) ready = H5Adelete(object, attribute) >= 0;
  hid_t id = ready ? H5Acreate2(object, attribute, type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
  bool done = id >= 0 && H5Awrite(id, type, values) >= 0;
  if (!done) status = ls_h5_fail(LS_FAILED, parent, name, "cannot write an attribute");
  if (id >= 0) H5Aclose(id);
  if (space >= 0) H5Sclose(space);
  H5Oclose(object);
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
  hid_t access = ls_h5_link_access(H5P_LINK_ACCESS);
  bool there = access >= 0 && H5Aexists_by_name(parent, name, attribute, access) > 0;
  ls_h5_release(access);
  H5Eclear2(H5E_DEFAULT);
  return there;
}

int ls_h5_remove_attribute(hid_t parent, const char *name, const char *attribute) {
  if (!ls_h5_has_attribute(parent, name, attribute)) return LS_OK;
  hid_t object = -1;
  int status = ls_h5_open_object(&object, parent, name);
  if (status != LS_OK) return status;
  bool removed = H5Adelete(object, attribute) >= 0;
  ls_h5_release(object);
  return removed ? LS_OK : ls_h5_fail(LS_FAILED, parent, name, "cannot remove an attribute");
}

hid_t ls_h5_open_attribute(hid_t parent, const char *name, const char *attribute) {
  hid_t access = ls_h5_link_access(H5P_LINK_ACCESS);
  hid_t id = access < 0 ? -1 : H5Aopen_by_name(parent, name, attribute, H5P_DEFAULT, access);
  ls_h5_release(access);
  return id;
}

/* Records that an attribute is not what was expected. */
static int attribute_fail(hid_t parent, const char *name, const char *attribute,
                          const char *expected) {
  char doing[160];
  snprintf(doing, sizeof doing, "cannot read the attribute '%s' (expected %s)", attribute,
           expected);
  return ls_h5_fail(LS_INVALID, parent, name, doing);
}

static int get_values(hid_t parent, const char *name, const char *attribute, hid_t type,
                      size_t count, void *values, const char *expected) {
  hid_t id = ls_h5_open_attribute(parent, name, attribute);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  bool done = space >= 0 && H5Sget_simple_extent_npoints(space) == (hssize_t)count &&
              H5Aread(id, type, values) >= 0;
  ls_h5_release(space);
  ls_h5_release(id);
  return done ? LS_OK : attribute_fail(parent, name, attribute, expected);
}

int ls_h5_get_number(hid_t parent, const char *name, const char *attribute, double *number) {
  return get_values(parent, name, attribute, H5T_NATIVE_DOUBLE, 1, number, "one number");
}

int ls_h5_get_numbers(hid_t parent, const char *name, const char *attribute, double **numbers,
                      size_t *count) {
  hid_t id = ls_h5_open_attribute(parent, name, attribute);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  const hssize_t points = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
  *count = points > 0 ? (size_t)points : 0;
  *numbers = *count > 0 ? ls_new(*count, sizeof **numbers) : NULL;
  bool done = *numbers && H5Aread(id, H5T_NATIVE_DOUBLE, *numbers) >= 0;
  ls_h5_release(space);
  ls_h5_release(id);
  if (done) return LS_OK;
  free(*numbers);
  *numbers = NULL;
  return attribute_fail(parent, name, attribute, "numbers");
}

int ls_h5_get_hash(hid_t parent, const char *name, const char *attribute, uint64_t *hash) {
  return get_values(parent, name, attribute, H5T_NATIVE_UINT64, 1, hash, "one number of 64 bits");
}

int ls_h5_get_texts(hid_t parent, const char *name, const char *attribute, char ***texts,
                    size_t *count) {
  *texts = NULL;
  *count = 0;
  hid_t id = ls_h5_open_attribute(parent, name, attribute);
  hid_t type = id < 0 ? -1 : H5Aget_type(id);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  hssize_t points = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
  if (points >= 0 && type >= 0 && H5Tget_class(type) == H5T_STRING) {
    char *raw = ls_new((size_t)points, H5Tget_size(type));
    if (raw && H5Aread(id, type, raw) >= 0 &&
        ls_h5_copy_texts(texts, (size_t)points, type, space, raw)) {
      *count = (size_t)points;
    }
    free(raw);
  }
  ls_h5_release(space);
  ls_h5_release(type);
  ls_h5_release(id);
  return *texts ? LS_OK : attribute_fail(parent, name, attribute, "texts");
}

int ls_h5_get_text(hid_t parent, const char *name, const char *attribute, char **text) {
  *text = NULL;
  char **texts = NULL;
  size_t count = 0;
  int status = ls_h5_get_texts(parent, name, attribute, &texts, &count);
  if (status == LS_OK && count != 1) status = attribute_fail(parent, name, attribute, "one text");
  for (size_t i = 0; i < count; i++) {
    if (status == LS_OK) *text = texts[i];
    if (status != LS_OK) free(texts[i]);
  }
  free(texts);
  return status;
}

static herr_t add_name(hid_t object, const char *name, const H5A_info_t *info, void *context) {
  (void)object, (void)info;
  return ls_h5_names_add(context, name);
}

int ls_h5_list_attributes(hid_t object, char ***names, size_t *count) {
  *names = NULL;
  *count = 0;
  ls_h5_names list = {0};
  H5O_info_t info;
  hsize_t position = 0;
  if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0 ||
      !ls_h5_names_create(&list, (size_t)info.num_attrs) ||
      H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, add_name, &list) < 0) {
    ls_h5_names_free(&list);
    return ls_h5_fail(LS_INVALID, object, ".", "cannot list the attributes");
  }
  *names = list.names;
  *count = list.count;
  return LS_OK;
}
