/* The layers of a Keras model file that come before the model's own: they do what is done to inputs
 * between the dataset and the model, with what was learnt from the training samples, so that the
 * Keras model takes inputs as the dataset has them. Keras has no layer for a permutation of pixels;
 * a dense layer does it, whose kernel is stored in one byte for each element. Local. */
#ifndef LS_STORE_CHECKPOINT_KERAS_INPUT_H
#define LS_STORE_CHECKPOINT_KERAS_INPUT_H

#include "base/preprocessing.h"
#include "h5/h5.h"
#include "store/checkpoint/keras_chain.h"

/* Whether the preprocessing is known, and not too large as layers: a permutation takes memory for
 * the square of the number of pixels. */
bool keras_input_fits(const ls_preprocessing *preprocessing);

/* Appends the layer that takes inputs and, if they fit, those of the preprocessing. */
void keras_input_append(keras_chain *chain, const ls_preprocessing *preprocessing);

/* Writes the weights of these layers into the group of all layers, and their names, of which there
 * are as many as maps, to `names`. */
int keras_input_write(hid_t weights, const ls_model *model, const ls_preprocessing *preprocessing,
                      char names[LS_MOST_MAPS][LS_MAX_NAME]);

#endif
