/* Texts: as datasets, single or in lists, of variable or of fixed length. */
#include "base/memory.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

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

int ls_h5_create_texts(hid_t parent, const char *name, size_t count, const char *const *texts) {
  hsize_t extent = count;
  hid_t type = ls_h5_text_type();
  hid_t dataset = type < 0 ? -1 : ls_h5_create_open(parent, name, type, 1, &extent, NULL);
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

int ls_h5_create_fixed_text(hid_t parent, const char *name, size_t size) {
  hid_t type = fixed_text_type(size);
  if (type < 0) return ls_h5_fail(LS_FAILED, parent, name, "cannot make a text type");
  int status = ls_h5_create_dataset(parent, name, type, 0, NULL, NULL);
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

/* Copies fixed-length text: `size` bytes, padded with NULs or spaces. */
static char *copy_fixed(const char *bytes, size_t size) {
  size_t length = strnlen(bytes, size);
  while (length > 0 && bytes[length - 1] == ' ') length--;
  char *copy = ls_new(length + 1, 1);
  return copy ? memcpy(copy, bytes, length) : NULL;
}

bool ls_h5_copy_texts(char ***texts, size_t count, hid_t type, hid_t space, char *raw) {
  bool variable = H5Tis_variable_str(type) > 0;
  size_t size = H5Tget_size(type);
  char **result = ls_new(count, sizeof *result);
  bool done = result != NULL;
  for (size_t i = 0; done && i < count; i++) {
    const char *item = variable ? ((char **)(void *)raw)[i] : raw + i * size;
    result[i] = variable ? ls_copy_text(item ? item : "") : copy_fixed(item, size);
    done = result[i] != NULL;
  }
  if (variable) H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
  if (!done) {
    for (size_t i = 0; result && i < count; i++) free(result[i]);
    free(result);
  }
  *texts = done ? result : NULL;
  return done;
}

int ls_h5_read_texts(hid_t parent, const char *name, char ***texts, size_t *count) {
  *texts = NULL;
  *count = 0;
  ls_h5_shape shape;
  int status = ls_h5_describe(parent, name, &shape);
  if (status != LS_OK) return status;
  if (shape.class_id != H5T_STRING || shape.rank > 1) {
    return ls_h5_fail(LS_INVALID, parent, name, "is not a list of texts");
  }
  size_t n = shape.rank == 0 ? 1 : (size_t)shape.extent[0];
  hid_t dataset = -1;
  status = ls_h5_open_dataset(&dataset, parent, name);
  if (status == LS_OK) status = ls_h5_check_inflated(dataset, H5S_ALL);
  if (status != LS_OK) {
    ls_h5_close(&dataset);
    return status;
  }
  hid_t type = dataset < 0 ? -1 : H5Dget_type(dataset);
  hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
  char *raw = ls_new(n, shape.item_size);
  bool done = raw && type >= 0 && space >= 0 &&
              H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0 &&
              ls_h5_copy_texts(texts, n, type, space, raw);
  free(raw);
  if (!done) ls_h5_fail(LS_INVALID, parent, name, "cannot read the texts");
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  ls_h5_close(&dataset);
  if (!done) return LS_INVALID;
  *count = n;
  return LS_OK;
}
