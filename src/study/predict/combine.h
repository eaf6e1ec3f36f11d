/* The predictions of an ensemble from the outputs of its models. Pure, apart from memory. */
#ifndef LS_STUDY_PREDICT_COMBINE_H
#define LS_STUDY_PREDICT_COMBINE_H

#include "study/predict/ensemble.h"

#include <stdint.h>

/* The predictions of a head for a block of samples. */
typedef struct head_predictions {
  float *mean;    /* [sample, count], over the models */
  float *spread;  /* [sample, count], standard deviation over the models (divided by their number);
                     NULL for one model */
  int32_t *class; /* [sample], of the largest mean, the first of equal ones; of two classes the
                     second if its mean is above the threshold; NULL: values */
  int32_t *label; /* [sample, count], 1 where the mean is above the label's threshold, else 0; NULL:
                     there are none */
  int32_t *vote;  /* [sample], the class that most models predict, of equal ones that with the
                     larger mean; NULL: values, or one model */
  int32_t *votes; /* [sample], models that predict it */
  uint32_t *tally; /* [class], work space */
} head_predictions;

/* Allocates the arrays, in `memory`, for `capacity` samples: *out is [head]. */
int predictions_create(ls_memory *memory, head_predictions **out, const ensemble *e,
                       size_t capacity);

/* Sets the predictions of n samples, the first of which has the number `first`, from the outputs
 * y[model * head_count + head] [sample, width]. A single output is the probability of the second of
 * two classes. LS_FAILED if one is not finite. */
int predictions_combine(head_predictions *out, const ensemble *e, ls_real *const *y, size_t first,
                        size_t n);

#endif
