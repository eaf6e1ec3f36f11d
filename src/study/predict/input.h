/* The samples to predict, read one block after the other as the models' inputs: of a dataset file
 * (input_dataset.c), or of any source, such as a CSV file (input_source.c). Local; on rank 0. */
#ifndef LS_STUDY_PREDICT_INPUT_H
#define LS_STUDY_PREDICT_INPUT_H

#include "study/predict/ensemble.h"
#include "study/predict/predict.h"

typedef struct predict_input predict_input;

typedef struct input_type {
  /* Reads samples first .. first + n - 1, the next ones, into x [sample, input]. */
  int (*read)(predict_input *input, size_t first, size_t n, ls_real *x);
  void (*close)(predict_input *input);
  /* Writes the file of a sample; NULL: samples are not files. */
  void (*file)(const predict_input *input, size_t sample, char *out, size_t size);
} input_type;

struct predict_input {
  const input_type *type;
  size_t count; /* samples */
  size_t size;  /* elements of an input */
  void *state;  /* of the type */
};

/* Opens the data; options and ensemble are borrowed. LS_INVALID if the inputs don't fit the models,
 * or an option does not fit the data. */
int input_open(predict_input **out, const ls_predict_options *options, const ensemble *e);
void input_close(predict_input **input);

/* Whether the file is a dataset file. */
bool input_is_dataset(const char *path);

/* For input_open: set type, count and state. */
int input_open_dataset(predict_input *input, const ls_predict_options *options, const ensemble *e);
int input_open_source(predict_input *input, const ls_predict_options *options, const ensemble *e);

#endif
