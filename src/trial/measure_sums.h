/* Sums over samples, of which losses and metrics are the means: [row][measure], a row being a
 * shard of a minibatch or a chunk of an evaluation; and sums of penalties by block of the flat
 * vector. Each row and each block is summed on one rank, and rows are added in their order, so that
 * means are the same bits on any number of ranks. */
#ifndef LS_TRIAL_MEASURE_SUMS_H
#define LS_TRIAL_MEASURE_SUMS_H

#include "comm/group.h"

#include <stddef.h>

typedef struct measure_sums {
  size_t rows, measures, blocks;
  double *values;    /* [rows][measures], then [blocks] */
  double *penalties; /* [blocks], within `values` */
} measure_sums;

/* All 0. Local. */
int measure_sums_create(measure_sums *s, size_t rows, size_t measures, size_t blocks);
void measure_sums_destroy(measure_sums *s);

/* The number of `values`. Local. */
size_t measure_sums_count(const measure_sums *s);

/* The sums [measure] of a row. Local. */
double *measure_sums_row(const measure_sums *s, size_t row);

/* Sets all to 0. Local. */
void measure_sums_clear(measure_sums *s);

/* Collective: adds up over ranks; afterwards all ranks have all rows and blocks. */
int measure_sums_reduce(measure_sums *s, const ls_group *group);

/* The mean of each measure over `samples` samples, with the penalties in that of the loss, which is
 * measure 0. Local. */
void measure_sums_means(const measure_sums *s, size_t samples, double *means);

#endif
