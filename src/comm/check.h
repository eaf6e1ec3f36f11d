/* MPI's return codes as statuses. Only this folder calls MPI; others use group.h. */
#ifndef LS_COMM_CHECK_H
#define LS_COMM_CHECK_H

/* Returns LS_OK for MPI_SUCCESS; else records "CALL: MPI's message" and returns LS_FAILED. Local.
 */
int ls_mpi_check(int code, const char *call);

#endif
