/* HDF5, every call checked.
 *
 * The only module that calls the HDF5 library. A failure is recorded with the file, the object and
 * the innermost reason HDF5 gives, and returned as LS_FAILED (LS_INVALID from the functions that
 * look at files made by others: open, shape, read, get). HDF5 prints nothing itself.
 *
 * Handles are hid_t, closed by ls_h5_close whatever they stand for. Functions are local unless they
 * say collective. Files made here keep no times, so the same content is the same bytes. */
#ifndef LS_H5_H5_H
#define LS_H5_H5_H

#include <hdf5.h>
#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_H5_MAX_RANK = 16 };

/* What a dataset looks like. `class_id` is H5T_INTEGER, H5T_FLOAT, H5T_STRING, ...; `item_size` the
 * stored bytes of one element; `is_signed` of an integer. */
typedef struct ls_h5_shape {
  int rank;
  hsize_t extent[LS_H5_MAX_RANK];
  H5T_class_t class_id;
  size_t item_size;
  bool is_signed;
} ls_h5_shape;

/* Opens an existing file on this rank alone. */
int ls_h5_open(hid_t *file, const char *path);

/* Opens an existing file for writing on this rank alone. */
int ls_h5_open_writable(hid_t *file, const char *path);

/* Creates a file on this rank alone, replacing an old one. */
int ls_h5_create(hid_t *file, const char *path);

/* The same with `bytes` (a power of two, at least 512) before what is HDF5's, left to the caller.
 */
int ls_h5_create_with_userblock(hid_t *file, const char *path, size_t bytes);

/* Collective over `comm`: opens one file for writing by all its ranks (MPI-IO). The communicator is
 * borrowed until the file is closed. The structure of such a file is made beforehand; reading
 * and writing are local. A rank without access to it makes all fail, and none wait. */
int ls_h5_open_shared(hid_t *file, const char *path, MPI_Comm comm);

/* Closes a file, group or dataset and sets the handle to -1; does nothing to a negative one.
 * Collective for a shared file. */
int ls_h5_close(hid_t *object);

/* Lets go of a shared file, without closing it, after a failure on any rank: closing is collective,
 * and HDF5 has ranks wait there for one that could not write. Local; sets the handle to -1. */
void ls_h5_abandon(hid_t *file);

/* Whether a file was abandoned, or closing one has failed. Then MPI_Finalize, by which HDF5 ends
 * too, would crash. */
bool ls_h5_left_open(void);

/* Creates or opens the group `name` of `parent`. */
int ls_h5_create_group(hid_t *group, hid_t parent, const char *name);
int ls_h5_open_group(hid_t *group, hid_t parent, const char *name);

/* Whether `parent` has a member (group or dataset) of that name; `name` may be a path. */
bool ls_h5_has(hid_t parent, const char *name);

/* The names of the members of a group, sorted, in `names` (each and the array to be freed). */
int ls_h5_list(hid_t parent, const char *name, char ***names, size_t *count);

/* Creates the dataset `name` of the given type and extent under `parent`: contiguous, its space
 * allocated and filled with `fill` (one element of `type`) at once, so that later writes change
 * nothing but values. rank 0 makes a scalar. */
int ls_h5_create_dataset(hid_t parent, const char *name, hid_t type, int rank,
                         const hsize_t *extent, const void *fill);

/* The same for text: variable-length UTF-8 strings, written at once. */
int ls_h5_create_texts(hid_t parent, const char *name, size_t count, const char *const *texts);

/* A text of at most `size` - 1 bytes that can be overwritten in place. */
int ls_h5_create_fixed_text(hid_t parent, const char *name, size_t size);
int ls_h5_write_fixed_text(hid_t parent, const char *name, size_t size, const char *text);

/* Makes the one-dimensional dataset `scale` a dimension scale / attaches it to dimension `dim` of
 * `name`; both under `parent`. */
int ls_h5_set_scale(hid_t parent, const char *scale);
int ls_h5_attach_scale(hid_t parent, const char *name, const char *scale, unsigned dim);

/* What `name` under `parent` looks like. */
int ls_h5_describe(hid_t parent, const char *name, ls_h5_shape *shape);

/* Reads / writes the whole dataset; `type` is that of the memory. */
int ls_h5_read(hid_t parent, const char *name, hid_t type, void *data);
int ls_h5_write(hid_t parent, const char *name, hid_t type, const void *data);

/* Reads / writes the block of `extent` elements from `start` in each dimension. */
int ls_h5_read_block(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                     const hsize_t *extent, void *data);
int ls_h5_write_block(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                      const hsize_t *extent, const void *data);

/* Reads / writes `count` elements from number `first` on, counted in the order in which they are
 * stored (the last dimension fastest). */
int ls_h5_read_range(hid_t parent, const char *name, hid_t type, size_t first, size_t count,
                     void *data);
int ls_h5_write_range(hid_t parent, const char *name, hid_t type, size_t first, size_t count,
                      const void *data);

/* All strings of a text dataset, a list or a single one, of variable or fixed length, in `texts`
 * (each and the array to be freed). */
int ls_h5_read_texts(hid_t parent, const char *name, char ***texts, size_t *count);

/* Attributes of the member `name` of `parent` ("." for parent itself). Setting one that exists
 * replaces it. Text is written as variable-length UTF-8 and read whatever its length; what get_text
 * and get_texts give is to be freed. set_values writes a list of `count` values, a scalar for count
 * 1. get_number converts any numeric scalar, get_hash keeps all 64 bits, get_integers converts a
 * list of exactly `count` integers. */
int ls_h5_set_text(hid_t parent, const char *name, const char *attribute, const char *text);
int ls_h5_set_texts(hid_t parent, const char *name, const char *attribute, size_t count,
                    const char *const *texts);
int ls_h5_set_values(hid_t parent, const char *name, const char *attribute, hid_t type,
                     size_t count, const void *values);
bool ls_h5_has_attribute(hid_t parent, const char *name, const char *attribute);
int ls_h5_get_text(hid_t parent, const char *name, const char *attribute, char **text);
int ls_h5_get_texts(hid_t parent, const char *name, const char *attribute, char ***texts,
                    size_t *count);
int ls_h5_get_number(hid_t parent, const char *name, const char *attribute, double *number);
int ls_h5_get_hash(hid_t parent, const char *name, const char *attribute, uint64_t *hash);
int ls_h5_get_integers(hid_t parent, const char *name, const char *attribute, size_t count,
                       int *values);

/* The names of all attributes of an open object, sorted (each and the array to be freed). */
int ls_h5_list_attributes(hid_t object, char ***names, size_t *count);

/* Library version as "1.10.8". */
const char *ls_h5_version(void);

#endif
