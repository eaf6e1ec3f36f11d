/* A head that tells classes: which one, their names, what it says of a sample. Local. */
#ifndef LS_STUDY_MODEL_CLASSES_H
#define LS_STUDY_MODEL_CLASSES_H

#include "study/model/trained.h"

typedef struct classes {
  size_t head; /* 0 where there is no model */
  size_t count;
  const char **names; /* [count] */
  char **owned;
  size_t owned_count;
} classes;

/* The classes of a target of a dataset: their names, as the file has them, else numbers. */
int classes_read(classes *c, const ls_dataset *dataset, size_t target);

/* The head of that name, or the first one whose target is classes where it is NULL. LS_INVALID if
 * there is none. */
int classes_create(classes *c, const ls_trained *model, const char *head);
void classes_destroy(classes *c);

/* What a head said of a sample. */
typedef struct verdict {
  size_t predicted;         /* the class with the largest output, the first of equal ones */
  double probability;       /* that output, NaN if any is */
  double truth_probability; /* the output of the true class */
} verdict;

/* `row` holds the `width` outputs of a sample, behind the last activation; one output is the
 * probability of the second of two classes. */
verdict classes_verdict(const ls_real *row, size_t width, size_t truth);

#endif
