/* Names in a model file, shared by its writer and its reader. */
#ifndef LS_STORE_CHECKPOINT_NAMES_H
#define LS_STORE_CHECKPOINT_NAMES_H

#include "h5/h5.h"
#include "lockstep/types.h"

#define WEIGHTS_GROUP "model_weights"
#define LAYER_NAMES "layer_names"
#define WEIGHT_NAMES "weight_names"
#define OWN_GROUP "lockstep"
#define LEARNT_GROUP "transforms"
#define TARGET_SCALING_GROUP "target_scaling"
#define RAW_INPUTS                                                                                 \
  "raw_inputs" /* set where the Keras model takes inputs as the dataset has them                   \
                */
#define BEST_GROUP OWN_GROUP "/best"

/* The HDF5 type of weights in memory and in files. */
static inline hid_t real_type(void) {
  return sizeof(ls_real) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

#endif
