/* What formats with one array for each column share: .npy files and .npz archives as a whole,
 * netCDF files what makes a column. Local. */
#ifndef LS_PREPARE_ARRAYS_H
#define LS_PREPARE_ARRAYS_H

#include "prepare/categories.h"
#include "prepare/npy.h"
#include "prepare/source.h"

/* An array that is being read. */
typedef struct array {
  npy_header header;
  char *label;      /* for messages: "a.npz: x" */
  size_t entry;     /* its number among those of the file */
  void *file;       /* of the format, while the array is open; else NULL */
  categories texts; /* of an array of texts */
} array;

typedef struct arrays {
  array *items; /* [column_count of the source] */
  size_t next;  /* the sample that is read next */
  unsigned char *buffer;
  size_t buffer_size;
  /* Of the format: opens an array at its start; reads from it, fewer bytes only at its end; closes
   * it. */
  int (*open)(ls_source *source, array *item);
  int (*read)(void *item, void *bytes, size_t size, size_t *got);
  void (*close)(array *item);
} arrays;

/* Adds a column for an array of such elements. LS_INVALID if it has not as many samples as the
 * columns before it; `plural` is what the format calls them. */
int arrays_add_column(ls_source *source, const char *name, const npy_header *header,
                      const char *plural);

/* Adds a text to the set of those of a column. LS_INVALID if they are too many for categories. */
int arrays_add_text(const ls_source *source, const char *name, categories *set, const char *text);

/* Adds a column for each array that is wanted, of those that the file has. LS_INVALID if the arrays
 * differ in their numbers of samples. */
int arrays_open(ls_source *source, arrays *a, const ls_source_options *options, char *const *names,
                size_t count);

/* The functions of a format. */
int arrays_rewind(ls_source *source, arrays *a);
int arrays_read(ls_source *source, arrays *a, size_t limit, double *rows, size_t *places,
                size_t *got);
void arrays_close(const ls_source *source, arrays *a);

#endif
