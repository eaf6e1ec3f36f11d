/* What the files of an evaluation share: who is evaluated, what is measured, and the values. */
#ifndef LS_STUDY_EVALUATE_EVALUATION_H
#define LS_STUDY_EVALUATE_EVALUATION_H

#include "study/evaluate/evaluate.h"
#include "study/evaluate/outcome.h"
#include "study/model/labelled.h"

/* A model, with another one before it or without (NULL). */
typedef struct entry {
  const ls_trained *model, *through;
  char *name;
} entry;

/* A head that tells classes, found in each model by its name. */
typedef struct class_head {
  const char *name;             /* NULL: of the only one */
  char prefix[LS_MAX_NAME + 1]; /* of the names of variables: "hour_" or "" */
  size_t classes;
} class_head;

typedef enum quantity_kind {
  QUANTITY_MEASURE, /* a loss or metric of the model */
  QUANTITY_ACCURACY,
  QUANTITY_LOW, /* the ends of the accuracy's interval */
  QUANTITY_HIGH,
  QUANTITY_TOP,
  QUANTITY_CALIBRATION,
} quantity_kind;

/* One number that is told of an outcome. */
typedef struct quantity {
  quantity_kind kind;
  char name[2 * LS_MAX_NAME];
  char long_name[3 * LS_MAX_NAME];
  size_t head; /* among the class heads */
} quantity;

enum { MOST_QUANTITIES = LS_MAX_MEASURES * 2 + 5 * LS_MAX_HEADS };

typedef struct evaluation {
  const ls_evaluate_options *options;
  const ls_group *world;
  ls_trained **models, **throughs;
  ls_inputs *inputs;
  entry *entries;
  size_t entry_count;
  class_head heads[LS_MAX_HEADS];
  size_t head_count;
  quantity quantities[MOST_QUANTITIES];
  size_t quantity_count;
  outcome *plain;       /* [entry], of inputs as they are */
  double *plain_values; /* [quantity, entry] */
  double **curves;      /* [perturbation] of [quantity, entry, level] */
} evaluation;

/* The model's head that a class head is; SIZE_MAX if it has none. */
size_t evaluation_head(const evaluation *e, const ls_trained *model, size_t head);

/* Where a perturbed value is in its array. */
static inline size_t curve_at(const evaluation *e, size_t perturbation, size_t q, size_t i,
                              size_t level) {
  return (q * e->entry_count + i) * e->options->perturbations[perturbation].count + level;
}

/* The pair's test on the inputs as they are, of a class head; false if one lacks it. */
bool evaluation_compare(const evaluation *e, size_t head, size_t one, size_t other,
                        mcnemar *result);

/* On rank 0: the file with its figures, the tables. */
int evaluation_write(const evaluation *e);
int evaluation_draw(labelled *l, const evaluation *e);
void evaluation_print(const evaluation *e, FILE *out);

#endif
