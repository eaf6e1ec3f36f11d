/* The header of files in netCDF's classic formats, which netCDF-3 writes: CDF-1, CDF-2 (64-bit
 * offsets) and CDF-5 (64-bit data).
 *
 * The library libnetcdf would read them, but needs an HDF5 library without MPI, beside the parallel
 * one of this program. Source: "NetCDF File Format Specifications", Unidata, and the same of
 * PnetCDF for CDF-5. Files are not trusted: all sizes are checked against that of the file. Local.
 */
#ifndef LS_PREPARE_NETCDF_H
#define LS_PREPARE_NETCDF_H

#include "prepare/npy.h"

#include <stdint.h>
#include <stdio.h>

enum { NETCDF_LONGEST_TEXT = 4096 };

/* A variable whose first dimension is that of samples. */
typedef struct netcdf_variable {
  char *name;
  npy_header element; /* type, number of samples and their shape; texts are [sample] */
  int64_t begin;      /* place of the first sample in the file */
  int64_t step;       /* bytes from one sample to the next */
  double missing[2];  /* values that stand for a missing one; NaN: none */
} netcdf_variable;

typedef struct netcdf_header {
  netcdf_variable *variables; /* [count]: of numbers [sample, ...] or texts [sample] */
  size_t count;
} netcdf_header;

/* Reads the header of an open file; variables of other shapes are left out. LS_INVALID, naming
 * `path`, for what is not such a file, or one that is cut off. To be freed also on failure. */
int netcdf_read_header(netcdf_header *header, FILE *file, const char *path);

void netcdf_free_header(netcdf_header *header);

#endif
