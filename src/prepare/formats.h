/* The formats of sources, one in each file of this folder named after it. */
#ifndef LS_PREPARE_FORMATS_H
#define LS_PREPARE_FORMATS_H

#include "prepare/source.h"

extern const ls_source_format ls_csv_format;
extern const ls_source_format ls_npy_format; /* npy_file.c */
extern const ls_source_format ls_npz_format;
extern const ls_source_format ls_hdf5_format;   /* hdf5_file.c */
extern const ls_source_format ls_netcdf_format; /* netcdf_file.c */

extern const ls_source_format ls_image_format; /* image_folder.c */

#endif
