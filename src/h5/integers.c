/* Integers that are enumerations, indices, counts or flags: read with the range that they must be
 * in.
 */
#include "base/memory.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_integer(hid_t type) {
  H5T_class_t class_id = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
  return class_id == H5T_INTEGER || class_id == H5T_ENUM;
}

/* Writes "an integer from LEAST to MOST" to `out`. */
static void format_range(char out[80], ls_h5_range range) {
  if (range.most == INT64_MAX) {
    snprintf(out, 80, "an integer of %" PRId64 " or more", range.least);
  } else {
    snprintf(out, 80, "an integer from %" PRId64 " to %" PRId64, range.least, range.most);
  }
}

/* Checks values of the dataset or, unless it is NULL, of the attribute. Larger ones than an int64_t
 * holds were read as the largest; they are never in range. */
static int check_range(hid_t parent, const char *name, const char *attribute, size_t count,
                       const int64_t *values, ls_h5_range range) {
  char expected[80], what[320];
  for (size_t i = 0; i < count; i++) {
    if (values[i] >= range.least && values[i] <= range.most && values[i] != INT64_MAX) continue;
    format_range(expected, range);
    if (attribute) {
      snprintf(what, sizeof what, "its attribute '%s' is %" PRId64 " (expected %s)", attribute,
               values[i], expected);
    } else {
      snprintf(what, sizeof what, "element %zu is %" PRId64 " (expected %s)", i + 1, values[i],
               expected);
    }
    return ls_h5_refuse(parent, name, what);
  }
  return LS_OK;
}

int ls_h5_read_integers(hid_t parent, const char *name, ls_h5_range range, size_t count,
                        int64_t *values) {
  hid_t dataset = -1;
  int status = ls_h5_open_dataset(&dataset, parent, name);
  if (status == LS_OK) status = ls_h5_check_storage(dataset);
  if (status == LS_OK) status = ls_h5_check_inflated(dataset, H5S_ALL);
  hid_t type = status == LS_OK ? H5Dget_type(dataset) : -1;
  hid_t space = status == LS_OK ? H5Dget_space(dataset) : -1;
  if (status == LS_OK && !is_integer(type)) {
    status = ls_h5_refuse(parent, name, "is not of integers");
  } else if (status == LS_OK && H5Sget_simple_extent_npoints(space) != (hssize_t)count) {
    char what[80];
    snprintf(what, sizeof what, "is not of %zu numbers", count);
    status = ls_h5_refuse(parent, name, what);
  }
  if (status == LS_OK &&
      H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    status = ls_h5_fail(LS_INVALID, parent, name, "cannot read");
  }
  ls_h5_release(space);
  ls_h5_release(type);
  ls_h5_close(&dataset);
  return status == LS_OK ? check_range(parent, name, NULL, count, values, range) : status;
}

int ls_h5_get_integers(hid_t parent, const char *name, const char *attribute, ls_h5_range range,
                       size_t count, int64_t *values) {
  hid_t id = ls_h5_open_attribute(parent, name, attribute);
  hid_t type = id < 0 ? -1 : H5Aget_type(id), space = id < 0 ? -1 : H5Aget_space(id);
  bool done = is_integer(type) && H5Sget_simple_extent_npoints(space) == (hssize_t)count &&
              H5Aread(id, H5T_NATIVE_INT64, values) >= 0;
  ls_h5_release(space);
  ls_h5_release(type);
  ls_h5_release(id);
  if (done) return check_range(parent, name, attribute, count, values, range);
  char doing[200];
  snprintf(doing, sizeof doing, "cannot read the attribute '%s' (expected %zu integer%s)",
           attribute, count, count == 1 ? "" : "s");
  return ls_h5_fail(LS_INVALID, parent, name, doing);
}
