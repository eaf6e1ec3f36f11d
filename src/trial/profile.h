/* Where the time of training steps goes: by layer and phase, on one rank. */
#ifndef LS_TRIAL_PROFILE_H
#define LS_TRIAL_PROFILE_H

#include "nn/model.h"

#include <stdio.h>

/* The phases of a step beside the layers. */
typedef enum profile_phase {
  PROFILE_READ,   /* samples become numbers */
  PROFILE_LAYERS, /* forward and backward, with losses and metrics */
  PROFILE_UPDATE, /* gradients are added up and sent, weights updated */
  PROFILE_WAIT,   /* in that, waiting for other ranks and for messages */
  PROFILE_PHASES
} profile_phase;

typedef struct profile {
  ls_layer_times *layers; /* [layer]; NULL: nothing is measured */
  double phases[PROFILE_PHASES];
  double begun; /* when the phase in hand began */
  size_t steps;
  size_t samples; /* of this rank */
} profile;

int profile_create(profile *p, const ls_model *model);
void profile_destroy(profile *p);

/* Ends a phase: the time since the last one ended is its own. */
void profile_lap(profile *p, profile_phase phase);

/* Some seconds of a phase that has ended were of another one. */
void profile_move(profile *p, profile_phase from, profile_phase to, double seconds);

/* The beginning of a step. */
void profile_begin(profile *p);

/* Prints the table: milliseconds per step, share of the step, and of layers that multiply matrices
 * their speed, also as a share of what a product of large matrices reaches here. */
void profile_print(const profile *p, const ls_model *model, FILE *out);

#endif
