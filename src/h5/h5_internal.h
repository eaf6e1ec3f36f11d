/* What the files of src/h5 share: turning HDF5's error stack into one recorded line. */
#ifndef LS_H5_H5_INTERNAL_H
#define LS_H5_H5_INTERNAL_H

#include <hdf5.h>
#include <stdbool.h>

/* Silences HDF5's own printing; called by every function that opens or creates a file. */
void ls_h5_quiet(void);

/* Records "FILE: /object: doing: reason" and returns `code`. `at` is any open handle of the file.
 */
int ls_h5_fail(int code, hid_t at, const char *name, const char *doing);

/* Creates a contiguous dataset with all its space and leaves it open; -1 on failure. */
hid_t ls_h5_create_open(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *extent,
                        const void *fill);

/* Copies `count` texts out of what HDF5 read into `raw`, and gives back what it allocated for them.
 * Each text and the array are to be freed. */
bool ls_h5_copy_texts(char ***texts, size_t count, hid_t type, hid_t space, char *raw);

/* The variable-length UTF-8 string type, or a negative number. Closed by the caller. */
hid_t ls_h5_text_type(void);

#endif
