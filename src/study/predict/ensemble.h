/* Trained models that predict together, and what they have in common. Local. */
#ifndef LS_STUDY_PREDICT_ENSEMBLE_H
#define LS_STUDY_PREDICT_ENSEMBLE_H

#include "base/memory.h"
#include "lockstep/predictor.h"

#include <stdbool.h>

enum { ENSEMBLE_CHUNK = 256 }; /* samples that go through a model together */

/* A head of all models. */
typedef struct ensemble_head {
  const char *name;         /* "": the only one */
  size_t width;             /* elements of its output */
  size_t classes;           /* that it predicts; 0: values */
  double threshold;         /* of two classes: the mean of those of the models */
  double *label_thresholds; /* [count], the same of labels; NULL: none */
  size_t count;        /* numbers that are reported of a sample: one for each class, or `width` */
  const char **labels; /* [count], their names, or their numbers where they have none */
  bool named;          /* they have names */
} ensemble_head;

typedef struct ensemble {
  ls_predictor **models; /* [count] */
  const char *const *paths;
  size_t count;
  size_t input_size; /* elements of an input */
  ensemble_head *heads;
  size_t head_count;
  ls_memory memory;
} ensemble;

/* Opens the model files; paths are borrowed. LS_INVALID, naming two of them, if they differ in
 * their inputs, heads or classes. */
int ensemble_open(ensemble *e, const char *const *paths, size_t count);
void ensemble_close(ensemble *e);

#endif
