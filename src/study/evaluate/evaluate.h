/* Evaluating trained models: losses, metrics and what statistics say of them, on the samples of a
 * split as they are and changed by perturbations at several levels, with and without another model
 * before the model.
 *
 * Writes a labelled HDF5 file over [model, ...], and figures beside it. Collective; the same bits
 * on any number of ranks. */
#ifndef LS_STUDY_EVALUATE_EVALUATE_H
#define LS_STUDY_EVALUATE_EVALUATE_H

#include "study/model/perturb.h"
#include "study/model/trained.h"
#include "study/provenance.h"

#include <stdio.h>

/* All is borrowed. */
typedef struct ls_evaluate_options {
  const char *const *models; /* model files */
  size_t model_count;
  const char *const *through; /* those to be put before each model */
  size_t through_count;
  ls_trained_options trained;
  ls_split_name split;
  size_t top_k; /* 0: not wanted */
  const ls_perturbation *perturbations;
  size_t perturbation_count;
  uint64_t seed;      /* of random perturbations */
  const char *output; /* the file; figures are named after it */
  ls_provenance notes;
} ls_evaluate_options;

/* Prints tables to `out` on rank 0. LS_INVALID if a model can't be opened, or the models' samples
 * are not the same. */
int ls_evaluate(const ls_evaluate_options *options, const ls_group *world, FILE *out);

#endif
