/* Errors of a classifier: its confusion matrix and its mistakes, the most confident first. */
#ifndef LS_STUDY_ERRORS_ERRORS_H
#define LS_STUDY_ERRORS_ERRORS_H

#include "study/model/analysis_file.h"
#include "study/model/perturb.h"
#include "study/model/samples.h"

#include <stdio.h>

/* All texts are borrowed. */
typedef struct ls_errors_options {
  ls_split_name split;
  const char *head;                    /* of the model; NULL: the first one that predicts classes */
  const ls_perturbation *perturbation; /* of the inputs, its first level; NULL: none */
  uint64_t seed;                       /* of a random one */
  const ls_trained *through;           /* runs before the model; NULL: none */
  size_t shown; /* mistakes in the figure and the table, the most confident ones */
  bool all;     /* print all mistakes, and the confusion matrix of any number of classes */
  ls_analysis_file file;
} ls_errors_options;

/* Collective: writes the labelled HDF5 file and, beside it, the figures OUTPUT_confusion
 * and OUTPUT_mistakes (SVG and PNG); prints a summary to `out` on rank 0. The same bits on any
 * number of ranks. LS_INVALID if the model has no such head. */
int ls_study_errors(const ls_trained *model, const ls_errors_options *options,
                    const ls_group *world, FILE *out);

#endif
