/* Predicting samples, with or without targets, by one trained model or an ensemble: the class and
 * probabilities, or the values, of each head.
 *
 * Samples are read, predicted and written in blocks: memory does not grow with their number. */
#ifndef LS_STUDY_PREDICT_PREDICT_H
#define LS_STUDY_PREDICT_PREDICT_H

#include "comm/group.h"
#include "prepare/source.h"
#include "study/model/analysis_file.h"

#include <stdio.h>

/* All is borrowed. */
typedef struct ls_predict_options {
  const char *const *models; /* model files */
  size_t model_count;
  const char *data;  /* a dataset file, or any file that is a source (prepare/source.h) */
  const char *split; /* of a dataset file: "train" or "test"; NULL: test, where it has one */
  ls_source_options reading; /* `names`: the columns that are inputs, in this order */
  ls_analysis_file file;     /* HDF5 if its path ends in .h5, else CSV; no path: CSV to `out` */
} ls_predict_options;

/* Collective: predicts all samples and writes the file, or CSV to `out`, on rank 0. The same bits
 * on any number of ranks. LS_INVALID if a model or the data can't be opened, the models have
 * different inputs or heads, the inputs don't fit them, or a sample has a value that they can't
 * take, such as an unknown category: the message names its place. LS_FAILED if an output is not
 * finite. A file is complete or not there. */
int ls_study_predict(const ls_predict_options *options, const ls_group *world, FILE *out);

#endif
