/* Model files: a trained model as HDF5, in the format of Keras's `save_model("x.h5")`, so that
 * Keras loads it, and so that a layer can start with weights that another job, or Keras, has
 * trained.
 *
 * Layout: attributes `keras_version`, `backend` and `model_config` (JSON); `/model_weights` with
 * `layer_names`, and for each layer a group with `weight_names` and these arrays, such as
 * `/model_weights/dense/dense/kernel:0`. Arrays have Keras's names and shapes ([in, out]; kernels
 * of convolutions [height, width, in, out]), learnt ones first. The group `/lockstep` records the
 * origin of the weights. Frozen layers that scale and transform inputs come before the model's own
 * (keras_input.h); only Keras reads them.
 *
 * All functions are local; of a group of ranks one calls them. */
#ifndef LS_STORE_CHECKPOINT_MODEL_FILE_H
#define LS_STORE_CHECKPOINT_MODEL_FILE_H

#include "base/data_description.h"
#include "base/memory.h"
#include "nn/model/model.h"
#include "store/digests.h"

/* Reads the weights of all layers of `model` that have any, each from the file's layer of the same
 * name; `weights` NULL: only checks that it could. LS_INVALID if the file is not a model file or
 * lacks a layer, or one of its arrays has a different shape; `weights` is then undefined. */
int ls_model_file_read(const char *path, const ls_model *model, ls_real *weights);

/* Reads the weights of those layers whose argument `weights` names a file, and leaves others as
 * they are; `weights` NULL: only checks that it could. Relative paths start from `folder`, as
 * ls_find_file has it. LS_INVALID as above, naming the layer's place in the job. */
int ls_model_file_read_layers(const ls_model *model, const char *folder, ls_real *weights);

/* The file that the layer's argument `weights` names, or NULL. */
const char *ls_model_file_of(const ls_layer *layer);

/* Whether any layer's argument `weights` names a file. */
bool ls_model_file_wanted(const ls_model *model);

/* The job that trained the file's weights, as text to be freed, and the trial's number in it (from
 * 0), from which ls_job_read and ls_plan_create build the model. LS_INVALID if the file was not
 * written by Lockstep. */
int ls_model_file_job(const char *path, char **job, size_t *trial);

/* Whether the file has what the transforms before its model have learnt; earlier versions wrote
 * files without. */
int ls_model_file_has_learnt(bool *has, const char *path);

/* Reads what transform number `index` (from 0), called `name`, has learnt: `count` values.
 * LS_INVALID if the file has another number of them. */
int ls_model_file_learnt(const char *path, size_t index, const char *name, size_t count,
                         ls_real *values);

/* The same for what the scaling `name` of the target of head number `head` (from 0) has learnt. */
int ls_model_file_learnt_of_target(const char *path, size_t head, const char *name, size_t count,
                                   ls_real *values);

/* The data that the job of the file read; none if an earlier version has written the file. To be
 * freed. */
int ls_model_file_digests(ls_digests *digests, const char *path);

/* The shape of the inputs, of a file that Lockstep has written: as the dataset has them, or where
 * *raw is false as transforms leave them. The latter holds for files of earlier versions and
 * permutations of very many pixels. */
int ls_model_file_input(const char *path, ls_shape *shape, bool *raw);

/* Reads what the file of a model with `outputs` outputs records of its dataset; pointers are to
 * `memory`. *found is false, and the outputs are NULL, if an earlier version wrote it without. */
int ls_model_file_description(ls_memory *memory, ls_data_description *out, bool *found,
                              const char *path, size_t outputs);

#endif
