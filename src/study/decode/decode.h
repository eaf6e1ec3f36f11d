/* Decoding: reconstructions of noisy inputs by an autoencoder, and its outputs for codes between
 * those of samples and for generated codes. */
#ifndef LS_STUDY_DECODE_DECODE_H
#define LS_STUDY_DECODE_DECODE_H

#include "study/model/analysis_file.h"
#include "study/model/perturb.h"
#include "study/model/samples.h"

#include <stdio.h>

enum { LS_DECODE_MOST = 16 }; /* samples, levels of noise */

/* All texts and lists are borrowed. */
typedef struct ls_decode_options {
  ls_split_name split;     /* whose codes are fitted, and in whose part the samples are */
  const char *layer;       /* whose outputs are the codes */
  const uint32_t *samples; /* their numbers in the part */
  size_t sample_count;
  const ls_perturbation *noise; /* salt and pepper, at most LS_DECODE_MOST levels */
  size_t steps;                 /* from one sample's code to the next one's, with both; 2 or more */
  size_t draws;                 /* generated inputs of each class; 0: none */
  uint64_t seed;
  ls_analysis_file file;
} ls_decode_options;

/* Collective: writes the labelled HDF5 file and figures (SVG and PNG) beside it: noisy
 * inputs and their reconstructions (OUTPUT_noise), decoded codes on the line between those of a
 * sample and the next (OUTPUT_interpolation), and decoded codes that are drawn from a Gaussian
 * fitted to the codes of each class (OUTPUT_generated; not where the dataset has no classes). The
 * Gaussians have the mean and the covariance of the class's codes; a direction without variance is
 * left constant. Prints a summary to `out` on rank 0. The same bits on any number of ranks.
 * LS_INVALID if the model is no autoencoder, or the layer or a sample does not exist. */
int ls_study_decode(const ls_trained *model, const ls_decode_options *options,
                    const ls_group *world, FILE *out);

#endif
