/* Writing a labelled HDF5 file: dimension scales, and variables over them with long_name and units,
 * as xarray and other programs for the CF conventions read them. On one rank. */
#ifndef LS_STUDY_MODEL_LABELLED_H
#define LS_STUDY_MODEL_LABELLED_H

#include "h5/h5.h"
#include "study/provenance.h"

/* Texts in a growing array. */
typedef struct labelled_texts_list {
  char **items;
  size_t count;
} labelled_texts_list;

/* A file being written. After a failure, which `status` keeps, the functions do nothing. */
typedef struct labelled {
  hid_t file;
  const char *path;
  char *temporary;
  int status;
  labelled_texts_list summary, figures, captions;
} labelled;

/* Starts the file that is to be at `path` (borrowed). `title`, unless the notes have another, and
 * the notes become attributes. */
void labelled_create(labelled *l, const char *path, const char *title, const ls_provenance *notes);

/* Axes: dimension scales. `units` may be NULL. */
void labelled_texts(labelled *l, const char *name, const char *long_name, size_t count,
                    const char *const *texts);
void labelled_numbers(labelled *l, const char *name, const char *long_name, const char *units,
                      hid_t type, size_t count, const void *numbers);

/* A variable over `rank` axes, whose names `axes` has; `type` is that of `values` and of the file.
 */
void labelled_variable(labelled *l, const char *name, const char *long_name, const char *units,
                       hid_t type, size_t rank, const char *const *axes, const void *values);

/* Adds a line to the attribute `summary`: what the analysis found, in words that stand alone. */
void labelled_summarize(labelled *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The path of a figure, to be freed: that of the file without .h5, then _WHAT. */
int labelled_figure_path(char **out, const labelled *l, const char *what);

/* Adds a figure that has been drawn at such a path to the attributes `figures`, names of SVG files
 * in the file's folder, and `captions`. */
int labelled_add_figure(labelled *l, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the file: it appears at its path, in the place of an older one, if all went well. `drawn` is
 * what came of its figures; the file appears without them, too. Returns the first failure. */
int labelled_close(labelled *l, int drawn);

#endif
