/* The different models of a job's trials, as tables of their layers. Local. */
#ifndef LS_RUN_ARCHITECTURES_H
#define LS_RUN_ARCHITECTURES_H

#include "base/layer_table.h"
#include "base/memory.h"
#include "trial/plan.h"

enum { LS_MOST_ARCHITECTURES = 16 };

/* Start from {0}. */
typedef struct ls_architectures {
  ls_memory memory;
  ls_layer_table tables[LS_MOST_ARCHITECTURES]; /* in the order of their first trials */
  size_t trials[LS_MOST_ARCHITECTURES];         /* the first one of each */
  size_t count;
  size_t left_out; /* trials with other models, for which there is no room */
} ls_architectures;

/* Adds the model of `replicates` trials, the first of which is `trial`, unless an earlier one has
 * the same layers. LS_FAILED without memory. */
int ls_architectures_add(ls_architectures *architectures, const ls_job *job, size_t trial,
                         size_t replicates, const ls_plan *plan);

void ls_architectures_free(ls_architectures *architectures);

#endif
