/* What the machine can do, to be timed: products of matrices, memory, messages between nodes. */
#ifndef LS_TRAIN_CAPACITY_H
#define LS_TRAIN_CAPACITY_H

#include "lockstep/bench.h"
#include "timing.h"

enum { CAPACITY_SIZES = 2 };

/* One product, on memory that all share. */
typedef struct capacity_product {
  ls_product product;
  ls_real *memory;
} capacity_product;

typedef struct capacity {
  ls_bench *bench;
  const ls_group *group;

  capacity_product *products; /* the model's, then those of square matrices */
  double square_seconds[CAPACITY_SIZES];
  ls_real *operands;

  ls_real *arrays; /* [3][length] */
  size_t length;
  double triad_seconds;

  ls_group nodes; /* the first rank of each node; of size 0 on others */
  char *message;  /* [2][length of a long one] */
} capacity;

/* Collective: finds the nodes, and has everything timed that the lists of products in *bench and
 * the machine give rise to. All is borrowed; *c has to stay where it is, and to be destroyed also
 * after a failure. */
int capacity_create(capacity *c, ls_bench *bench, const ls_group *group, timing *t);
void capacity_destroy(capacity *c);

/* Once everything was timed: speeds. */
void capacity_finish(capacity *c);

#endif
