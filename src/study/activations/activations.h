/* Activations: the outputs of a model's layers for some samples, the kernels of convolutions, and
 * heat maps of the input. */
#ifndef LS_STUDY_ACTIVATIONS_ACTIVATIONS_H
#define LS_STUDY_ACTIVATIONS_ACTIVATIONS_H

#include "study/model/analysis_file.h"
#include "study/model/samples.h"

#include <stdio.h>

enum { LS_ACTIVATIONS_MOST = 32 }; /* samples */

/* All texts and lists are borrowed. */
typedef struct ls_activations_options {
  ls_split_name split;       /* in whose part of the dataset the samples are */
  const char *const *layers; /* names */
  size_t layer_count;        /* 0: all that compute something */
  const uint32_t *samples;   /* their numbers in the part */
  size_t sample_count;
  bool heat;    /* heat maps of a classifier's input, too */
  size_t patch; /* side of the square that hides a part of it; 0: a fifth of the smaller side */
  ls_analysis_file file;
} ls_activations_options;

/* Collective: writes the labelled HDF5 file and figures (SVG and PNG) beside it: the
 * inputs (OUTPUT_input), a strip for each sample of a layer of vectors (OUTPUT_LAYER), maps of one
 * sample (OUTPUT_LAYER_noNUMBER), the first kernels (OUTPUT_LAYER_kernel), heat maps (OUTPUT_heat).
 * Prints a summary to `out` on rank 0. The same bits on any number of ranks. LS_INVALID for a layer
 * or sample that does not exist, and for heat maps of a model without images or classes.
 *
 * Heat maps show which pixels support the predicted class. Gradient x input: of the class's output
 * before the softmax, where the loss fuses that. Occlusion: a square of the middle between the
 * image's lowest and highest value is placed everywhere; a pixel's value is the mean drop of the
 * class's output over the squares that hide it (Zeiler and Fergus, "Visualizing and understanding
 * convolutional networks", ECCV 2014). */
int ls_study_activations(const ls_trained *model, const ls_activations_options *options,
                         const ls_group *world, FILE *out);

#endif
