/* Looking into a trained model: what it gets wrong, what its layers make of a sample, and what a
 * decoder makes of codes. Each function writes one labelled HDF5 file, `output`, and figures (SVG
 * and PNG) beside it, under its name without .h5 and with what they show.
 *
 * Collective over the world; samples are computed by pieces, so the same bits on any number of
 * ranks. What is asked for and can't be had is LS_INVALID. All texts are borrowed. */
#ifndef LS_STUDY_INSPECT_H
#define LS_STUDY_INSPECT_H

#include "study/model/perturb.h"
#include "study/model/trained.h"
#include "study/provenance.h"

#include <stdio.h>

/* ---- Errors ------------------------------------------------------------------------------------
 */

typedef struct ls_errors_options {
  ls_split_name split;
  const char *head; /* of the model; NULL: the first one that tells classes */
  size_t shown;     /* mistakes in the figure, the most confident ones */
  const char *output;
  ls_provenance notes;
} ls_errors_options;

/* The confusion matrix (OUTPUT_confusion) and the mistakes (OUTPUT_mistakes). Prints a summary to
 * `out` on rank 0. */
int ls_inspect_errors(const ls_trained *model, const ls_errors_options *options,
                      const ls_group *world, FILE *out);

/* ---- Activations -------------------------------------------------------------------------------
 */

enum { LS_ACTIVATIONS_MOST = 32 }; /* samples */

typedef struct ls_activations_options {
  ls_split_name split;       /* in whose part of the dataset the samples are */
  const char *const *layers; /* names */
  size_t layer_count;        /* 0: all that compute something */
  const uint32_t *samples;   /* their numbers in the part */
  size_t sample_count;
  bool heat;    /* heat maps of a classifier's input, too */
  size_t patch; /* side of the square that hides a part of it; 0: a fifth of the smaller side */
  const char *output;
  ls_provenance notes;
} ls_activations_options;

/* What layers make of samples: their outputs, and the kernels of convolutions. Figures: a strip for
 * each sample of a layer of vectors (OUTPUT_LAYER), maps of one sample (OUTPUT_LAYER_noNUMBER), the
 * first kernels (OUTPUT_LAYER_kernel), heat maps (OUTPUT_heat).
 *
 * Heat maps tell what in the image speaks for the class that the model predicts. Gradient x input:
 * of the class's output before the softmax, where the loss has taken that over. Occlusion: a square
 * of the middle between the image's lowest and highest value is put everywhere; a pixel has the
 * mean, over the squares that hide it, of by how much the class's output drops (Zeiler and Fergus,
 * "Visualizing and understanding convolutional networks", ECCV 2014). */
int ls_inspect_activations(const ls_trained *model, const ls_activations_options *options,
                           const ls_group *world, FILE *out);

/* ---- Decoding ----------------------------------------------------------------------------------
 */

enum { LS_DECODE_MOST = 16 }; /* samples, levels of noise */

typedef struct ls_decode_options {
  ls_split_name split;     /* whose codes are fitted, and in whose part the samples are */
  const char *layer;       /* whose outputs are the codes */
  const uint32_t *samples; /* their numbers in the part */
  size_t sample_count;
  const ls_perturbation *noise; /* salt and pepper, at most LS_DECODE_MOST levels */
  size_t steps;                 /* from one sample's code to the next one's, with both; 2 or more */
  size_t draws;                 /* generated inputs of each class; 0: none */
  uint64_t seed;
  const char *output;
  ls_provenance notes;
} ls_decode_options;

/* What a model that gives back its inputs makes of noisy inputs (OUTPUT_noise), of codes on the
 * line between two samples' (OUTPUT_interpolation: each sample and the next), and of codes drawn
 * from a Gaussian that is fitted to the codes of each class (OUTPUT_generated; not where the
 * dataset has no classes). The Gaussians have the mean and the covariance of the class's codes; a
 * direction in which these don't vary isn't varied either. */
int ls_inspect_decode(const ls_trained *model, const ls_decode_options *options,
                      const ls_group *world, FILE *out);

#endif
