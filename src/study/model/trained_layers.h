/* Layers of a trained model by name, and their outputs. */
#ifndef LS_STUDY_MODEL_TRAINED_LAYERS_H
#define LS_STUDY_MODEL_TRAINED_LAYERS_H

#include "study/model/trained.h"

/* The number of the layer of that name, given in the job or made (dense_1): of its last stage,
 * which is its activation where it has one. Numbers from the model's layer_count on are the
 * activations that the losses of its heads fuse. LS_INVALID, with the nearest name or all of them,
 * if there is no such layer. Local. */
int ls_trained_layer(const ls_trained *trained, const char *name, size_t *layer);

/* Of a layer by that number: its output's shape, and the output [sample, ...] after a batch has
 * gone through the model in a workspace with separate outputs. Local. */
ls_shape ls_trained_shape(const ls_trained *trained, size_t layer);
const ls_real *ls_trained_output(const ls_trained *trained, ls_workspace *workspace, size_t layer);

/* Runs the layers after a layer (below layer_count): `codes` [n, ...] replace its output. The
 * workspace has separate outputs, for at least n samples; it then has the outputs
 * (ls_trained_output, ls_model_activated). Local. */
void ls_trained_decode(const ls_trained *trained, ls_workspace *workspace, size_t layer, size_t n,
                       const ls_real *codes);

#endif
