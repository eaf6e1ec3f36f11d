/* HDF5 with every call checked. This is the only module that calls the HDF5 library.
 *
 * A failure is recorded with the file, the object and the innermost reason that HDF5 gives, and
 * returned as LS_FAILED, or as LS_INVALID by the functions that read what others may have written
 * (open, describe, read, list, get). HDF5 itself prints nothing.
 *
 * Files may come from elsewhere. What would reach out of them is refused where it is opened, with
 * the name of the object: FIFOs and devices in place of a file; external links, external storage
 * and virtual datasets; filters other than shuffle, gzip and fletcher32. So is what would be read
 * as zeros or from beyond the data: missing or short chunks, and shapes for which the file has no
 * room.
 *
 * Objects are named by an open `parent` (a file or group) and a path below it, "." for the parent
 * itself. Handles are closed by ls_h5_close, whatever their type. Functions are local unless they
 * say collective. Files keep no times, so the same content is the same bytes. */
#ifndef LS_H5_H5_H
#define LS_H5_H5_H

#include <hdf5.h>
#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_H5_MAX_RANK = 16 };

/* ---- Files ----------------------------------------------------------------------------------- */

/* Opens an existing file on this rank alone, for reading. */
int ls_h5_open(hid_t *file, const char *path);

/* The same without a lock, so that a run that starts meanwhile is not refused. */
int ls_h5_open_unlocked(hid_t *file, const char *path);

/* As ls_h5_open, of a file whose virtual datasets may be read. Their sources are stored data of
 * other files, of which all is checked but the length of compressed chunks. */
int ls_h5_open_virtual(hid_t *file, const char *path);

/* Opens an existing file, which is not a symbolic link, on this rank alone, for reading and
 * writing.
 */
int ls_h5_open_writable(hid_t *file, const char *path);

/* Creates a file on this rank alone, in the place of an existing one or of a symbolic link, which
 * is not followed. */
int ls_h5_create(hid_t *file, const char *path);

/* The same with a user block: `bytes` (a power of two, at least 512) at the start of the file that
 * HDF5 leaves to the caller. */
int ls_h5_create_with_userblock(hid_t *file, const char *path, size_t bytes);

/* Collective over `comm`: opens one existing file, no symbolic link, for writing by all its ranks
 * (MPI-IO). `comm` is borrowed until the file is closed. Objects cannot be created in it; reading
 * and writing are local. If one rank cannot access the file, all fail and none waits. */
int ls_h5_open_shared(hid_t *file, const char *path, MPI_Comm comm);

/* Closes a file, group or dataset and sets the handle to -1; does nothing if it is negative.
 * Collective for a shared file. */
int ls_h5_close(hid_t *object);

/* Leaves a shared file open and sets the handle to -1, after a failure on any rank: closing is
 * collective, and would wait for a rank that could not write. */
void ls_h5_abandon(hid_t *file);

/* Whether a file was abandoned or could not be closed. MPI_Finalize, in which HDF5 closes its
 * files, would then crash. */
bool ls_h5_left_open(void);

/* Returns the version of the library, such as "1.10.8". */
const char *ls_h5_version(void);

/* ---- Groups ---------------------------------------------------------------------------------- */

int ls_h5_create_group(hid_t *group, hid_t parent, const char *name);
int ls_h5_open_group(hid_t *group, hid_t parent, const char *name);

/* Whether `parent` has a group or dataset at the path `name`. */
bool ls_h5_has(hid_t parent, const char *name);

/* Whether it has a group there. */
bool ls_h5_has_group(hid_t parent, const char *name);

/* Removes a group with its members, or a dataset, or an attribute of `name`. Nothing happens if
 * there is none. */
int ls_h5_remove(hid_t parent, const char *name);
int ls_h5_remove_attribute(hid_t parent, const char *name, const char *attribute);

/* Returns the names of a group's members, sorted. Each name and the array are to be freed. */
int ls_h5_list(hid_t parent, const char *name, char ***names, size_t *count);

/* ---- Datasets -------------------------------------------------------------------------------- */

typedef struct ls_h5_shape {
  int rank; /* 0: a scalar */
  hsize_t extent[LS_H5_MAX_RANK];
  H5T_class_t class_id; /* H5T_INTEGER, H5T_FLOAT, H5T_STRING, ... */
  size_t item_size;     /* stored bytes of one element */
  bool is_signed;       /* of an integer */
  hsize_t chunk;        /* indices of the first dimension in a chunk; 0 if it is not chunked */
} ls_h5_shape;

/* Creates a dataset: contiguous, with its space allocated and filled with `fill` (one element of
 * `type`; NULL: 0) at once, so that later writes change values only. Rank 0 makes a scalar. */
int ls_h5_create_dataset(hid_t parent, const char *name, hid_t type, int rank,
                         const hsize_t *extent, const void *fill);

/* Makes the one-dimensional dataset `scale` a dimension scale. */
int ls_h5_set_scale(hid_t parent, const char *scale);

/* Attaches the scale to dimension `dim` of `name`; both are under `parent`. */
int ls_h5_attach_scale(hid_t parent, const char *name, const char *scale, unsigned dim);

/* Returns the shape and the stored type of a dataset. LS_INVALID if there is none, or if some of
 * its elements do not exist, where HDF5 would read zeros: before memory is asked for. */
int ls_h5_describe(hid_t parent, const char *name, ls_h5_shape *shape);

/* Returns the number of elements. */
size_t ls_h5_shape_size(const ls_h5_shape *shape);

/* Returns whether a dataset is stored as memory has it, one element of `type` behind the other,
 * without chunks, filters or other files; then *offset is its first byte in the file, and the file
 * can be mapped instead of read. */
bool ls_h5_is_mappable(hid_t parent, const char *name, hid_t type, uint64_t *offset);

/* Writes type and shape such as "uint8 [60000, 28, 28]" to `out`, cut to its size. */
void ls_h5_format_shape(const ls_h5_shape *shape, char *out, size_t size);

/* Reads or writes the whole dataset; `type` is that of the memory. */
int ls_h5_read(hid_t parent, const char *name, hid_t type, void *data);
int ls_h5_write(hid_t parent, const char *name, hid_t type, const void *data);

/* Reads or writes the block (hyperslab) of `extent` elements from `start`, in each dimension. */
int ls_h5_read_block(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                     const hsize_t *extent, void *data);
int ls_h5_write_block(hid_t parent, const char *name, hid_t type, const hsize_t *start,
                      const hsize_t *extent, const void *data);

/* Reads or writes `count` elements from number `first` on, counted in the order in which they are
 * stored (the last dimension fastest). */
int ls_h5_read_range(hid_t parent, const char *name, hid_t type, size_t first, size_t count,
                     void *data);
int ls_h5_write_range(hid_t parent, const char *name, hid_t type, size_t first, size_t count,
                      const void *data);

/* What an integer of a file can be. */
typedef struct ls_h5_range {
  int64_t least, most; /* INT64_MAX: no limit but that of the type */
} ls_h5_range;

/* Reads a whole dataset of exactly `count` integers of any type. LS_INVALID, naming the element and
 * the range, unless each one is in the range: for whatever is an enumeration, an index, a count or
 * a flag. */
int ls_h5_read_integers(hid_t parent, const char *name, ls_h5_range range, size_t count,
                        int64_t *values);

/* ---- Datasets of text ------------------------------------------------------------------------ */

/* Creates and writes a list of variable-length UTF-8 strings. */
int ls_h5_create_texts(hid_t parent, const char *name, size_t count, const char *const *texts);

/* Reads a list of strings or a single one, of variable or fixed length. Each text and the array are
 * to be freed. */
int ls_h5_read_texts(hid_t parent, const char *name, char ***texts, size_t *count);

/* A scalar string of at most `size` - 1 bytes that can be overwritten in place. */
int ls_h5_create_fixed_text(hid_t parent, const char *name, size_t size);
int ls_h5_write_fixed_text(hid_t parent, const char *name, size_t size, const char *text);

/* ---- Attributes ------------------------------------------------------------------------------ */

/* Set an attribute of the object `name`, replacing an existing one: a variable-length UTF-8 string,
 * a list of them, or `count` values of `type`, a scalar for count 1. */
int ls_h5_set_text(hid_t parent, const char *name, const char *attribute, const char *text);
int ls_h5_set_texts(hid_t parent, const char *name, const char *attribute, size_t count,
                    const char *const *texts);
int ls_h5_set_values(hid_t parent, const char *name, const char *attribute, hid_t type,
                     size_t count, const void *values);

bool ls_h5_has_attribute(hid_t parent, const char *name, const char *attribute);

/* Get a string, or a list of them, of variable or fixed length; to be freed. */
int ls_h5_get_text(hid_t parent, const char *name, const char *attribute, char **text);
int ls_h5_get_texts(hid_t parent, const char *name, const char *attribute, char ***texts,
                    size_t *count);

/* Get a scalar of any numeric type as a double; an unsigned integer of 64 bits. */
int ls_h5_get_number(hid_t parent, const char *name, const char *attribute, double *number);
int ls_h5_get_hash(hid_t parent, const char *name, const char *attribute, uint64_t *hash);

/* Get a scalar or a list of numbers as doubles, to be freed. */
int ls_h5_get_numbers(hid_t parent, const char *name, const char *attribute, double **numbers,
                      size_t *count);

/* Get exactly `count` integers of the range, as ls_h5_read_integers. */
int ls_h5_get_integers(hid_t parent, const char *name, const char *attribute, ls_h5_range range,
                       size_t count, int64_t *values);

/* Returns the names of all attributes of an open object, sorted. Each name and the array are to be
 * freed. */
int ls_h5_list_attributes(hid_t object, char ***names, size_t *count);

#endif
