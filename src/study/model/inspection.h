/* What errors, activations and decode share: files about one model, axes of samples, arrays of
 * samples as images. */
#ifndef LS_STUDY_MODEL_INSPECTION_H
#define LS_STUDY_MODEL_INSPECTION_H

#include "figure/figure.h"
#include "study/model/labelled.h"
#include "study/model/trained.h"

/* Starts a file that also says which model and which part of which dataset it is about. */
void inspection_create(labelled *l, const char *path, const char *title, const ls_provenance *notes,
                       const ls_trained *model, ls_part part);

/* The type of an ls_real. */
hid_t inspection_real(void);

/* An axis of 0, 1, 2, ... */
void inspection_counting_axis(labelled *l, const char *name, const char *long_name, size_t count);

/* Names of axes that a variable is over. Start from {0}. */
typedef struct axis_list {
  char texts[LS_MAX_DIMS + 4][64];
  const char *names[LS_MAX_DIMS + 4];
  size_t count;
} axis_list;

void axis_list_add(axis_list *list, const char *name);

/* Adds the dimensions of a sample, and makes the axes unless they are there: PREFIXrow,
 * PREFIXcolumn, PREFIXchannel of an image, PREFIXunit of a vector. */
void axis_list_add_shape(axis_list *list, labelled *l, const char *prefix, const ls_shape *shape);

/* A sample [row, column, channel] as an image, without caption: in colour with three channels, else
 * the first one. A vector is a row. */
ls_figure_image inspection_image(const ls_shape *shape, const ls_real *values);

/* Reads inputs [sample, ...], as in the dataset, scaled. On one rank. */
int inspection_read(ls_real *images, const ls_dataset *dataset, ls_part part, size_t count,
                    const uint32_t *numbers);

#endif
