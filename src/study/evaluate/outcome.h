/* The outcome of running a model on the inputs: means of losses and metrics, and predictions. */
#ifndef LS_STUDY_EVALUATE_OUTCOME_H
#define LS_STUDY_EVALUATE_OUTCOME_H

#include "study/evaluate/statistics.h"
#include "study/model/classes.h"

typedef struct outcome {
  size_t samples;
  double means[LS_MAX_MEASURES];         /* of the model's measures, as in training */
  prediction *predictions[LS_MAX_HEADS]; /* [sample] of each head; NULL: it predicts no classes */
  ls_memory memory;
} outcome;

/* Collective: runs the inference, whose `visit` is set here. The same on all ranks. */
int outcome_create(outcome *out, const ls_inputs *inputs, const ls_inference *inference);
void outcome_destroy(outcome *o);

/* Counts the predictions [sample] that are right, or that have the true class among the first k. */
size_t outcome_count(const prediction *p, size_t samples);
size_t outcome_count_top(const prediction *p, size_t samples, size_t k);

reliability outcome_reliability(const prediction *p, size_t samples);

#endif
