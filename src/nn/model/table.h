/* The table of a model's layers. Local. */
#ifndef LS_NN_MODEL_TABLE_H
#define LS_NN_MODEL_TABLE_H

#include "base/layer_table.h"
#include "base/memory.h"
#include "nn/model/model.h"

/* Sets the rows, in the memory and otherwise borrowed from the model. A layer's activation is in
 * the row of the layer, also where the loss includes it. LS_FAILED without memory. */
int ls_model_table(ls_layer_table *out, ls_memory *memory, const ls_model *model);

#endif
