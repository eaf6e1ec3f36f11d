/* Opening groups and datasets. All of them are opened here, since files may come from elsewhere:
 * what leads out of the file is refused by name. */
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <string.h>

/* ---- Links ----------------------------------------------------------------------------------- */

/* The external link that the last traversal has met. */
static struct {
  bool met;
  char file[256], object[256];
} external;

/* An H5L_elink_traverse_t, called before the other file is opened. */
static herr_t refuse_external(const char *from_file, const char *from_group, const char *file,
                              const char *object, unsigned *flags, hid_t access, void *context) {
  (void)from_file, (void)from_group, (void)flags, (void)access, (void)context;
  external.met = true;
  snprintf(external.file, sizeof external.file, "%s", file);
  snprintf(external.object, sizeof external.object, "%s", object);
  return -1;
}

hid_t ls_h5_link_access(hid_t class_id) {
  external.met = false;
  hid_t access = H5Pcreate(class_id);
  if (access >= 0 && H5Pset_elink_cb(access, refuse_external, NULL) < 0) {
    H5Pclose(access);
    access = -1;
  }
  return access;
}

/* Records why an object was not opened. */
static int fail_to_open(hid_t parent, const char *name, const char *doing) {
  if (!external.met) return ls_h5_fail(LS_INVALID, parent, name, doing);
  char what[640];
  snprintf(what, sizeof what, "is a link to %s in another file, %s (expected data in this file)",
           external.object, external.file);
  H5Eclear2(H5E_DEFAULT);
  return ls_h5_refuse(parent, name, what);
}

/* ---- Objects --------------------------------------------------------------------------------- */

static const char *noun(H5I_type_t type) {
  return type == H5I_GROUP ? "group" : type == H5I_DATASET ? "dataset" : "object";
}

static hid_t open_any(hid_t parent, const char *name) {
  hid_t access = ls_h5_link_access(H5P_LINK_ACCESS);
  hid_t object = access < 0 ? -1 : H5Oopen(parent, name, access);
  ls_h5_release(access);
  return object;
}

static int open_typed(hid_t *object, hid_t parent, const char *name, H5I_type_t type) {
  char doing[64];
  *object = open_any(parent, name);
  if (*object < 0) {
    snprintf(doing, sizeof doing, "cannot open the %s", noun(type));
    return fail_to_open(parent, name, doing);
  }
  if (H5Iget_type(*object) == type) return LS_OK;
  snprintf(doing, sizeof doing, "cannot open the %s: it is a %s", noun(type),
           noun(H5Iget_type(*object)));
  H5Oclose(*object);
  *object = -1;
  return ls_h5_refuse(parent, name, doing);
}

int ls_h5_open_object(hid_t *object, hid_t parent, const char *name) {
  *object = open_any(parent, name);
  return *object < 0 ? fail_to_open(parent, name, "cannot open the object") : LS_OK;
}

int ls_h5_open_group(hid_t *group, hid_t parent, const char *name) {
  return open_typed(group, parent, name, H5I_GROUP);
}

int ls_h5_open_dataset(hid_t *dataset, hid_t parent, const char *name) {
  int status = open_typed(dataset, parent, name, H5I_DATASET);
  if (status == LS_OK) status = ls_h5_check_layout(*dataset);
  if (status != LS_OK && *dataset >= 0) {
    H5Dclose(*dataset);
    *dataset = -1;
  }
  return status;
}

/* ---- Existence ------------------------------------------------------------------------------- */

bool ls_h5_has(hid_t parent, const char *name) {
  char path[512];
  hid_t access = ls_h5_link_access(H5P_LINK_ACCESS);
  snprintf(path, sizeof path, "%s", name);
  bool there = access >= 0;
  for (char *slash = strchr(path + 1, '/'); there && slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    there = H5Lexists(parent, path, access) > 0;
    *slash = '/';
  }
  there = there && H5Lexists(parent, path, access) > 0;
  ls_h5_release(access);
  return there;
}

bool ls_h5_has_group(hid_t parent, const char *name) {
  hid_t object = ls_h5_has(parent, name) ? open_any(parent, name) : -1;
  bool is = object >= 0 && H5Iget_type(object) == H5I_GROUP;
  if (object >= 0) H5Oclose(object);
  return is;
}
