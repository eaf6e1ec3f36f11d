/* Which samples of a source are for testing: a random fraction, a fraction of each class
 * (stratified), or whole groups. Memory grows with the number of classes or groups only: samples
 * are counted first, and then assigned one after the other in the order of the source, as often as
 * it is read. The result is a function of the seed and the counts alone. Local. */
#ifndef LS_PREPARE_HOLDOUT_H
#define LS_PREPARE_HOLDOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct holdout {
  double fraction;
  uint64_t seed;
  bool by_group;             /* strata are groups, which are not divided */
  size_t strata;             /* classes or groups; 1 for a plain fraction */
  size_t *counts;            /* [stratum]: samples */
  size_t *tests;             /* [stratum]: those for testing */
  size_t *left, *left_tests; /* [stratum], of samples not assigned yet */
  size_t assigned;
} holdout;

int holdout_create(holdout **out, double fraction, uint64_t seed, size_t strata, bool by_group);

/* Counts samples of a stratum. */
void holdout_count(holdout *h, size_t stratum, size_t count);

/* After all samples were counted: decides how many of each stratum are for testing. LS_INVALID if
 * one of the parts would be empty. */
int holdout_decide(holdout *h, const char *path);

/* The number of samples for training and for testing. */
void holdout_sizes(const holdout *h, size_t sizes[2]);

/* Starts assigning anew, from the first sample. */
void holdout_restart(holdout *h);

/* Assigns the next sample: 0 for training, 1 for testing. */
size_t holdout_assign(holdout *h, size_t stratum);

void holdout_free(holdout **h);

#endif
