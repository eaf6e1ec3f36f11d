/* The exit status of the program. */
#ifndef LS_BASE_EXIT_STATUS_H
#define LS_BASE_EXIT_STATUS_H

/* 0 for LS_OK, 1 for a failure at run time, 2 for LS_INVALID, 75 for LS_STOPPED (EX_TEMPFAIL of
 * sysexits.h: the same command continues). Local. */
int ls_exit_status(int status);

/* The status of which that is the exit status; LS_FAILED for any other number. */
int ls_status_of_exit(int exit_status);

#endif
