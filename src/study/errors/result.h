/* The result of the analysis of errors: what errors.c finds, write.c writes and draw.c draws. */
#ifndef LS_STUDY_ERRORS_RESULT_H
#define LS_STUDY_ERRORS_RESULT_H

#include "study/errors/errors.h"
#include "study/model/classes.h"
#include "study/model/labelled.h"

typedef struct mistake {
  uint32_t index; /* number of the sample in its part */
  prediction p;
} mistake;

typedef struct errors_result {
  const ls_trained *model;
  const ls_errors_options *options;
  ls_classes classes;
  ls_part part;
  ls_samples samples;
  ls_memory memory;        /* of the arrays, which all ranks have */
  prediction *predictions; /* [sample] */
  const char *summary;     /* one line */
  mistake *mistakes;       /* the most confident first */
  size_t count, shown;
  size_t side;       /* classes + 1 */
  int64_t *counts;   /* [side, side]: the confusion matrix [true class, predicted class], and a row
                        and a column of totals */
  double *fractions; /* [true class, predicted class], of the samples of the true class */
  ls_real *images;   /* [shown, ...], inputs of the model, scaled */
} errors_result;

/* See ls_output; the argument is an errors_result. */
void errors_write(labelled *l, const void *result);
void errors_draw(labelled *l, const void *result);
void errors_print(const void *result, FILE *out);

#endif
