/* Importance of variables by a random forest of regression trees: how much worse the forest
 * predicts when the values of a variable are permuted (Breiman, Machine Learning 45, 2001).
 *
 * Each tree is grown on a bootstrap sample and tested on the points that this leaves out. All
 * variables are tried at each split, and nodes of five points or fewer are not split (Breiman's
 * default). Random numbers are a function of the tree and the variable: the same data give the same
 * importance everywhere. Pure. */
#ifndef LS_REPORT_FOREST_H
#define LS_REPORT_FOREST_H

#include "base/memory.h"

/* What is to be explained. Only the order of the values of a variable matters. All is borrowed. */
typedef struct report_forest_data {
  size_t points, variables;
  const double *x; /* [variable, point], no NaN */
  const double *y; /* [point], finite */
} report_forest_data;

enum { REPORT_FOREST_TREES = 100 };

/* The importance of each variable: the increase of the mean squared error, over twice the variance
 * of y. For variables that vary independently this estimates the total-effect index of Sobol', the
 * fraction of the variance to which a variable contributes alone or together with others (Jansen,
 * Computer Physics Communications 117, 1999): indices of variables that interact add up to more
 * than 1. About 0 for a variable without effect, also below. */
typedef struct report_forest {
  double *importance; /* [variable] */
  double explained;   /* R2 of the forest's predictions for points that its trees do not know */
} report_forest;

/* Grows the forest; needs a few points. Importances are 0 where y does not vary. */
int report_forest_grow(report_forest *out, ls_memory *memory, const report_forest_data *data);

#endif
