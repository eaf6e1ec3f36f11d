/* What comes of a model on the inputs: means of losses and metrics, and each sample's prediction.
 */
#ifndef LS_STUDY_EVALUATE_OUTCOME_H
#define LS_STUDY_EVALUATE_OUTCOME_H

#include "study/evaluate/statistics.h"
#include "study/model/trained.h"

/* A prediction of classes. */
typedef struct prediction {
  double truth, predicted; /* -1: an output is no number */
  double confidence;       /* the output of the class predicted */
  double above;            /* classes whose output is above that of the true one */
} prediction;

typedef struct outcome {
  size_t samples, heads;
  double means[LS_MAX_MEASURES]; /* of the model's measures, as in training */
  prediction *predictions;       /* [sample, head]; those of heads without classes are 0 */
} outcome;

/* The number of classes that a head tells apart: 0 if it doesn't. */
size_t outcome_classes(const ls_head *head);

/* Collective: runs the inference, of which `visit` is set. The same on all ranks. */
int outcome_create(outcome *out, const ls_inputs *inputs, const ls_inference *inference);
void outcome_destroy(outcome *o);

/* Predictions of a head that are right; that are within the first k. */
bool outcome_right(const outcome *o, size_t sample, size_t head);
size_t outcome_count(const outcome *o, size_t head);
size_t outcome_count_top(const outcome *o, size_t head, size_t k);
reliability outcome_reliability(const outcome *o, size_t head);

#endif
