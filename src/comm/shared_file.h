/* A file in memory (memfd_create) that rank 0 of a node makes, and the others open through /proc.
 */
#ifndef LS_COMM_SHARED_FILE_H
#define LS_COMM_SHARED_FILE_H

#include <mpi.h>
#include <stdbool.h>

/* Opens a new, empty file on all ranks of `comm`, which are on one node, and returns its
 * descriptor; -1 on all if that fails on any. Collective. */
int shared_file_open(MPI_Comm comm);

/* Returns on all ranks of `comm`, on one node, whether they can open one another's memory. They
 * cannot if they run in different containers. Collective. */
bool shared_file_possible(MPI_Comm comm);

#endif
