/* The layers of a Keras model file that come behind the model's own: they bring outputs whose
 * targets were scaled back to the units of the data. Local. */
#ifndef LS_STORE_CHECKPOINT_KERAS_OUTPUT_H
#define LS_STORE_CHECKPOINT_KERAS_OUTPUT_H

#include "base/preprocessing.h"
#include "store/checkpoint/keras_chain.h"

/* Appends the layer behind head number `head`, if its target is scaled. It has no weights. */
void keras_output_append(keras_chain *chain, size_t head, const ls_target_scaling *scaling);

#endif
