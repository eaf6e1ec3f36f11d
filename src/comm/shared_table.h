/* A table of numbers on rank 0, which every rank reads and writes by one-sided MPI, element by
 * element: what a rank reads is of before or after a write by another, never a mixture.
 *
 * Where MPI implements one-sided access by messages, rank 0 serves them only inside MPI calls, as
 * for the shared counter (comm/shared_counter.h). */
#ifndef LS_COMM_SHARED_TABLE_H
#define LS_COMM_SHARED_TABLE_H

#include "comm/group.h"

typedef struct ls_shared_table ls_shared_table;

/* Makes a table of `count` zeros, at most INT_MAX. Collective over `world`. */
int ls_shared_table_create(ls_shared_table **out, const ls_group *world, size_t count);

/* Collective over the world. Safe on NULL. */
void ls_shared_table_free(ls_shared_table **table);

/* Copies `count` elements from number `first` on; overwrites them. Each returns when that is done.
 * Local, on any rank. */
int ls_shared_table_read(ls_shared_table *table, size_t first, size_t count, double *out);
int ls_shared_table_write(ls_shared_table *table, size_t first, size_t count, const double *values);

/* Overwrites an element; *before is its previous value. Of several ranks that do so at a time each
 * gets the value of another. Local, on any rank. */
int ls_shared_table_swap(ls_shared_table *table, size_t at, double value, double *before);

/* Adds to an element. An element to which ranks add is not to be overwritten. Local, on any rank.
 */
int ls_shared_table_add(ls_shared_table *table, size_t at, double amount);

#endif
