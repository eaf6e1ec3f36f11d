/* Data that a dataset only refers to, or that was never written: HDF5 reads fill values (zeros)
 * there, without an error. */
#include "base/paths.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int fail_at(hid_t dataset, const char *what, const char *source) {
  char file[512] = "HDF5 file", name[256] = "";
  H5Fget_name(dataset, file, sizeof file);
  H5Iget_name(dataset, name, sizeof name);
  return ls_fail(LS_INVALID, "%s: %s: %s%s (HDF5 would read zeros)", file, name, what, source);
}

/* The path of a source. To be freed. */
static char *source_path(hid_t dataset, const char *source) {
  char file[512] = "";
  H5Fget_name(dataset, file, sizeof file);
  return ls_path_beside(file, source);
}

/* The size of a source file beside the file or, as HDF5 also looks, in the working directory; -1 if
 * there is none. */
static long long source_size(hid_t dataset, const char *source) {
  struct stat info;
  char *path = source_path(dataset, source);
  bool there = path && (stat(path, &info) == 0 || stat(source, &info) == 0);
  free(path);
  return there ? (long long)info.st_size : -1;
}

/* Checks the external files of a contiguous dataset, and that they are long enough. */
static int check_external(hid_t dataset, hid_t properties, int count) {
  hsize_t left = H5Dget_storage_size(dataset);
  for (int i = 0; i < count && left > 0; i++) {
    char source[512] = "";
    off_t offset = 0;
    hsize_t bytes = 0;
    if (H5Pget_external(properties, (unsigned)i, sizeof source - 1, source, &offset, &bytes) < 0) {
      return fail_at(dataset, "cannot read the name of an external file", "");
    }
    if (bytes > left) bytes = left;
    long long size = source_size(dataset, source);
    if (size < 0) return fail_at(dataset, "its data is missing: external file ", source);
    if ((hsize_t)size < (hsize_t)offset + bytes) {
      return fail_at(dataset, "its data is incomplete: external file is too short: ", source);
    }
    left -= bytes;
  }
  return LS_OK;
}

/* Checks that a virtual dataset's source, which may be in the same file ("."), can be opened. */
static int check_source(hid_t dataset, const char *source, const char *name) {
  hid_t file = -1, object = -1;
  char *path = source_path(dataset, source);
  if (!path) return LS_FAILED;
  if (strcmp(source, ".") == 0) {
    file = H5Iget_file_id(dataset);
  } else {
    file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) file = H5Fopen(source, H5F_ACC_RDONLY, H5P_DEFAULT);
  }
  if (file >= 0) object = H5Dopen2(file, name, H5P_DEFAULT);
  int status = object < 0
                   ? fail_at(dataset, "its data is missing: source of a virtual dataset ", source)
                   : ls_h5_check_storage(object);
  if (object >= 0) H5Dclose(object);
  if (file >= 0) H5Fclose(file);
  H5Eclear2(H5E_DEFAULT);
  free(path);
  return status;
}

/* Checks that every element is mapped, and each source. */
static int check_virtual(hid_t dataset, hid_t properties) {
  size_t count = 0;
  hsize_t mapped = 0;
  if (H5Pget_virtual_count(properties, &count) < 0) count = 0;
  for (size_t i = 0; i < count; i++) {
    char source[512] = "", name[512] = "";
    hid_t space = H5Pget_virtual_vspace(properties, i);
    if (space >= 0) mapped += (hsize_t)H5Sget_select_npoints(space);
    if (space >= 0) H5Sclose(space);
    if (H5Pget_virtual_filename(properties, i, source, sizeof source) < 0 ||
        H5Pget_virtual_dsetname(properties, i, name, sizeof name) < 0) {
      return fail_at(dataset, "cannot read the sources of a virtual dataset", "");
    }
    int status = check_source(dataset, source, name);
    if (status != LS_OK) return status;
  }
  hid_t space = H5Dget_space(dataset);
  hsize_t size = space < 0 ? 0 : (hsize_t)H5Sget_simple_extent_npoints(space);
  if (space >= 0) H5Sclose(space);
  return mapped >= size ? LS_OK : fail_at(dataset, "parts of it have no source", "");
}

static int check_written(hid_t dataset) {
  H5D_space_status_t state = H5D_SPACE_STATUS_ERROR;
  H5Dget_space_status(dataset, &state);
  return state == H5D_SPACE_STATUS_NOT_ALLOCATED ? fail_at(dataset, "was never written", "")
                                                 : LS_OK;
}

/* Checks that every chunk was written. H5Dget_space_status compares sizes, and so takes compressed
 * data for incomplete. */
static int check_chunks(hid_t dataset, hid_t properties) {
  hsize_t extent[H5S_MAX_RANK], chunk[H5S_MAX_RANK], count = 1, written = 0;
  hid_t space = H5Dget_space(dataset);
  int rank = H5Sget_simple_extent_dims(space, extent, NULL);
  bool read = rank > 0 && H5Pget_chunk(properties, H5S_MAX_RANK, chunk) == rank &&
              H5Dget_num_chunks(dataset, space, &written) >= 0;
  H5Sclose(space);
  if (!read) return fail_at(dataset, "cannot read its layout", "");
  for (int i = 0; i < rank; i++) count *= (extent[i] + chunk[i] - 1) / chunk[i];
  if (written == 0) return fail_at(dataset, "was never written", "");
  return written >= count ? LS_OK : fail_at(dataset, "parts of it were never written", "");
}

static bool is_empty(hid_t dataset) {
  hid_t space = H5Dget_space(dataset);
  bool empty = space < 0 || H5Sget_simple_extent_npoints(space) <= 0;
  if (space >= 0) H5Sclose(space);
  return empty;
}

int ls_h5_check_storage(hid_t dataset) {
  if (is_empty(dataset)) return LS_OK;
  hid_t properties = H5Dget_create_plist(dataset);
  if (properties < 0) return fail_at(dataset, "cannot read its layout", "");
  H5D_layout_t layout = H5Pget_layout(properties);
  int external = H5Pget_external_count(properties), status = LS_OK;
  if (layout == H5D_VIRTUAL) {
    status = check_virtual(dataset, properties);
  } else if (external > 0) {
    status = check_external(dataset, properties, external);
  } else if (layout == H5D_CHUNKED) {
    status = check_chunks(dataset, properties);
  } else if (layout != H5D_COMPACT) {
    status = check_written(dataset);
  }
  H5Pclose(properties);
  return status;
}
