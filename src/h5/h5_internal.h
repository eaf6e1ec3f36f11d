/* What the files of src/h5 share: errors, checks of objects that are opened, text types. */
#ifndef LS_H5_H5_INTERNAL_H
#define LS_H5_H5_INTERNAL_H

#include <hdf5.h>
#include <stdbool.h>

/* Silences HDF5's own printing; called by every function that opens or creates a file. */
void ls_h5_quiet(void);

/* Records "FILE: /object: doing: reason" and returns `code`. `at` is any open handle of the file.
 */
int ls_h5_fail(int code, hid_t at, const char *name, const char *doing);

/* The same of a file, which is not open. */
int ls_h5_fail_file(int code, const char *path, const char *doing);

/* Closes a handle of any type, unless it is negative, and keeps the reason of an earlier failure,
 * which the next call of HDF5 would clear. */
void ls_h5_release(hid_t handle);

/* Records "FILE: /object: what" and returns LS_INVALID, for what a file must not have. */
int ls_h5_refuse(hid_t at, const char *name, const char *what);

/* Returns a property list of a class of link access (H5P_LINK_ACCESS, H5P_DATASET_ACCESS, ...) with
 * which external links are refused; to be closed. Negative on failure. */
hid_t ls_h5_link_access(hid_t class_id);

/* Opens an object of any type, to be closed by ls_h5_release. */
int ls_h5_open_object(hid_t *object, hid_t parent, const char *name);

/* Opens an attribute of the object `name`, to be closed by ls_h5_release; negative on failure. */
hid_t ls_h5_open_attribute(hid_t parent, const char *name, const char *attribute);

/* Opens a dataset after ls_h5_check_layout. */
int ls_h5_open_dataset(hid_t *dataset, hid_t parent, const char *name);

/* The same, adding that HDF5 would read zeros; `source` follows `what`. */
int ls_h5_refuse_unread(hid_t dataset, const char *what, const char *source);

/* The size of the file of an open object, which HDF5 opens only if it is as long as it says; 0 on
 * failure. */
hsize_t ls_h5_file_size(hid_t object);

/* LS_INVALID if elements of the dataset would come from another file, or by a filter whose output
 * is not checked: external storage, or a virtual dataset unless its file allows that. */
int ls_h5_check_layout(hid_t dataset);

/* Filter `i` of a dataset's creation properties, with its name. */
enum { LS_H5_MOST_FILTERS = 32 }; /* of HDF5 */
H5Z_filter_t ls_h5_filter(hid_t properties, int i, size_t size, char *name);

/* LS_INVALID if some elements of a dataset do not exist: were never written, are missing in the
 * source of a virtual dataset, or are more than the file has room for; or if the stored chunks are
 * not as long as their shape says. */
int ls_h5_check_storage(hid_t dataset);

/* The same for a chunked dataset. The length of compressed chunks is not checked. */
int ls_h5_check_chunks(hid_t dataset);

/* LS_INVALID if a chunk with selected elements (H5S_ALL: any) does not have the length of its shape
 * when its filters are undone: HDF5 would read what lies behind it in memory. To be called before
 * elements are read. */
int ls_h5_check_inflated(hid_t dataset, hid_t selection);

/* Lets datasets of an open file be virtual, until it is closed. */
void ls_h5_allow_virtual(hid_t file);
void ls_h5_forbid_virtual(hid_t file);

/* Creates a dataset as ls_h5_create_dataset does and returns it open; -1 on failure. */
hid_t ls_h5_create_open(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *extent,
                        const void *fill);

/* Copies `count` texts from `raw`, into which HDF5 has read them, and frees what HDF5 allocated for
 * them. Each text and the array are to be freed. Returns whether there was memory. */
bool ls_h5_copy_texts(char ***texts, size_t count, hid_t type, hid_t space, char *raw);

/* Returns the variable-length UTF-8 string type, to be closed; negative on failure. */
hid_t ls_h5_text_type(void);

/* A list of names that an HDF5 iteration fills. */
typedef struct ls_h5_names {
  char **names; /* [count], each one and the array owned */
  size_t count, capacity;
} ls_h5_names;

/* Makes room for `capacity` names. Returns false, with the error recorded, without memory. */
bool ls_h5_names_create(ls_h5_names *list, size_t capacity);

/* For an iteration: adds a copy of the name. Returns 0, or -1 where there is no room or memory. */
int ls_h5_names_add(ls_h5_names *list, const char *name);
void ls_h5_names_free(ls_h5_names *list);

#endif
