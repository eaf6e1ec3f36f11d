/* Dividing layers among the ranks of a node in training (nn/division.h). */
#ifndef LS_TRIAL_DIVIDING_H
#define LS_TRIAL_DIVIDING_H

#include "trial/trainer.h"

/* Collective over the trainer's group, after its reducer, workspace and shards were created:
 * divides the layers for which it pays, if there are any. */
int dividing_create(trainer *t);

/* Collective. */
void dividing_destroy(trainer *t);

/* Sets which samples of a step each shard of the node has. Local. */
void dividing_begin_step(trainer *t, size_t step);

/* Returns the bytes of memory that the ranks of a node share for it, if all ranks of the trial are
 * on one. Local. */
size_t dividing_bytes(const ls_plan *plan, size_t ranks);

#endif
