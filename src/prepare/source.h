/* Sources: files of samples in any format, read one block of samples after the other.
 *
 * A source has columns: the columns of a CSV file, the arrays of an archive, the pixels and class
 * of an image folder. A row is one sample: the elements of all columns, as doubles. A text is the
 * number of its category; a missing value is NaN. Opening a source checks what can be checked
 * without the values, and reads a CSV file once to find the types of its columns. Memory does not
 * grow with the number of samples. Files are not trusted. All functions are local.
 *
 * A format is one file that defines an ls_source_format, and one line in source.c. */
#ifndef LS_PREPARE_SOURCE_H
#define LS_PREPARE_SOURCE_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>

/* The largest number of distinct texts in a column. */
enum { LS_MOST_CATEGORIES = 10000 };

typedef struct ls_column {
  char *name;
  ls_shape shape;    /* of one sample; rank 0: a scalar */
  size_t offset;     /* of its first element in a row */
  size_t width;      /* its elements in a row */
  bool bytes;        /* values are integers from 0 to 255 */
  bool is_integer;   /* every value is an integer */
  bool is_typed;     /* the file stores integers, and not text that looks like them */
  bool text;         /* values are numbers of categories */
  bool crop;         /* images, which were cut to the ratio of sides before scaling */
  char **categories; /* [category_count], of a text column, sorted */
  size_t category_count;
} ls_column;

/* How to read a source; {0} are the defaults. Pointers are borrowed. */
typedef struct ls_source_options {
  /* CSV */
  char separator; /* 0: found in the first line */
  bool no_header;
  const char *missing;             /* a text for a missing value, besides the usual ones */
  const char *const *text_columns; /* columns of categories that look like numbers */
  size_t text_column_count;
  /* .npy: further files */
  const char *const *paths;
  size_t path_count;
  /* archives and HDF5 */
  const char *const *names; /* the arrays to read; NULL: all */
  size_t name_count;
  /* images */
  size_t height, width; /* size to which images are scaled; 0: as they are */
  bool crop;            /* cut to the ratio of sides before scaling */
  size_t channels;      /* 1 or 3; 0: 1 if all images are grey */
} ls_source_options;

typedef struct ls_source ls_source;

typedef struct ls_source_format {
  const char *name;    /* for messages: "a CSV file" */
  const char *library; /* the library that this program was built without, as Debian names its
                          package; NULL: the format is available */
  bool several_files;  /* options->paths may be given */
  /* Lists the arrays of a file, which may differ in their numbers of samples; to be freed also on
   * failure. NULL: the file is one table. */
  int (*list)(const char *path, char ***names, size_t *count);
  int (*open)(ls_source *source, const ls_source_options *options);
  int (*rewind)(ls_source *source);
  int (*read)(ls_source *source, size_t limit, double *rows, size_t *places, size_t *got);
  /* Writes where a sample is; NULL: its place is its number. */
  void (*place)(const ls_source *source, size_t place, char *out, size_t size);
  void (*close)(ls_source *source);
} ls_source_format;

struct ls_source {
  char *path;
  const ls_source_format *format;
  ls_column *columns;
  size_t column_count;
  size_t width; /* elements of a row */
  size_t count; /* samples */
  void *state;  /* the format's own */
};

/* Lists the arrays of a file that need not be opened together, such as an archive; *count is 0 if
 * the file is one table. Each name and the array are to be freed. */
int ls_source_list(const char *path, char ***names, size_t *count);

/* Opens a file or folder. LS_INVALID if it can't be read, has no known format, or this program was
 * built without the format's library. */
int ls_source_open(ls_source **out, const char *path, const ls_source_options *options);

/* Starts again at the first sample. */
int ls_source_rewind(ls_source *source);

/* Reads the next samples, at most `limit`: rows [sample, width], and the place of each for
 * ls_source_place. *got is 0 at the end. LS_INVALID with the place of what is wrong. */
int ls_source_read(ls_source *source, size_t limit, double *rows, size_t *places, size_t *got);

/* Returns how many samples are best read at a time: those of about 4 MiB. */
size_t ls_source_block(const ls_source *source);

/* Writes where a sample is, such as "iris.csv:17" or "photos/cat/3.png". */
void ls_source_place(const ls_source *source, size_t place, char *out, size_t size);

/* Whether both are names of the same column: a slash before the path in an HDF5 file may be
 * missing.
 */
bool ls_source_is_name(const char *column, const char *name);

/* Returns the column with this name; NULL, with the error recorded, if there is none. */
const ls_column *ls_source_find(const ls_source *source, const char *name);

/* Finds the distinct values of a column of numbers, sorted: `values` [count] is to be freed.
 * Reads the source from the start. LS_INVALID if there are more than `limit`. */
int ls_source_distinct(ls_source *source, const ls_column *column, size_t limit, double **values,
                       size_t *count);

void ls_source_close(ls_source **source);

/* ---- For formats ----------------------------------------------------------------------------- */

/* Adds a column. The name is copied. */
int ls_source_add_column(ls_source *source, const char *name, const ls_shape *shape);

/* Copies the sorted texts of a set to a column, as its categories. LS_INVALID unless they are
 * UTF-8.
 */
struct categories;
int ls_source_set_categories(const ls_source *source, ls_column *column,
                             const struct categories *set);

/* Sets *number to that of a text in the set. LS_INVALID if it is not there: the file was changed.
 */
int ls_source_take_category(const ls_source *source, const struct categories *set, const char *text,
                            double *number);

/* Whether the name is among options->names, or there are none. */
bool ls_source_is_wanted(const ls_source_options *options, const char *name);

#endif
