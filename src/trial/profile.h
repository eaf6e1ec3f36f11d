/* The profile of training steps: their time by layer and phase, on one rank. */
#ifndef LS_TRIAL_PROFILE_H
#define LS_TRIAL_PROFILE_H

#include "nn/model/model.h"

#include <stdio.h>

typedef enum profile_phase {
  PROFILE_READ,   /* converting samples to numbers */
  PROFILE_LAYERS, /* forward and backward, with losses and metrics */
  PROFILE_UPDATE, /* adding and sending gradients, updating weights */
  PROFILE_WAIT,   /* waiting, meanwhile, for other ranks and for messages */
  PROFILE_PHASES
} profile_phase;

typedef struct profile {
  ls_layer_times *layers; /* [layer]; NULL: nothing is measured */
  double phases[PROFILE_PHASES];
  double begun;   /* clock when the current phase began */
  double waited;  /* seconds for which the rank had waited when the step began */
  size_t steps;   /* completed */
  size_t samples; /* of this rank */
} profile;

int profile_create(profile *p, const ls_model *model);
void profile_destroy(profile *p);

/* Begins a step; `waited` is the time for which this rank has waited for others so far. */
void profile_begin_step(profile *p, double waited);

/* Ends a phase: the time since the last one ended is attributed to it. */
void profile_lap(profile *p, profile_phase phase);

/* Ends a step of `samples` samples of this rank, and its phase of updating, of which the time
 * waited is attributed to waiting. */
void profile_end_step(profile *p, size_t samples, double waited);

/* Prints the table: milliseconds per step and fraction of the step, where layers that ranks compute
 * together include waiting for one another; of layers that multiply
 * matrices also their speed, and that as a fraction of the peak, which is measured by a product of
 * large matrices. */
void profile_print(const profile *p, const ls_model *model, FILE *out);

#endif
