/* The result of an evaluation: plan.c lists what is measured, evaluate.c measures it, write.c,
 * draw.c and print.c present it. An entry is a model, with another one before it or without. */
#ifndef LS_STUDY_EVALUATE_RESULT_H
#define LS_STUDY_EVALUATE_RESULT_H

#include "study/evaluate/evaluate.h"
#include "study/evaluate/statistics.h"
#include "study/model/labelled.h"

enum { EXAMPLES = 4, MOST_LEVELS_DRAWN = 12 };
enum { MOST_QUANTITIES = LS_MAX_MEASURES * 2 + 5 * LS_MAX_HEADS };

typedef struct entry {
  const ls_trained *model, *through; /* through NULL: the model alone */
  const char *name;
  size_t heads[LS_MAX_HEADS]; /* [class head], the model's number of it; SIZE_MAX: it has none */
} entry;

/* A head that predicts classes, and its predictions of unchanged inputs. Without the head an entry
 * has NaN, 0, or -1 as the predicted class. */
typedef struct class_head {
  const char *name;             /* NULL: of the only one */
  char prefix[LS_MAX_NAME + 1]; /* of the names of variables: "hour_" or "" */
  size_t classes;
  ls_classes named;          /* their names; on rank 0 */
  prediction *latest;        /* [sample], of the latest run of an entry that has the head */
  int64_t *labels;           /* [sample] */
  int64_t *support;          /* [class], samples of it */
  int64_t *confusion;        /* [entry, true class, predicted class]; NULL for too many classes */
  int64_t *right;            /* [entry, class], samples of it that are predicted as it */
  int64_t *predicted_totals; /* [entry, class], samples predicted as it */
  class_scores *scores;      /* [entry, class] */
  reliability *bins;         /* [entry] */
  int64_t *predicted;        /* [entry, sample] */
  double *confidence;        /* [entry, sample] */
  mcnemar *comparisons;      /* [entry, entry] */
} class_head;

/* A number that is reported of each entry. */
typedef enum quantity_kind {
  QUANTITY_MEASURE, /* a loss or metric of the model */
  QUANTITY_ACCURACY,
  QUANTITY_LOW, /* the ends of the accuracy's interval: the next two */
  QUANTITY_HIGH,
  QUANTITY_TOP,
  QUANTITY_CALIBRATION,
} quantity_kind;

typedef struct quantity {
  quantity_kind kind;
  char name[2 * LS_MAX_NAME];
  char long_name[3 * LS_MAX_NAME];
  size_t head; /* among the class heads */
} quantity;

typedef struct evaluate_result {
  const ls_evaluate_options *options;
  const ls_group *world;
  ls_memory memory;
  ls_trained **models, **throughs;
  ls_part part; /* of the dataset, with the samples */
  ls_inputs *inputs;
  int64_t *samples; /* [sample], numbers in the part */
  entry *entries;
  size_t entry_count;
  class_head heads[LS_MAX_HEADS];
  size_t head_count;
  quantity quantities[MOST_QUANTITIES];
  size_t quantity_count;
  double *plain;   /* [quantity, entry], of unchanged inputs; NaN where an entry lacks it */
  double **curves; /* [perturbation] of [quantity, entry, level] */
  /* On rank 0, the first samples, at most EXAMPLES: [example, ...]; and [perturbation] of [level,
   * example, ...], of the first MOST_LEVELS_DRAWN levels. */
  size_t example_count;
  ls_real *examples, **perturbed;
} evaluate_result;

/* Where a perturbed value is in its array. */
static inline size_t curve_at(const evaluate_result *r, size_t perturbation, size_t q, size_t i,
                              size_t level) {
  return (q * r->entry_count + i) * r->options->perturbations[perturbation].count + level;
}

/* Collective: opens the models, loads the samples, lists entries, class heads and quantities. */
int evaluate_plan(evaluate_result *r);

/* The number of levels of a perturbation at which examples are drawn. */
static inline size_t levels_drawn(const ls_perturbation *p) {
  return p->count < MOST_LEVELS_DRAWN ? p->count : MOST_LEVELS_DRAWN;
}

/* See ls_output; the argument is an evaluate_result. */
void evaluate_write(labelled *l, const void *result);
void evaluate_draw(labelled *l, const void *result);
void evaluate_print(const void *result, FILE *out);

#endif
