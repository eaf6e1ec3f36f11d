/* Losses of a batch that has gone forward, as backward needs them; the rest of outputs.c is public
 * (model.h). */
#ifndef LS_NN_MODEL_OUTPUTS_H
#define LS_NN_MODEL_OUTPUTS_H

#include "nn/model/model.h"

/* A head's sum of losses with its weight; adds to sums[shard][sum] and, unless dy is NULL, sets
 * the gradient of scale * that sum. */
double outputs_head_loss(const ls_model *model, const ls_workspace *w, size_t head, ls_real scale,
                         ls_real *dy, double *sums);

/* The sum of what layers add to the loss; adds it to that of each shard, sums[shard][0]. */
double outputs_penalties(const ls_model *model, const ls_workspace *w, double *sums);

#endif
