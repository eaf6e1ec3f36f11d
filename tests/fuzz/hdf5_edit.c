/* Edits. Each is a few bytes: what to do, where, and what to put there; values are taken from the
 * bytes that follow. Whatever HDF5 refuses is left undone. */
#include "hdf5_edit.h"

#include "fuzz.h"

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EDITS = 16, MOST_BYTES = 1 << 16, MOST_DIMS = 6 };

/* The rest of an input; zeroes behind its end. */
typedef struct cursor {
  const uint8_t *data;
  size_t left;
} cursor;

static unsigned take(cursor *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->data++;
}

bool edit_is_file(const uint8_t *data, size_t size, size_t offset) {
  static const char signature[] = "\211HDF\r\n\032\n";
  return size >= offset + 8 && memcmp(data + offset, signature, 8) == 0;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static hid_t make_compound(void) {
  hid_t type = H5Tcreate(H5T_COMPOUND, 12);
  H5Tinsert(type, "a", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(type, "b", 8, H5T_NATIVE_INT);
  return type;
}

static hid_t make_text(size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  return type;
}

static hid_t make_type(unsigned kind) {
  const hsize_t three = 3;
  switch (kind % 18) {
  case 0:
    return H5Tcopy(H5T_STD_U8LE);
  case 1:
    return H5Tcopy(H5T_STD_I8LE);
  case 2:
    return H5Tcopy(H5T_STD_I32LE);
  case 3:
    return H5Tcopy(H5T_STD_U64BE);
  case 4:
    return H5Tcopy(H5T_STD_I64LE);
  case 5:
    return H5Tcopy(H5T_IEEE_F32LE);
  case 6:
    return H5Tcopy(H5T_IEEE_F64LE);
  case 7:
    return H5Tcopy(H5T_IEEE_F32BE);
  case 8:
    return make_text(1);
  case 9:
    return make_text(12);
  case 10:
  case 11:
    return make_text(H5T_VARIABLE);
  case 12:
    return make_compound();
  case 13:
    return H5Tarray_create2(H5T_NATIVE_INT, 1, &three);
  case 14:
    return H5Tvlen_create(H5T_NATIVE_INT);
  case 15:
    return H5Tenum_create(H5T_NATIVE_INT);
  case 16:
    return H5Tcreate(H5T_OPAQUE, 5);
  default:
    return H5Tcopy(H5T_STD_REF_OBJ);
  }
}

static hsize_t take_extent(cursor *in) {
  static const hsize_t large[] = {0xffffffffu,      0x80000000u,      0x7fffffffu, 1u << 24,
                                  (hsize_t)1 << 32, (hsize_t)1 << 40, 65536,       1000};
  unsigned byte = take(in);
  return byte < 248 ? byte : large[byte - 248];
}

/* Numbers that often cause errors. */
static double take_number(cursor *in) {
  static const double some[] = {NAN,   INFINITY, -INFINITY, -1,     0.5,
                                1e300, 0x1p31,   0x1p53,    0x1p64, 0};
  unsigned byte = take(in);
  return byte < 200 ? byte : some[byte % 10];
}

/* A shape: a scalar, nothing at all, or a few extents. */
static hid_t take_space(cursor *in) {
  unsigned rank = take(in) % (MOST_DIMS + 2);
  hsize_t extent[MOST_DIMS];
  if (rank == 0) return H5Screate(H5S_SCALAR);
  if (rank > MOST_DIMS) return H5Screate(H5S_NULL);
  for (unsigned i = 0; i < rank; i++) extent[i] = take_extent(in);
  return H5Screate_simple((int)rank, extent, NULL);
}

/* Bytes of `count` values, repeating a part of the input; texts of variable
 * length all point to `text`. To be freed. */
static void *take_values(cursor *in, hid_t type, size_t items, char *text) {
  size_t bytes = items * H5Tget_size(type), piece = take(in) % 64;
  uint8_t *values = calloc(1, bytes > 0 ? bytes : 1);
  require(values != NULL, "memory");
  if (piece > in->left) piece = in->left;
  memcpy(text, in->data, piece);
  text[piece] = '\0';
  if (H5Tis_variable_str(type) > 0) {
    for (size_t i = 0; i < items; i++) ((char **)(void *)values)[i] = text;
  } else if (H5Tget_class(type) != H5T_VLEN) { /* those stay empty */
    for (size_t i = 0; i < bytes && piece > 0; i++) values[i] = in->data[i % piece];
  }
  in->data += piece;
  in->left -= piece;
  return values;
}

/* ---- Edits ----------------------------------------------------------------------------------- */

static void remove_place(hid_t file, const edit_place *at) {
  if (at->attribute) {
    H5Adelete_by_name(file, at->object, at->attribute, H5P_DEFAULT);
  } else {
    H5Ldelete(file, at->object, H5P_DEFAULT);
  }
}

/* Attributes have all their values; a dataset may be larger than what is stored of it. */
static void put_values(hid_t file, const edit_place *at, hid_t type, hid_t space, cursor *in) {
  char text[64];
  hssize_t items = H5Sget_simple_extent_npoints(space);
  bool small = items >= 0 && items <= (hssize_t)(MOST_BYTES / H5Tget_size(type));
  void *values = small ? take_values(in, type, (size_t)items, text) : NULL;
  remove_place(file, at);
  if (at->attribute && small) {
    hid_t id = H5Acreate_by_name(file, at->object, at->attribute, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(id, type, values);
    H5Aclose(id);
  } else if (!at->attribute) {
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    int rank = H5Sget_simple_extent_ndims(space);
    if (!small && rank > 0) {
      const hsize_t chunk[MOST_DIMS] = {1, 1, 1, 1, 1, 1};
      H5Pset_chunk(properties, rank, chunk);
    }
    hid_t id = H5Dcreate2(file, at->object, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (small) H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(id);
    H5Pclose(properties);
  }
  free(values);
}

static void put_number(hid_t file, const edit_place *at, double number) {
  hid_t space = H5Screate(H5S_SCALAR);
  remove_place(file, at);
  if (at->attribute) {
    hid_t id = H5Acreate_by_name(file, at->object, at->attribute, H5T_NATIVE_DOUBLE, space,
                                 H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(id, H5T_NATIVE_DOUBLE, &number);
    H5Aclose(id);
  }
  H5Sclose(space);
}

/* A dataset with a name of the input's within the object, which becomes a group if it is none. */
static void put_member(hid_t file, const edit_place *at, cursor *in) {
  char name[80];
  size_t length = take(in) % sizeof name;
  for (size_t i = 0; i < length; i++) name[i] = (char)take(in);
  name[length] = '\0';
  hid_t group = H5Gopen2(file, at->object, H5P_DEFAULT);
  if (group < 0) {
    H5Ldelete(file, at->object, H5P_DEFAULT);
    group = H5Gcreate2(file, at->object, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  }
  hid_t type = make_type(take(in)), space = take_space(in);
  if (group >= 0) put_values(group, &(edit_place){name, NULL}, type, space, in);
  H5Sclose(space);
  H5Tclose(type);
  H5Gclose(group);
}

static void edit(hid_t file, const edit_place *places, size_t count, cursor *in) {
  unsigned what = take(in) % 6;
  const edit_place *at = &places[take(in) % count];
  if (what == 0) {
    remove_place(file, at);
  } else if (what == 1) {
    put_number(file, at, take_number(in));
  } else if (what == 2) { /* another name of some object: maybe its own, or of the one around it */
    const edit_place *to = &places[take(in) % count];
    H5Ldelete(file, at->object, H5P_DEFAULT);
    H5Lcreate_soft(to->object, file, at->object, H5P_DEFAULT, H5P_DEFAULT);
  } else if (what == 3) {
    put_member(file, at, in);
  } else {
    hid_t type = make_type(take(in)), space = take_space(in);
    put_values(file, at, type, space, in);
    H5Sclose(space);
    H5Tclose(type);
  }
}

void edit_file(const char *path, const edit_place *places, size_t count, const uint8_t *data,
               size_t size) {
  cursor in = {data, size};
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  hid_t file = in.left > 0 ? H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT) : -1;
  for (int i = 0; i < MOST_EDITS && in.left > 0 && file >= 0; i++) edit(file, places, count, &in);
  if (file >= 0) require(H5Fclose(file) >= 0, "an edited file");
  H5Eclear2(H5E_DEFAULT);
}

/* ---- Handles --------------------------------------------------------------------------------- */

void edit_require_closed(bool start) {
  static const H5I_type_t types[] = {H5I_FILE,    H5I_GROUP, H5I_DATATYPE,   H5I_DATASPACE,
                                     H5I_DATASET, H5I_ATTR,  H5I_GENPROP_LST};
  enum { TYPES = sizeof types / sizeof *types };
  static hsize_t before[TYPES];
  for (int i = 0; i < TYPES; i++) {
    hsize_t now = 0;
    H5Inmembers(types[i], &now);
    if (!start) require(now == before[i], "no handle of HDF5's left open");
    before[i] = now;
  }
}
