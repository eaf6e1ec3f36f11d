/* The scale of a dataset's inputs. */
#include "data/scale.h"

#include "lockstep/error.h"

#include <math.h>

bool ls_dataset_has_bytes(const ls_h5_shape *x) {
  return x->class_id == H5T_INTEGER && x->item_size == 1 && !x->is_signed;
}

int ls_dataset_read_scale(double *scale, hid_t file, const char *path, const char *name,
                          const ls_h5_shape *x) {
  *scale = ls_dataset_has_bytes(x) ? 1.0 / 255 : 1;
  if (!ls_h5_has_attribute(file, name, "scale")) return LS_OK;
  int status = ls_h5_get_number(file, name, "scale", scale);
  if (status == LS_OK && !(isfinite(*scale) && *scale != 0)) {
    return ls_fail(LS_INVALID, "%s: /%s: its scale is %g (expected a number other than 0)", path,
                   name, *scale);
  }
  return status;
}
