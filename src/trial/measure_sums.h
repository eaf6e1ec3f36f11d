/* Sums over samples, from which losses and metrics are computed: [row][sum], a row being a shard of
 * a minibatch or a chunk of an evaluation; sums of penalties by block of the flat vector; and
 * counts, which are integers. Each row and each block is summed on one rank, and rows are added in
 * their order; counts are exact in any order. So values are the same bits on any number of ranks.
 */
#ifndef LS_TRIAL_MEASURE_SUMS_H
#define LS_TRIAL_MEASURE_SUMS_H

#include "comm/group.h"
#include "nn/model/model.h"

#include <stddef.h>

typedef struct measure_sums {
  const ls_model *model;
  size_t rows, blocks;
  double *values;    /* [rows][sum], then [blocks], then [count] */
  double *penalties; /* [blocks], within `values` */
  double *counts;    /* [count], of this rank's samples, within `values` */
  double *totals;    /* [sum], for measure_sums_measure */
} measure_sums;

/* All 0, for the measures of a model, which is borrowed. Local. */
int measure_sums_create(measure_sums *s, const ls_model *model, size_t rows, size_t blocks);
void measure_sums_destroy(measure_sums *s);

/* The number of `values`. Local. */
size_t measure_sums_count(const measure_sums *s);

/* The sums [sum] of a row. Local. */
double *measure_sums_row(const measure_sums *s, size_t row);

/* Sets all to 0. Local. */
void measure_sums_clear(measure_sums *s);

/* Collective: adds up over ranks; afterwards all ranks have all rows, blocks and counts. */
int measure_sums_reduce(measure_sums *s, const ls_group *group);

/* Sets the value of each measure [measure] over `samples` samples, with the penalties in that of
 * the loss, which is measure 0. Local. */
void measure_sums_measure(const measure_sums *s, size_t samples, double *measures);

#endif
