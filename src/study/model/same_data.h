/* Whether a dataset means by its columns and classes what the training data of a model meant.
 * Local. */
#ifndef LS_STUDY_MODEL_SAME_DATA_H
#define LS_STUDY_MODEL_SAME_DATA_H

#include "study/model/trained.h"

/* Compares two encodings of columns (JSON, prepare/encoding.h): of the dataset file `data`, and of
 * the training data of the model file `model`. LS_INVALID, with what is expected, if they differ in
 * columns or categories. */
int same_encoding(const char *data, const char *own, const char *model, const char *trained,
                  const char *expected);

/* Compares the dataset of the plan with what the model file records of its training data: how
 * columns became inputs, and names of classes. What one of them does not have is not compared.
 * LS_INVALID if they differ. */
int same_data(const ls_trained *trained);

#endif
