/* Inside the analysis of activations: what has been computed of the samples. */
#ifndef LS_STUDY_ACTIVATIONS_ACTIVATIONS_H
#define LS_STUDY_ACTIVATIONS_ACTIVATIONS_H

#include "study/inspect.h"
#include "study/model/classes.h"

/* A layer that is looked at. */
typedef struct looked_at {
  const char *name; /* borrowed of the model or the options */
  size_t number;    /* see ls_trained_layer */
  ls_shape shape;
  size_t size, offset; /* of its outputs in a row of the table */
} looked_at;

/* What a row of the table begins with, where the model tells classes. */
enum { ROW_TRUTH, ROW_PREDICTED, ROW_PROBABILITY, ROW_FIXED };

typedef struct activations {
  const ls_trained *model;
  const ls_activations_options *options;
  ls_part part;
  bool classified; /* the model tells classes */
  classes classes;
  looked_at *layers;
  size_t layer_count;
  size_t image_size, width; /* of an image; of a row */
  size_t gradient;          /* offset of gradient x input in a row */
  double *table;            /* [sample, width]; doubles, for ranks to add up */
  ls_real *images;          /* [sample, ...], as in the dataset, scaled */
  ls_real *gradients;       /* [sample, row, column], summed over channels; NULL without heat */
  ls_real *occlusions;      /* [sample, row, column] */
} activations;

/* Collective: sets `occlusions`. */
int activations_occlude(activations *a, const ls_group *world);

/* On one rank: the file and the figures. */
int activations_write(const activations *a);

#endif
