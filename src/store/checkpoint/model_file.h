/* Model files: a trained model as HDF5, in the format of Keras's `save_model("x.h5")`, so that
 * Keras loads it, and so that a layer of one job begins with what another job, or Keras, has
 * trained.
 *
 * Layout: attributes `keras_version`, `backend` and `model_config` (JSON); `/model_weights` with
 * `layer_names`, and for each layer a group with `weight_names` and these arrays, such as
 * `/model_weights/dense/dense/kernel:0`. Arrays have Keras's names and shapes ([in, out]; kernels
 * of convolutions [height, width, in, out]), learnt ones first. Beside these a group `/lockstep`
 * says where the weights come from. A model takes its inputs scaled as the job's dataset scales
 * them: bytes divided by 255, mostly.
 *
 * All functions are local; in a group of ranks one of them calls them. */
#ifndef LS_STORE_CHECKPOINT_MODEL_FILE_H
#define LS_STORE_CHECKPOINT_MODEL_FILE_H

#include "nn/model/model.h"

/* Reads the weights of all layers of `model` that have any, each from the file's layer of the same
 * name; `weights` NULL: only sees whether it could. LS_INVALID if the file is no model file or
 * lacks a layer, or one of its arrays has another shape; `weights` is then undefined. */
int ls_model_file_read(const char *path, const ls_model *model, ls_real *weights);

/* Reads the weights of those layers whose argument `weights` names a file, and leaves others as
 * they are; `weights` NULL: only sees whether it could. LS_INVALID as above, naming the layer's
 * place in the job. */
int ls_model_file_read_layers(const ls_model *model, ls_real *weights);

/* Whether any layer's argument `weights` names a file. */
bool ls_model_file_wanted(const ls_model *model);

/* The job that the file's weights were trained by, as text to be freed, and the trial's number in
 * it: with these ls_job_read and ls_plan_create make the model again. LS_INVALID if Lockstep has
 * not written the file. */
int ls_model_file_job(const char *path, char **job, size_t *trial);

/* The shape of the inputs of the file's model: in a file that Lockstep has written. */
int ls_model_file_input(const char *path, ls_shape *shape);

#endif
