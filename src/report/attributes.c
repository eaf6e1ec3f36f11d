/* Lists of attributes and attributes that are lists. */
#include "attributes.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(hid_t at, const char *attribute, const char *expected) {
  char file[512] = "HDF5 file";
  H5Fget_name(at, file, sizeof file);
  return ls_fail(LS_INVALID, "%s: cannot read the attribute '%s' (expected %s)", file, attribute,
                 expected);
}

typedef struct name_list {
  char **names;
  size_t count, capacity;
} name_list;

static herr_t add_name(hid_t group, const char *name, const H5A_info_t *info, void *context) {
  (void)group, (void)info;
  name_list *list = context;
  if (list->count == list->capacity) return -1;
  list->names[list->count] = ls_copy_text(name);
  return list->names[list->count++] ? 0 : -1;
}

int ls_report_attribute_names(hid_t group, char ***names, size_t *count) {
  *names = NULL;
  *count = 0;
  name_list list = {0};
  H5O_info_t info;
  if (H5Oget_info2(group, &info, H5O_INFO_NUM_ATTRS) >= 0) {
    list.capacity = (size_t)info.num_attrs;
    list.names = ls_new(list.capacity, sizeof *list.names);
  }
  hsize_t position = 0;
  if (!list.names ||
      H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_name, &list) < 0) {
    for (size_t i = 0; i < list.count; i++) free(list.names[i]);
    free(list.names);
    return fail(group, "*", "a list of all");
  }
  *names = list.names;
  *count = list.count;
  return LS_OK;
}

/* Copies `n` strings out of what HDF5 read: pointers, or fixed-length texts of `size` bytes. */
static bool copy_texts(char **out, size_t n, const char *raw, bool variable, size_t size) {
  for (size_t i = 0; i < n; i++) {
    if (variable) {
      const char *text = ((char *const *)(const void *)raw)[i];
      out[i] = ls_copy_text(text ? text : "");
    } else {
      out[i] = ls_new(size + 1, 1);
      if (out[i]) memcpy(out[i], raw + i * size, size);
    }
    if (!out[i]) return false;
  }
  return true;
}

int ls_report_attribute_texts(hid_t group, const char *attribute, char ***texts, size_t *count) {
  *texts = NULL;
  *count = 0;
  hid_t id = H5Aopen(group, attribute, H5P_DEFAULT);
  hid_t type = id < 0 ? -1 : H5Aget_type(id);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  bool is_text = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING;
  hssize_t points = is_text ? H5Sget_simple_extent_npoints(space) : -1;
  size_t n = points > 0 ? (size_t)points : 0, size = is_text ? H5Tget_size(type) : 0;
  bool variable = is_text && H5Tis_variable_str(type) > 0;
  char *raw = n ? ls_new(n, size) : NULL;
  char **result = n ? ls_new(n, sizeof *result) : NULL;
  bool done =
      raw && result && H5Aread(id, type, raw) >= 0 && copy_texts(result, n, raw, variable, size);
  if (variable && raw) H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
  free(raw);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  if (id >= 0) H5Aclose(id);
  if (!done) {
    for (size_t i = 0; result && i < n; i++) free(result[i]);
    free(result);
    return fail(group, attribute, "a list of texts");
  }
  *texts = result;
  *count = n;
  return LS_OK;
}

int ls_report_attribute_integers(hid_t group, const char *name, const char *attribute, size_t count,
                                 int *values) {
  hid_t id = H5Aopen_by_name(group, name, attribute, H5P_DEFAULT, H5P_DEFAULT);
  hid_t space = id < 0 ? -1 : H5Aget_space(id);
  bool done = space >= 0 && H5Sget_simple_extent_npoints(space) == (hssize_t)count &&
              H5Aread(id, H5T_NATIVE_INT, values) >= 0;
  if (space >= 0) H5Sclose(space);
  if (id >= 0) H5Aclose(id);
  if (done) return LS_OK;
  char expected[64];
  snprintf(expected, sizeof expected, "%zu integers", count);
  return fail(group, attribute, expected);
}
