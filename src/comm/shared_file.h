/* A file without a name that rank 0 of a node makes, in memory (memfd_create) or in a folder, and
 * the others open through /proc. It is gone when no rank has it open or mapped. */
#ifndef LS_COMM_SHARED_FILE_H
#define LS_COMM_SHARED_FILE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

/* Opens a new, empty file in memory on all ranks of `comm`, which are on one node, and returns its
 * descriptor; -1 on all if that fails on any. Collective. */
int shared_file_open(MPI_Comm comm);

/* The same of a file of `bytes` bytes in a folder, with its space reserved. LS_FAILED, the same on
 * all ranks, with the folder. Collective. */
int shared_file_create(int *file, MPI_Comm comm, const char *folder, size_t bytes);

/* The bytes that a file may have at most (`ulimit -f`), beyond which writing ends the program;
 * SIZE_MAX: any number. Local. */
size_t shared_file_limit(void);

/* Reserves space for bytes begin .. end - 1. Returns 0 or an errno. Local. */
int shared_file_reserve(int file, size_t begin, size_t end);

/* Returns on all ranks of `comm`, on one node, whether they can open one another's memory. They
 * cannot if they run in different containers. Collective. */
bool shared_file_possible(MPI_Comm comm);

#endif
