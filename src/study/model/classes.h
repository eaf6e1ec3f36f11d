/* Classes: their names, and predictions of them by a head of a model. Local. */
#ifndef LS_STUDY_MODEL_CLASSES_H
#define LS_STUDY_MODEL_CLASSES_H

#include "study/model/infer.h"

/* The most classes of a confusion matrix, which then has 32 MB. */
enum { CLASSES_MOST_CONFUSED = 2000 };

typedef struct ls_classes {
  size_t head;        /* of the model */
  size_t target;      /* of the dataset */
  size_t count;       /* 0: none have been found */
  const char **names; /* [count], as in the dataset file, else numbers */
} ls_classes;

/* The classes of the head of that name, or of the first head that predicts classes where it is
 * NULL. LS_INVALID if there is none. */
int classes_create(ls_classes *c, const ls_trained *model, const char *head);

/* The classes of a dataset's first target that has any; count 0 if none has. */
int classes_of_dataset(ls_classes *c, const ls_dataset *dataset);

void classes_destroy(ls_classes *c);

/* The name of a class; "no class" for other numbers, which a wider output may predict. */
const char *classes_name(const ls_classes *c, int64_t number);

/* A prediction for one sample. One output is the probability of the second of two classes. */
typedef struct prediction {
  int32_t truth;
  int32_t predicted;        /* the class of the largest output, the first of equal ones, or by the
                               model's threshold; -1 if an output is not a number */
  uint32_t above;           /* classes whose output is above that of the true one */
  double probability;       /* output of the predicted class, after the last activation, or NaN */
  double truth_probability; /* output of the true class */
} prediction;

/* The number of classes that a head predicts; 0 if its target is another one. */
size_t classes_of_head(const ls_head *head);

/* Takes the predictions [sample] of a head, see ls_gathered. */
void classes_take(void *items, size_t head, const ls_chunk *chunk);

#endif
