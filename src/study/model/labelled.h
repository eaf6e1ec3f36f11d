/* Labelled HDF5 files: dimension scales, and variables over them with long_name and units, as
 * xarray and other readers of the CF conventions expect; figures beside the file, named in it.
 *
 * The datasets of a file are rows of tables:
 *
 *   const labelled_variable table[] = {
 *       {"class", LABELLED_TEXT, NULL, NULL, "class", names, .count = classes},
 *       {"area", LABELLED_DOUBLE, "class/class", "1", "area shared by two classes", areas},
 *       {NULL}};
 *   labelled_write(l, table);
 *
 * After a failure, whose status is kept, all functions do nothing. On one rank. */
#ifndef LS_STUDY_MODEL_LABELLED_H
#define LS_STUDY_MODEL_LABELLED_H

#include "base/memory.h"
#include "figure/figure.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "lockstep/types.h"
#include "study/model/analysis_file.h"

/* The type of the values, in memory and in the file. */
typedef enum labelled_type {
  LABELLED_REAL, /* ls_real */
  LABELLED_FLOAT,
  LABELLED_DOUBLE,
  LABELLED_INT32,
  LABELLED_INT64,
  LABELLED_UINT32,
  LABELLED_TEXT, /* const char *; of axes only */
} labelled_type;

/* A variable, or an axis: a dimension scale, which is written before the variables over it. */
typedef struct labelled_variable {
  const char *name;
  labelled_type type;
  const char *axes;  /* of a variable: names of axes, "model/class", slowest first. A last axis "*"
                        stands for the dimensions of `shape`. NULL: this is an axis */
  const char *units; /* "1" for a plain number; NULL: none */
  const char *long_name;
  const void *values;    /* NULL: a variable is left out, an axis is 0, 1, 2, ... */
  size_t count;          /* of an axis: its length; 0: it is left out */
  size_t stride;         /* bytes from one block of values to the next; 0: no gaps */
  size_t block;          /* values of a block; 0 is 1 */
  const ls_shape *shape; /* of the samples of a variable over "*". Its axes are made where missing:
                            PREFIXrow, PREFIXcolumn, PREFIXchannel; PREFIXunit of a vector */
  const char *prefix;    /* NULL is "" */
  const char *const *dimensions; /* names of these axes after the prefix; NULL: the above */
} labelled_variable;

/* Texts in a growing array. */
typedef struct labelled_texts {
  const char **items;
  size_t count;
} labelled_texts;

typedef struct labelled {
  hid_t file;
  const char *path;
  const char *prefix; /* see labelled_write_prefixed */
  bool later;         /* see labelled_declare */
  char *temporary;
  ls_memory memory; /* released when the file is closed: for names, and what figures need */
  int status;       /* of the file */
  int drawn;        /* of the figures */
  labelled_texts summary, figures, captions;
} labelled;

/* Starts a file that appears at its path when it is closed; makes its folder. `title` is used
 * unless the file has one. */
void labelled_create(labelled *l, const ls_analysis_file *file, const char *title);

/* Sets an attribute of the file. */
void labelled_attribute(labelled *l, const char *name, const char *text);

/* Writes the rows of a table, up to one without a name. */
void labelled_write(labelled *l, const labelled_variable *table);

/* The same with a prefix in the place of + at the beginning of names, also of axes: "model/+class".
 */
void labelled_write_prefixed(labelled *l, const char *prefix, const labelled_variable *table);

/* Write a table in parts: its axes and, of its variables, all but the values; then their values
 * [n, ...] from index `first` of the first axis on. */
void labelled_declare(labelled *l, const labelled_variable *table);
void labelled_write_block(labelled *l, const labelled_variable *table, size_t first, size_t n);

/* Adds a line to the attribute `summary`: a result as a sentence of its own. */
void labelled_summarize(labelled *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Draws the plot, which it releases, as PATH_WHAT.svg and PATH_WHAT.png, PATH being the file's
 * without its extension, and adds the name and the caption to the attributes `figures` and
 * `captions`. */
void labelled_draw(labelled *l, const char *what, ls_plot plot, const char *caption, ...)
    __attribute__((format(printf, 4, 5)));

/* Closes the file. It replaces an older one at its path unless writing has failed; figures that
 * could not be drawn don't matter. Returns the first failure. */
int labelled_close(labelled *l);

/* A sample as an image without caption: in colour with three channels, else its first channel. A
 * vector is a row. */
ls_figure_image labelled_image(const ls_shape *shape, const ls_real *values);

#endif
