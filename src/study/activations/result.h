/* The result of the analysis of activations: what activations.c and occlude.c find, write.c writes
 * and draw.c draws. */
#ifndef LS_STUDY_ACTIVATIONS_RESULT_H
#define LS_STUDY_ACTIVATIONS_RESULT_H

#include "study/activations/activations.h"
#include "study/model/classes.h"
#include "study/model/labelled.h"

/* A layer that is shown. */
typedef struct layer_output {
  const char *name; /* borrowed of the model or the options */
  size_t number;    /* see ls_trained_layer */
  ls_shape shape;
  size_t size;              /* of its output for a sample */
  ls_real *values;          /* [sample, ...] */
  const ls_param *kernel;   /* of a convolution, else NULL */
  const char *dimension[4]; /* of the kernel */
} layer_output;

typedef struct activations_result {
  const ls_trained *model;
  const ls_activations_options *options;
  ls_part part;
  ls_memory memory;        /* of the arrays, which all ranks have */
  ls_classes classes;      /* count 0: the model predicts none */
  prediction *predictions; /* [sample] */
  layer_output *layers;
  size_t layer_count;
  size_t image_size, channels, pixels; /* of an image */
  ls_real *images;                     /* [sample, ...], as in the dataset, scaled */
  ls_real *gradients;  /* [sample, row, column], summed over channels; NULL without heat */
  ls_real *occlusions; /* [sample, row, column]; NULL without heat */
} activations_result;

/* Collective: sets `occlusions`, once there are predictions. */
int activations_occlude(activations_result *r, const ls_group *world);

/* See ls_output; the argument is an activations_result. */
void activations_write(labelled *l, const void *result);
void activations_draw(labelled *l, const void *result);
void activations_print(const void *result, FILE *out);

#endif
