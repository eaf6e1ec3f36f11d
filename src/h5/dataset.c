/* Datasets and dimension scales. */
#include "h5_internal.h"
#include "lockstep/error.h"
#include "lockstep/h5.h"
#include "lockstep/memory.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

hid_t ls_h5_text_type(void) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
    H5Tclose(type);
    type = -1;
  }
  return type;
}

/* Creates a contiguous dataset with all its space; -1 on failure. */
static hid_t make(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *extent,
                  const void *fill) {
  hid_t dataset = -1;
  hid_t space = rank > 0 ? H5Screate_simple(rank, extent, NULL) : H5Screate(H5S_SCALAR);
  hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  bool ready = space >= 0 && properties >= 0 && H5Pset_obj_track_times(properties, false) >= 0 &&
               H5Pset_layout(properties, H5D_CONTIGUOUS) >= 0 &&
               H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY) >= 0;
  if (ready && fill) ready = H5Pset_fill_value(properties, type, fill) >= 0;
  if (ready) dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  if (space >= 0) H5Sclose(space);
  if (properties >= 0) H5Pclose(properties);
  return dataset;
}

int ls_h5_make(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *extent,
               const void *fill) {
  hid_t dataset = make(parent, name, type, rank, extent, fill);
  if (dataset < 0) return ls_h5_fail(LS_FAILED, parent, name, "cannot create the dataset");
  return ls_h5_close(&dataset);
}

int ls_h5_make_texts(hid_t parent, const char *name, size_t count, const char *const *texts) {
  hsize_t extent = count;
  hid_t type = ls_h5_text_type();
  hid_t dataset = type < 0 ? -1 : make(parent, name, type, 1, &extent, NULL);
  bool done = dataset >= 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0;
  int status = done ? LS_OK : ls_h5_fail(LS_FAILED, parent, name, "cannot write the texts");
  if (type >= 0) H5Tclose(type);
  ls_h5_close(&dataset);
  return status;
}

/* The type of texts of `size` bytes, padded with NULs. */
static hid_t fixed_text_type(size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && H5Tset_size(type, size) < 0) {
    H5Tclose(type);
    type = -1;
  }
  return type;
}

int ls_h5_make_fixed_text(hid_t parent, const char *name, size_t size) {
  hid_t type = fixed_text_type(size);
  if (type < 0) return ls_h5_fail(LS_FAILED, parent, name, "cannot make a text type");
  int status = ls_h5_make(parent, name, type, 0, NULL, NULL);
  H5Tclose(type);
  return status;
}

int ls_h5_write_fixed_text(hid_t parent, const char *name, size_t size, const char *text) {
  char *padded = ls_new(size, 1);
  hid_t type = padded ? fixed_text_type(size) : -1;
  int status = padded ? LS_OK : LS_FAILED;
  if (padded && type < 0) {
    status = ls_h5_fail(LS_FAILED, parent, name, "cannot make a text type");
  }
  if (status == LS_OK) {
    memcpy(padded, text, strnlen(text, size - 1));
    status = ls_h5_write(parent, name, type, padded);
  }
  if (type >= 0) H5Tclose(type);
  free(padded);
  return status;
}

int ls_h5_make_scale(hid_t parent, const char *scale) {
  hid_t dataset = H5Dopen2(parent, scale, H5P_DEFAULT);
  bool done = dataset >= 0 && H5DSset_scale(dataset, scale) >= 0;
  int status = done ? LS_OK : ls_h5_fail(LS_FAILED, parent, scale, "cannot make it a scale");
  ls_h5_close(&dataset);
  return status;
}

int ls_h5_attach_scale(hid_t parent, const char *name, const char *scale, unsigned dim) {
  hid_t dataset = H5Dopen2(parent, name, H5P_DEFAULT);
  hid_t axis = H5Dopen2(parent, scale, H5P_DEFAULT);
  bool done = dataset >= 0 && axis >= 0 && H5DSattach_scale(dataset, axis, dim) >= 0;
  int status = done ? LS_OK : ls_h5_fail(LS_FAILED, parent, name, "cannot attach a scale");
  ls_h5_close(&dataset);
  ls_h5_close(&axis);
  return status;
}

int ls_h5_describe(hid_t parent, const char *name, ls_h5_shape *shape) {
  *shape = (ls_h5_shape){0};
  hid_t dataset = H5Dopen2(parent, name, H5P_DEFAULT);
  if (dataset < 0) return ls_h5_fail(LS_INVALID, parent, name, "cannot open the dataset");
  hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  bool done = type >= 0 && rank >= 0 && rank <= LS_H5_MAX_RANK &&
              H5Sget_simple_extent_dims(space, shape->extent, NULL) >= 0;
  if (done) {
    shape->rank = rank;
    shape->class_id = H5Tget_class(type);
    shape->item_size = H5Tget_size(type);
    shape->is_signed = shape->class_id == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
  }
  int status = done ? LS_OK : ls_h5_fail(LS_INVALID, parent, name, "cannot tell its shape");
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  ls_h5_close(&dataset);
  return status;
}

/* One transfer of a block (`start` NULL: of everything). Exactly one of `in`, `out` is given. */
static int transfer(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                    const hsize_t *extent, void *in, const void *out) {
  hid_t dataset = H5Dopen2(parent, name, H5P_DEFAULT);
  hid_t space = H5S_ALL, memory = H5S_ALL;
  bool ready = dataset >= 0;
  if (ready && start) {
    space = H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    memory = rank > 0 ? H5Screate_simple(rank, extent, NULL) : -1;
    ready = memory >= 0 &&
            H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 &&
            H5Sselect_valid(space) > 0;
  }
  bool done = ready && (in ? H5Dread(dataset, type, memory, space, H5P_DEFAULT, in)
                           : H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, out)) >= 0;
  int status = LS_OK;
  if (!done) {
    status = in ? ls_h5_fail(LS_INVALID, parent, name, "cannot read")
                : ls_h5_fail(LS_FAILED, parent, name, "cannot write");
  }
  if (start && space >= 0) H5Sclose(space);
  if (start && memory >= 0) H5Sclose(memory);
  ls_h5_close(&dataset);
  return status;
}

int ls_h5_read(hid_t parent, const char *name, hid_t type, void *data) {
  return transfer(parent, name, type, NULL, NULL, data, NULL);
}

int ls_h5_write(hid_t parent, const char *name, hid_t type, const void *data) {
  return transfer(parent, name, type, NULL, NULL, NULL, data);
}

int ls_h5_read_part(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                    const hsize_t *extent, void *data) {
  return transfer(parent, name, type, start, extent, data, NULL);
}

int ls_h5_write_part(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                     const hsize_t *extent, const void *data) {
  return transfer(parent, name, type, start, extent, NULL, data);
}

/* Copies fixed-length text: `size` bytes, padded with NULs or spaces. */
static char *copy_fixed(const char *bytes, size_t size) {
  size_t length = strnlen(bytes, size);
  while (length > 0 && bytes[length - 1] == ' ') length--;
  char *copy = ls_new(length + 1, 1);
  return copy ? memcpy(copy, bytes, length) : NULL;
}

int ls_h5_read_texts(hid_t parent, const char *name, char ***texts, size_t *count) {
  *texts = NULL;
  *count = 0;
  ls_h5_shape shape;
  int status = ls_h5_describe(parent, name, &shape);
  if (status != LS_OK) return status;
  if (shape.class_id != H5T_STRING || shape.rank != 1) {
    return ls_h5_fail(LS_INVALID, parent, name, "is not a list of texts");
  }
  hid_t dataset = H5Dopen2(parent, name, H5P_DEFAULT);
  hid_t type = dataset < 0 ? -1 : H5Dget_type(dataset);
  hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
  size_t n = (size_t)shape.extent[0];
  bool variable = type >= 0 && H5Tis_variable_str(type) > 0;
  char **result = ls_new(n, sizeof *result);
  char *raw = ls_new(n, shape.item_size);
  bool done = result && raw && space >= 0 &&
              H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0;
  for (size_t i = 0; done && i < n; i++) {
    const char *item = variable ? ((char **)(void *)raw)[i] : raw + i * shape.item_size;
    result[i] = variable ? ls_copy_text(item ? item : "") : copy_fixed(item, shape.item_size);
    done = result[i] != NULL;
  }
  if (variable && raw && space >= 0) H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
  free(raw);
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  ls_h5_close(&dataset);
  if (!done) {
    for (size_t i = 0; result && i < n; i++) free(result[i]);
    free(result);
    return ls_h5_fail(LS_INVALID, parent, name, "cannot read the texts");
  }
  *texts = result;
  *count = n;
  return LS_OK;
}
