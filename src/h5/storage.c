/* Where the elements of a dataset are stored. Files may come from elsewhere, and HDF5 would read
 * fill values (zeros) for missing data, and the data of other files. */
#include "base/memory.h"
#include "base/paths.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(hid_t dataset, const char *what) {
  return ls_h5_refuse(dataset, ".", what);
}

/* ---- Virtual datasets ------------------------------------------------------------------------ */

/* Opens the file of a source, which is beside the file or, as HDF5 also looks, in the working
 * directory. */
static int open_source_file(hid_t *file, hid_t dataset, const char *source) {
  char own[512] = "";
  H5Fget_name(dataset, own, sizeof own);
  char *path = ls_path_beside(own, source);
  if (!path) return LS_FAILED;
  struct stat info;
  int status = ls_h5_open(file, stat(path, &info) == 0 ? path : source);
  free(path);
  return status;
}

/* Whether a source of that extent has all selected elements. */
static bool is_within(hid_t selected, int rank, const hsize_t *extent) {
  hsize_t first[H5S_MAX_RANK], last[H5S_MAX_RANK];
  bool within = H5Sget_simple_extent_ndims(selected) == rank &&
                H5Sget_select_npoints(selected) >= 0 &&
                H5Sget_select_bounds(selected, first, last) >= 0;
  for (int i = 0; within && i < rank; i++) within = last[i] < extent[i];
  return within;
}

/* Whether the elements that a mapping selects of a source exist. The file does not have the extent
 * of a source that is mapped as a whole: it must have as many elements as its place. */
static bool has_selection(hid_t source, hid_t properties, size_t mapping) {
  hsize_t extent[H5S_MAX_RANK];
  hid_t selected = H5Pget_virtual_srcspace(properties, mapping), space = H5Dget_space(source);
  hid_t place = H5Pget_virtual_vspace(properties, mapping);
  int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
  bool has = selected >= 0 && place >= 0 && rank > 0;
  if (has) {
    bool whole = H5Sget_select_type(selected) == H5S_SEL_ALL;
    has = whole ? H5Sget_simple_extent_npoints(space) == H5Sget_select_npoints(place)
                : is_within(selected, rank, extent);
  }
  ls_h5_release(place);
  ls_h5_release(selected);
  ls_h5_release(space);
  return has;
}

/* Opens the source of a mapping in a file that is opened without leave for virtual datasets: so
 * sources are stored data, and never the dataset itself. */
static int open_source(hid_t *file, hid_t *object, hid_t dataset, const char *source,
                       const char *name) {
  int status = open_source_file(file, dataset, source);
  if (status == LS_OK) status = ls_h5_open_dataset(object, *file, name);
  if (status == LS_OK) status = ls_h5_check_storage(*object);
  if (status == LS_OK) return LS_OK;
  char what[512];
  snprintf(what, sizeof what, "its source cannot be read: %s", ls_error_message());
  return refuse(dataset, what);
}

static int check_source(hid_t dataset, hid_t properties, size_t mapping) {
  char source[512] = "", name[512] = "";
  hid_t file = -1, object = -1;
  if (H5Pget_virtual_filename(properties, mapping, source, sizeof source) < 0 ||
      H5Pget_virtual_dsetname(properties, mapping, name, sizeof name) < 0) {
    return refuse(dataset, "has sources that cannot be read");
  }
  if (strcmp(source, ".") == 0) {
    return refuse(dataset, "is a virtual dataset over its own file (expected other files)");
  }
  int status = open_source(&file, &object, dataset, source, name);
  if (status == LS_OK && !has_selection(object, properties, mapping)) {
    status = ls_h5_refuse_unread(dataset, "its data is incomplete: source of a virtual dataset ",
                                 source);
  }
  ls_h5_close(&object);
  ls_h5_close(&file);
  return status;
}

/* Adds the elements of a mapping, whose handle is taken over, to *all; -1: none yet. */
static bool add_mapped(hid_t *all, hid_t mapped) {
  if (mapped < 0) return false;
  bool added = true;
  if (*all >= 0 && H5Sget_select_type(*all) != H5S_SEL_ALL &&
      H5Sget_select_type(mapped) != H5S_SEL_ALL) {
    added = H5Smodify_select(*all, H5S_SELECT_OR, mapped) >= 0;
    H5Sclose(mapped);
  } else if (*all >= 0 && H5Sget_select_type(*all) == H5S_SEL_ALL) {
    H5Sclose(mapped);
  } else {
    if (*all >= 0) H5Sclose(*all);
    *all = mapped;
  }
  return added;
}

/* Checks each source, and that every element is mapped. */
static int check_virtual(hid_t dataset, hid_t properties, hsize_t elements) {
  size_t count = 0;
  hid_t all = -1;
  int status = LS_OK;
  bool read = H5Pget_virtual_count(properties, &count) >= 0;
  for (size_t i = 0; read && i < count && status == LS_OK; i++) {
    read = add_mapped(&all, H5Pget_virtual_vspace(properties, i));
    if (read) status = check_source(dataset, properties, i);
  }
  hssize_t found = all >= 0 ? H5Sget_select_npoints(all) : 0;
  if (all >= 0) H5Sclose(all);
  if (status != LS_OK) return status;
  if (!read) return refuse(dataset, "has sources that cannot be read");
  bool complete = found >= 0 && (hsize_t)found >= elements;
  return complete ? LS_OK : ls_h5_refuse_unread(dataset, "parts of it have no source", "");
}

/* ---- Stored data ----------------------------------------------------------------------------- */

/* Checks the size of contiguous or compact data. */
static int check_size(hid_t dataset, hsize_t bytes, bool contiguous) {
  H5D_space_status_t state = H5D_SPACE_STATUS_ERROR;
  H5Dget_space_status(dataset, &state);
  if (contiguous && state == H5D_SPACE_STATUS_NOT_ALLOCATED) {
    return ls_h5_refuse_unread(dataset, "was never written", "");
  }
  haddr_t address = contiguous ? H5Dget_offset(dataset) : 0;
  hsize_t stored = H5Dget_storage_size(dataset);
  hsize_t end;
  if (stored < bytes || address == HADDR_UNDEF || __builtin_add_overflow(address, stored, &end) ||
      end > ls_h5_file_size(dataset)) {
    return refuse(dataset, "is larger than its data in the file");
  }
  return LS_OK;
}

int ls_h5_check_storage(hid_t dataset) {
  hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  hid_t properties = H5Dget_create_plist(dataset);
  hssize_t elements = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
  size_t item_size = type < 0 ? 0 : H5Tget_size(type);
  hsize_t bytes = 0;
  int status = LS_OK;
  if (elements < 0 || item_size == 0 || properties < 0 ||
      __builtin_mul_overflow((hsize_t)elements, item_size, &bytes)) {
    status = refuse(dataset, "has a layout that cannot be read");
  } else if (elements > 0) {
    H5D_layout_t layout = H5Pget_layout(properties);
    status = layout == H5D_VIRTUAL   ? check_virtual(dataset, properties, (hsize_t)elements)
             : layout == H5D_CHUNKED ? ls_h5_check_chunks(dataset)
                                     : check_size(dataset, bytes, layout == H5D_CONTIGUOUS);
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  if (properties >= 0) H5Pclose(properties);
  return status;
}

/* ---- Mapping --------------------------------------------------------------------------------- */

bool ls_h5_is_mappable(hid_t parent, const char *name, hid_t type, uint64_t *offset) {
  hid_t dataset = -1;
  *offset = 0;
  if (ls_h5_open_dataset(&dataset, parent, name) != LS_OK) {
    ls_error_clear();
    return false;
  }
  hid_t stored = H5Dget_type(dataset), properties = H5Dget_create_plist(dataset);
  haddr_t address = HADDR_UNDEF;
  bool plain = stored >= 0 && properties >= 0 && H5Pget_layout(properties) == H5D_CONTIGUOUS &&
               H5Pget_external_count(properties) == 0 && H5Tequal(stored, type) > 0;
  if (plain) address = H5Dget_offset(dataset);
  ls_h5_release(properties);
  ls_h5_release(stored);
  ls_h5_close(&dataset);
  if (address == HADDR_UNDEF) return false;
  *offset = address;
  return true;
}
