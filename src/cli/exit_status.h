/* The exit status of the program. */
#ifndef LS_CLI_EXIT_STATUS_H
#define LS_CLI_EXIT_STATUS_H

/* 0 for LS_OK, 1 for a failure at run time, 2 for LS_INVALID, 75 for LS_STOPPED (EX_TEMPFAIL of
 * sysexits.h: the same command continues). Local. */
int cli_exit_status(int status);

#endif
