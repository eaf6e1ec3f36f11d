/* Reading HDF5 files into memory that is released at once. Local.
 *
 * A reader remembers the first failure. From then on nothing is read: arrays are NULL, lists are
 * empty and texts are their fallbacks. So the status needs checking only before the elements of an
 * array are used, and at the end. */
#ifndef LS_REPORT_READER_H
#define LS_REPORT_READER_H

#include "h5/h5.h"
#include "report/results.h"

typedef struct report_reader {
  hid_t file;
  const char *path;  /* the file's, for messages; borrowed */
  ls_memory *memory; /* borrowed: of all that is read */
  int status;
  /* Of a results file: what is read, and the extents of the axes of trials, of which the first ones
   * are those of points. */
  report_results *results;
  hsize_t extent[LS_H5_MAX_RANK];
  int rank, point_rank;
} report_reader;

/* What a dataset has to be laid out over: the first axes of a results file and then, if it is not
 * 0, one of another extent. */
typedef struct report_layout {
  int axes;
  size_t extent;
  const char *name; /* of all of them, for messages */
} report_layout;

void report_open(report_reader *out, ls_memory *memory, const char *path);

/* Closes the file, and returns the status. */
int report_close(report_reader *reader);

/* Allocates zeroed memory. NULL after a failure. */
void *report_new(report_reader *reader, size_t count, size_t size);

/* A text attribute of a member, or `fallback` where it has none. */
const char *report_read_text(report_reader *reader, const char *name, const char *attribute,
                             const char *fallback);

/* The texts of an attribute, none where the member lacks it; those of a dataset; the sorted names
 * of a group's members, none where there is no such group. */
char **report_read_texts(report_reader *reader, const char *name, const char *attribute,
                         size_t *count);
char **report_read_strings(report_reader *reader, const char *name, size_t *count);
char **report_read_members(report_reader *reader, const char *group, size_t *count);

/* Takes over texts that were read with `status`. */
char **report_keep_texts(report_reader *reader, char **texts, size_t *count, int status);

/* The shape of a dataset; rank 0 after a failure. */
ls_h5_shape report_read_shape(report_reader *reader, const char *name);

/* Whether a dataset of this shape is laid out like that. */
bool report_is_over(const report_reader *reader, const ls_h5_shape *shape, report_layout layout);

/* Reads a dataset as elements of `size` bytes of a type; as reals; as integers from 0 to `most`.
 * LS_INVALID if it is not laid out like that. */
void *report_read_array(report_reader *reader, const char *name, report_layout layout, hid_t type,
                        size_t size);
double *report_read_reals(report_reader *reader, const char *name, report_layout layout);
int64_t *report_read_integers(report_reader *reader, const char *name, report_layout layout,
                              int64_t most);

/* ---- Parts of a results file ---- */

/* Appends the variable `name`, an axis of the file. */
void report_read_variable(report_reader *reader, const char *name);

/* Reads the variables of a sweep that is no grid, which the file's attribute `coordinates` lists,
 * for results whose points are counted: sets `variables`, with their different values in ascending
 * order, and `values`. A variable without a value at some points has texts for values. */
void report_read_coordinates(report_reader *reader);

/* Reads references and orderings into results whose variables and monitor are known. */
void report_read_reported(report_reader *reader);

/* Reads the group of a search into results whose axes are read; NULL where there is none. */
void report_read_search(report_reader *reader);

#endif
