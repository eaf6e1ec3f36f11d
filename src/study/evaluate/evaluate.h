/* Evaluating trained models on the samples of a split: losses, metrics, confidence intervals, tests
 * and calibration; on unchanged inputs and on inputs with perturbations at several levels; with and
 * without another model before the model. */
#ifndef LS_STUDY_EVALUATE_EVALUATE_H
#define LS_STUDY_EVALUATE_EVALUATE_H

#include "study/model/analysis_file.h"
#include "study/model/perturb.h"
#include "study/model/samples.h"

#include <stdio.h>

/* All is borrowed. */
typedef struct ls_evaluate_options {
  const char *const *models; /* model files */
  size_t model_count;
  const char *const *through; /* model files, to run before each model */
  size_t through_count;
  ls_trained_options trained;
  ls_split_name split;
  size_t top_k; /* 0: not wanted */
  const ls_perturbation *perturbations;
  size_t perturbation_count;
  uint64_t seed; /* of random perturbations */
  bool all;      /* print the scores by class of several models, and every curve */
  ls_analysis_file file;
} ls_evaluate_options;

/* Collective: writes the labelled HDF5 file over [model, ...] and figures (SVG and PNG)
 * beside it, among them samples at the levels of each perturbation; prints tables to `out` on rank
 * 0. The same bits on any number of ranks. LS_INVALID if a model can't be opened, or the models
 * have different samples. */
int ls_study_evaluate(const ls_evaluate_options *options, const ls_group *world, FILE *out);

#endif
