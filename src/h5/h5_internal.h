/* What the files of src/h5 share: turning HDF5's error stack into one recorded line. */
#ifndef LS_H5_INTERNAL_H
#define LS_H5_INTERNAL_H

#include <hdf5.h>

/* Silences HDF5's own printing; called by every function that opens or creates a file. */
void ls_h5_quiet(void);

/* Records "FILE: /object: doing: reason" and returns `code`. `at` is any open handle of the file.
 */
int ls_h5_fail(int code, hid_t at, const char *name, const char *doing);

/* The variable-length UTF-8 string type, or a negative number. Closed by the caller. */
hid_t ls_h5_text_type(void);

#endif
