/* What a model file records of the dataset that the model was trained on, so that the model can
 * predict other data: how inputs were made, and what outputs stand for. Plain data. */
#ifndef LS_BASE_DATA_DESCRIPTION_H
#define LS_BASE_DATA_DESCRIPTION_H

#include <stddef.h>

/* What an output of the model predicts. */
typedef struct ls_output_description {
  size_t classes;     /* how many there are; 0: values */
  const char **names; /* [name_count], of the first classes, or of the values */
  size_t name_count;  /* 0: they have no names */
  /* Of two classes one, the probability above which the second is predicted; of labels one for
   * each, the probability above which a sample has it. */
  const double *thresholds; /* [threshold_count] */
  size_t threshold_count;   /* 0: none, of values and of more classes */
} ls_output_description;

/* Pointers are borrowed, unless the function that fills it in says otherwise. */
typedef struct ls_data_description {
  const char *encoding; /* how columns became inputs, as JSON (prepare/encoding.h); NULL: inputs
                           were not made of columns */
  double scale;         /* factor from stored inputs to the model's */
  size_t output_count;
  ls_output_description *outputs; /* [output_count] */
} ls_data_description;

#endif
