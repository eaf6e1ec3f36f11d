/* Texts of HDF5 files, read into memory that is released at once. Local. */
#ifndef LS_REPORT_ATTRIBUTES_H
#define LS_REPORT_ATTRIBUTES_H

#include "base/memory.h"
#include "h5/h5.h"

/* The text attribute of a member, or a copy of `fallback` where it has none. */
int report_read_text(ls_memory *memory, char **out, hid_t file, const char *name,
                     const char *attribute, const char *fallback);

/* Text attributes of a member, as above; the list ends with one without a name. */
typedef struct report_text {
  const char *attribute;
  char **out;
  const char *fallback;
} report_text;

int report_read_list(ls_memory *memory, hid_t file, const char *name, const report_text *texts);

/* The texts of an attribute, none where the member lacks it. */
int report_read_texts(ls_memory *memory, char ***out, size_t *count, hid_t file, const char *name,
                      const char *attribute);

/* Takes over texts that were read with `status`, which is returned if it is an error. */
int report_keep_texts(ls_memory *memory, char **texts, size_t count, int status);

#endif
