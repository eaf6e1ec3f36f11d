/* Turns the layers of a job into layers of a model. */
#ifndef LS_NN_MODEL_ASSEMBLE_H
#define LS_NN_MODEL_ASSEMBLE_H

#include "nn/model/model.h"

/* Returns the largest number of layers that `layers` (may be NULL) become, without a flatten before
 * the first one. */
size_t assemble_count(const ls_choices *layers);

/* Appends them to the model, which has room for them; *shape, that of their input, becomes that of
 * their output. LS_INVALID naming the layer's place in the job. */
int assemble(ls_model *model, const ls_choices *layers, ls_shape *shape);

/* Takes the last layer out of the model; its name is free again. */
void assemble_remove_last(ls_model *model);

/* Releases what only assembling needs. */
void assemble_finish(ls_model *model);

#endif
