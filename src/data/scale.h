/* The scale of a dataset's inputs: the factor from stored numbers to inputs. Local. */
#ifndef LS_DATA_SCALE_H
#define LS_DATA_SCALE_H

#include "h5/h5.h"

/* Reads it from the dataset `name`, whose type is `x`: the attribute scale or, where there is none,
 * 1 / 255 for bytes and else 1. LS_INVALID unless it is finite and not 0. */
int ls_dataset_read_scale(double *scale, hid_t file, const char *path, const char *name,
                          const ls_h5_shape *x);

/* Whether the type is that of bytes, 0 to 255. */
bool ls_dataset_has_bytes(const ls_h5_shape *x);

#endif
