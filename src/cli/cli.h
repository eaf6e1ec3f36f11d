/* The verbs of the program. Each takes its own command line, argv[0] being "lockstep VERB", and
 * returns an ls_status; messages of failures are recorded with ls_fail and printed by the caller.
 */
#ifndef LS_CLI_H
#define LS_CLI_H

#include "lockstep/group.h"

/* Trains everything that a job describes. Collective over the world. */
int ls_cli_run(int argc, char **argv, const ls_group *world);

/* Prints what a job would do. */
int ls_cli_check(int argc, char **argv);

/* Makes a dataset file. */
int ls_cli_data(int argc, char **argv);

/* Prints the table of a results file and makes its page. */
int ls_cli_report(int argc, char **argv);

#endif
