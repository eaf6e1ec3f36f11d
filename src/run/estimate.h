/* Estimates of the time and memory that a trial needs, from a model of one step (operations, bytes,
 * synchronizations) with fixed constants, never from a measurement. Local and pure. */
#ifndef LS_RUN_ESTIMATE_H
#define LS_RUN_ESTIMATE_H

#include "trial/plan.h"

/* The matrix product speed (operations per second, large matrices) that estimates assume. On
 * another machine scale their seconds by the ratio of the speeds. */
#define LS_ASSUMED_SPEED 150e9

/* What the time of a trial depends on, for any number of ranks: small enough to be kept of each of
 * very many trials. */
typedef struct ls_trial_cost {
  double params, layers, inputs;    /* of the model; inputs: numbers of a sample */
  double forward_flops, step_flops; /* of a sample; step: forward and backward */
  size_t epochs, steps;
  ls_layout training; /* on one rank */
  size_t validation_count;
} ls_trial_cost;

ls_trial_cost ls_trial_cost_of(const ls_plan *plan);

/* Returns the estimated seconds of the trial on `ranks` ranks. */
double ls_trial_cost_seconds(const ls_trial_cost *cost, size_t ranks);
double ls_estimate_trial(const ls_plan *plan, size_t ranks);

/* Returns the estimated bytes of memory of each rank of the trial, without samples, which all ranks
 * of a node share (run/node_data.h). */
double ls_estimate_memory(const ls_plan *plan, size_t ranks);

/* Returns how many of these bytes ranks share with the others of the trial on their node. */
double ls_estimate_shared(const ls_plan *plan, size_t ranks);

#endif
