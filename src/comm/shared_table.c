/* A table in a window of rank 0. All access is by accumulate operations, which are atomic for each
 * element, while MPI_Put and MPI_Get are not. */
#include "comm/shared_table.h"
#include "comm/check.h"

#include "base/activity.h"
#include "base/memory.h"
#include "comm/remote_window.h"
#include "lockstep/error.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

struct ls_shared_table {
  MPI_Win window;
};

static const char what[] = "sharing the scores of a search";

int ls_shared_table_create(ls_shared_table **out, const ls_group *world, size_t count) {
  assert(count <= INT_MAX);
  ls_shared_table *table = *out = ls_new(1, sizeof *table);
  char *base = NULL;
  int status = ls_group_agree(world, table ? LS_OK : LS_FAILED);
  if (table) table->window = MPI_WIN_NULL;
  if (status == LS_OK) {
    status = remote_window_create(&table->window, &base, world, count, sizeof(double));
  }
  if (status != LS_OK) ls_shared_table_free(out);
  return status;
}

void ls_shared_table_free(ls_shared_table **table) {
  if (!*table) return;
  remote_window_free(&(*table)->window);
  free(*table);
  *table = NULL;
}

/* Completes an operation that returned `code`. */
static int complete(ls_shared_table *table, int code) {
  int status = ls_mpi_check(code, what);
  if (status == LS_OK) status = ls_mpi_check(MPI_Win_flush(0, table->window), what);
  ls_activity_leave();
  return status;
}

int ls_shared_table_read(ls_shared_table *table, size_t first, size_t count, double *out) {
  ls_activity_enter_remote();
  return complete(table, MPI_Get_accumulate(NULL, 0, MPI_DOUBLE, out, (int)count, MPI_DOUBLE, 0,
                                            (MPI_Aint)first, (int)count, MPI_DOUBLE, MPI_NO_OP,
                                            table->window));
}

int ls_shared_table_write(ls_shared_table *table, size_t first, size_t count,
                          const double *values) {
  ls_activity_enter_remote();
  return complete(table, MPI_Accumulate(values, (int)count, MPI_DOUBLE, 0, (MPI_Aint)first,
                                        (int)count, MPI_DOUBLE, MPI_REPLACE, table->window));
}

int ls_shared_table_swap(ls_shared_table *table, size_t at, double value, double *before) {
  ls_activity_enter_remote();
  return complete(table, MPI_Fetch_and_op(&value, before, MPI_DOUBLE, 0, (MPI_Aint)at, MPI_REPLACE,
                                          table->window));
}

int ls_shared_table_add(ls_shared_table *table, size_t at, double amount) {
  ls_activity_enter_remote();
  return complete(table, MPI_Accumulate(&amount, 1, MPI_DOUBLE, 0, (MPI_Aint)at, 1, MPI_DOUBLE,
                                        MPI_SUM, table->window));
}
