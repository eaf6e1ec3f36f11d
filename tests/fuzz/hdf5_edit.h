/* Inputs for readers of HDF5 files. Bytes that begin like HDF5, possibly after a user block, are
 * used unchanged. All others are a list of edits of a valid file, made through HDF5: objects and
 * attributes that are removed, or replaced by ones of another type, shape or value. HDF5 accepts
 * such files, so its own defects don't hide ours, and they reach more code than damaged ones. */
#ifndef FUZZ_HDF5_EDIT_H
#define FUZZ_HDF5_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an edit may be of: an object, or (not NULL) an attribute of it. */
typedef struct edit_place {
  const char *object, *attribute;
} edit_place;

/* Whether the input is a file as it is, with HDF5's part from byte `offset` on. */
bool edit_is_file(const uint8_t *data, size_t size, size_t offset);

/* Applies the edits that the input lists to the file. `places` are those that edits choose from. */
void edit_file(const char *path, const edit_place *places, size_t count, const uint8_t *data,
               size_t size);

/* Requires that nothing of HDF5's has been left open since the call with `start` set. */
void edit_require_closed(bool start);

#endif
