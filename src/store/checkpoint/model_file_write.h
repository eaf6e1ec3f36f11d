/* Creating the structure of a model file (store/checkpoint/model_file.h), without the weights. */
#ifndef LS_STORE_CHECKPOINT_MODEL_FILE_WRITE_H
#define LS_STORE_CHECKPOINT_MODEL_FILE_WRITE_H

#include "base/preprocessing.h"
#include "h5/h5.h"
#include "nn/model/model.h"

/* Writes the model's configuration and creates the arrays of its layers in an open file; their
 * elements are undefined. The layers that do the preprocessing, if they fit (keras_input.h), come
 * first, with their weights. Local. */
int model_file_create(hid_t file, const ls_model *model, const ls_preprocessing *preprocessing);

#endif
