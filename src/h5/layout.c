/* How datasets are laid out: files may come from elsewhere, and must not reach other files without
 * leave. */
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdio.h>

enum {
  MOST_VIRTUAL = 8
}; /* files that are open at a time; of more, virtual datasets are refused */

/* The files that may have virtual datasets. */
static struct {
  hid_t files[MOST_VIRTUAL];
  size_t count;
} virtual;

void ls_h5_allow_virtual(hid_t file) {
  if (virtual.count < MOST_VIRTUAL) virtual.files[virtual.count++] = file;
}

/* Whether datasets of the file of an open object may be virtual. */
static bool allows_virtual(hid_t object) {
  size_t i = 0;
  hid_t file = H5Iget_file_id(object);
  if (file < 0) return false;
  while (i < virtual.count && virtual.files[i] != file) i++;
  H5Fclose(file);
  return i < virtual.count;
}

void ls_h5_forbid_virtual(hid_t file) {
  size_t i = 0;
  while (i < virtual.count && virtual.files[i] != file) i++;
  if (i < virtual.count) virtual.files[i] = virtual.files[--virtual.count];
}

static int refuse_external(hid_t dataset, hid_t properties) {
  char source[512] = "", text[640];
  off_t offset = 0;
  hsize_t bytes = 0;
  H5Pget_external(properties, 0, sizeof source - 1, source, &offset, &bytes);
  snprintf(text, sizeof text, "has its data in another file, %s (expected data in this file)",
           source);
  return ls_h5_refuse(dataset, ".", text);
}

static int refuse_virtual(hid_t dataset, hid_t properties) {
  char source[512] = "", text[768];
  H5Pget_virtual_filename(properties, 0, source, sizeof source);
  snprintf(text, sizeof text,
           "is a virtual dataset over %s (expected data in this file, or for the dataset of a job "
           "dataset: {allow_external: true})",
           *source ? source : "other datasets");
  return ls_h5_refuse(dataset, ".", text);
}

H5Z_filter_t ls_h5_filter(hid_t properties, int i, size_t size, char *name) {
  unsigned flags, config;
  size_t values = 0;
  return H5Pget_filter2(properties, (unsigned)i, &flags, &values, NULL, size, name, &config);
}

static int check_filters(hid_t dataset, hid_t properties) {
  int count = H5Pget_nfilters(properties), deflated = 0;
  for (int i = 0; i < count; i++) {
    char name[128] = "", text[256];
    H5Z_filter_t id = ls_h5_filter(properties, i, sizeof name - 1, name);
    bool known = id == H5Z_FILTER_DEFLATE || id == H5Z_FILTER_FLETCHER32 ||
                 (id == H5Z_FILTER_SHUFFLE && !deflated);
    deflated += id == H5Z_FILTER_DEFLATE;
    if (known && deflated <= 1) continue;
    snprintf(text, sizeof text, "has the filter %d%s%s (expected shuffle, gzip and fletcher32)", id,
             *name ? ", " : "", name);
    return ls_h5_refuse(dataset, ".", text);
  }
  bool read = count >= 0 && count <= LS_H5_MOST_FILTERS;
  return read ? LS_OK : ls_h5_refuse(dataset, ".", "has filters that cannot be read");
}

int ls_h5_check_layout(hid_t dataset) {
  hid_t properties = H5Dget_create_plist(dataset);
  if (properties < 0) return ls_h5_refuse(dataset, ".", "has a layout that cannot be read");
  H5D_layout_t layout = H5Pget_layout(properties);
  int status = LS_OK;
  if (layout == H5D_VIRTUAL) {
    if (!allows_virtual(dataset)) status = refuse_virtual(dataset, properties);
  } else if (H5Pget_external_count(properties) != 0) {
    status = refuse_external(dataset, properties);
  } else if (layout == H5D_CHUNKED) {
    status = check_filters(dataset, properties);
  }
  H5Pclose(properties);
  return status;
}

hsize_t ls_h5_file_size(hid_t object) {
  hsize_t size = 0;
  hid_t file = H5Iget_file_id(object);
  if (file >= 0 && H5Fget_filesize(file, &size) < 0) size = 0;
  if (file >= 0) H5Fclose(file);
  return size;
}
