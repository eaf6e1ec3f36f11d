/* Datasets and dimension scales. */
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <hdf5_hl.h>
#include <stdio.h>

hid_t ls_h5_create_open(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *extent,
                        const void *fill) {
  hid_t dataset = -1;
  hid_t space = rank > 0 ? H5Screate_simple(rank, extent, NULL) : H5Screate(H5S_SCALAR);
  hid_t properties = H5Pcreate(H5P_DATASET_CREATE), access = ls_h5_link_access(H5P_DATASET_ACCESS);
  bool ready = space >= 0 && access >= 0 && properties >= 0 &&
               H5Pset_obj_track_times(properties, false) >= 0 &&
               H5Pset_layout(properties, H5D_CONTIGUOUS) >= 0 &&
               H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY) >= 0;
  if (ready && fill) ready = H5Pset_fill_value(properties, type, fill) >= 0;
  if (ready) dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, properties, access);
  ls_h5_release(space);
  ls_h5_release(properties);
  ls_h5_release(access);
  return dataset;
}

int ls_h5_create_dataset(hid_t parent, const char *name, hid_t type, int rank,
                         const hsize_t *extent, const void *fill) {
  hid_t dataset = ls_h5_create_open(parent, name, type, rank, extent, fill);
  if (dataset < 0) return ls_h5_fail(LS_FAILED, parent, name, "cannot create the dataset");
  return ls_h5_close(&dataset);
}

int ls_h5_set_scale(hid_t parent, const char *scale) {
  hid_t dataset = -1;
  int status = ls_h5_open_dataset(&dataset, parent, scale);
  if (status != LS_OK) return status;
  bool done = H5DSset_scale(dataset, scale) >= 0;
  if (!done) ls_h5_fail(LS_FAILED, parent, scale, "cannot make it a dimension scale");
  int closed = ls_h5_close(&dataset);
  return done ? closed : LS_FAILED;
}

int ls_h5_attach_scale(hid_t parent, const char *name, const char *scale, unsigned dim) {
  hid_t dataset = -1, axis = -1;
  int status = ls_h5_open_dataset(&dataset, parent, name);
  if (status == LS_OK) status = ls_h5_open_dataset(&axis, parent, scale);
  if (status == LS_OK && H5DSattach_scale(dataset, axis, dim) < 0) {
    status = ls_h5_fail(LS_FAILED, parent, name, "cannot attach a scale");
  }
  int closed = ls_h5_close(&dataset), axis_closed = ls_h5_close(&axis);
  return status != LS_OK ? status : closed != LS_OK ? closed : axis_closed;
}

static hsize_t chunk_of(hid_t dataset) {
  hsize_t chunk[H5S_MAX_RANK] = {0};
  hid_t properties = H5Dget_create_plist(dataset);
  bool chunked = properties >= 0 && H5Pget_layout(properties) == H5D_CHUNKED;
  if (chunked && H5Pget_chunk(properties, H5S_MAX_RANK, chunk) < 1) chunk[0] = 0;
  if (properties >= 0) H5Pclose(properties);
  return chunk[0];
}

int ls_h5_describe(hid_t parent, const char *name, ls_h5_shape *shape) {
  *shape = (ls_h5_shape){0};
  hid_t dataset = -1;
  int opened = ls_h5_open_dataset(&dataset, parent, name);
  if (opened != LS_OK) return opened;
  hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  bool done = type >= 0 && rank >= 0 && rank <= LS_H5_MAX_RANK &&
              H5Sget_simple_extent_dims(space, shape->extent, NULL) >= 0;
  if (done) {
    shape->rank = rank;
    shape->class_id = H5Tget_class(type);
    shape->item_size = H5Tget_size(type);
    shape->chunk = chunk_of(dataset);
    shape->is_signed = shape->class_id == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
  }
  int status = done ? LS_OK : ls_h5_fail(LS_INVALID, parent, name, "cannot read its shape");
  if (status == LS_OK) status = ls_h5_check_storage(dataset);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  ls_h5_close(&dataset);
  return status;
}

static void format_type(const ls_h5_shape *shape, char *out, size_t size) {
  size_t bits = 8 * shape->item_size;
  if (shape->class_id == H5T_INTEGER) {
    snprintf(out, size, "%sint%zu", shape->is_signed ? "" : "u", bits);
  } else if (shape->class_id == H5T_FLOAT) {
    snprintf(out, size, "float%zu", bits);
  } else if (shape->class_id == H5T_ENUM) {
    snprintf(out, size, shape->item_size == 1 ? "bool" : "enumeration");
  } else {
    snprintf(out, size, shape->class_id == H5T_STRING ? "text" : "structure");
  }
}

size_t ls_h5_shape_size(const ls_h5_shape *shape) {
  size_t size = 1;
  for (int i = 0; i < shape->rank; i++) size *= (size_t)shape->extent[i];
  return size;
}

void ls_h5_format_shape(const ls_h5_shape *shape, char *out, size_t size) {
  char type[32], extent[LS_H5_MAX_RANK * 24] = "";
  size_t used = 0;
  format_type(shape, type, sizeof type);
  for (int i = 0; i < shape->rank; i++) {
    used += (size_t)snprintf(extent + used, sizeof extent - used, "%s%llu", i > 0 ? ", " : "",
                             (unsigned long long)shape->extent[i]);
  }
  snprintf(out, size, "%s [%s]", type, extent);
}

/* A selection of a dataset: a block, or (`start` NULL) a range of elements in the order of storage.
 */
typedef struct selection {
  const hsize_t *start, *extent; /* of the block */
  hsize_t first, count;          /* of the range */
} selection;

/* Selects, in addition, elements first .. end - 1 of a sub-array: the one at `start` in the
 * dimensions before `level`. Elements are numbered from the first one of the sub-array. */
static herr_t add_range(hid_t space, int rank, const hsize_t *extent, hsize_t *start, int level,
                        hsize_t first, hsize_t end) {
  hsize_t inner = 1, block[LS_H5_MAX_RANK];
  for (int i = level + 1; i < rank; i++) inner *= extent[i];
  herr_t result = 0;
  if (first % inner != 0) { /* the rest of a row */
    hsize_t row = first / inner, stop = (row + 1) * inner < end ? (row + 1) * inner : end;
    start[level] = row;
    result =
        add_range(space, rank, extent, start, level + 1, first - row * inner, stop - row * inner);
    first = stop;
  }
  if (result >= 0 && end / inner > first / inner) { /* whole rows */
    for (int i = 0; i < rank; i++) {
      block[i] = i < level ? 1 : i > level ? extent[i] : end / inner - first / inner;
      if (i > level) start[i] = 0;
    }
    start[level] = first / inner;
    result = H5Sselect_hyperslab(space, H5S_SELECT_OR, start, NULL, block, NULL);
    first = end / inner * inner;
  }
  if (result < 0 || first >= end) return result;
  start[level] = first / inner; /* the beginning of a row */
  return add_range(space, rank, extent, start, level + 1, 0, end - first);
}

static bool apply_selection(hid_t space, int rank, const selection *p) {
  if (p->start) {
    return H5Sselect_hyperslab(space, H5S_SELECT_SET, p->start, NULL, p->extent, NULL) >= 0 &&
           H5Sselect_valid(space) > 0;
  }
  hsize_t extent[LS_H5_MAX_RANK], start[LS_H5_MAX_RANK] = {0}, size = 1;
  if (H5Sget_simple_extent_dims(space, extent, NULL) < 0 || H5Sselect_none(space) < 0) return false;
  for (int i = 0; i < rank; i++) size *= extent[i];
  if (p->count > size || p->first > size - p->count) return false;
  return add_range(space, rank, extent, start, 0, p->first, p->first + p->count) >= 0;
}

/* One transfer of a selection (NULL: of everything). Exactly one of `in` and `out` is given. */
static int transfer(hid_t parent, const char *name, hid_t type, const selection *p, void *in,
                    const void *out) {
  hid_t dataset = -1, space = H5S_ALL, memory = H5S_ALL;
  int status = ls_h5_open_dataset(&dataset, parent, name);
  if (status != LS_OK) return status;
  bool ready = true;
  if (p) {
    space = H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank > 0 && rank <= LS_H5_MAX_RANK) {
      memory = H5Screate_simple(p->start ? rank : 1, p->start ? p->extent : &p->count, NULL);
    }
    ready = memory > 0 && apply_selection(space, rank, p);
  }
  if (ready && in) status = ls_h5_check_inflated(dataset, space);
  ready = ready && status == LS_OK;
  bool done = ready && (in ? H5Dread(dataset, type, memory, space, H5P_DEFAULT, in)
                           : H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, out)) >= 0;
  if (!done && status == LS_OK) {
    status = in ? ls_h5_fail(LS_INVALID, parent, name, "cannot read")
                : ls_h5_fail(LS_FAILED, parent, name, "cannot write");
  }
  if (p && space > 0) H5Sclose(space);
  if (p && memory > 0) H5Sclose(memory);
  int closed = ls_h5_close(&dataset); /* which may be when HDF5 writes */
  return status == LS_OK ? closed : status;
}

int ls_h5_read(hid_t parent, const char *name, hid_t type, void *data) {
  return transfer(parent, name, type, NULL, data, NULL);
}

int ls_h5_write(hid_t parent, const char *name, hid_t type, const void *data) {
  return transfer(parent, name, type, NULL, NULL, data);
}

int ls_h5_read_block(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                     const hsize_t *extent, void *data) {
  return transfer(parent, name, type, &(selection){.start = start, .extent = extent}, data, NULL);
}

int ls_h5_write_block(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                      const hsize_t *extent, const void *data) {
  return transfer(parent, name, type, &(selection){.start = start, .extent = extent}, NULL, data);
}

int ls_h5_read_range(hid_t parent, const char *name, hid_t type, size_t first, size_t count,
                     void *data) {
  return transfer(parent, name, type, &(selection){.first = first, .count = count}, data, NULL);
}

int ls_h5_write_range(hid_t parent, const char *name, hid_t type, size_t first, size_t count,
                      const void *data) {
  return transfer(parent, name, type, &(selection){.first = first, .count = count}, NULL, data);
}
