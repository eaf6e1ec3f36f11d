/* The verbs of the program. Each takes its own command line, argv[0] being "lockstep VERB", and
 * returns an ls_status; messages of failures are recorded with ls_fail and printed by the caller.
 */
#ifndef LS_CLI_CLI_H
#define LS_CLI_CLI_H

#include "comm/group.h"

/* The exit status that an ls_status stands for. */
int ls_cli_exit_status(int status);

/* Trains everything that a job describes. Collective over the world. `prepare` comes before MPI
 * starts: signals that ask to stop are caught from then on. */
void ls_cli_run_prepare(void);
int ls_cli_run(int argc, char **argv, const ls_group *world);

/* Prints what a job would do. */
int ls_cli_check(int argc, char **argv);

/* Measures the machine and a training step. Collective over the world. */
int ls_cli_bench(int argc, char **argv, const ls_group *world);

/* Submits a job to Slurm. */
int ls_cli_submit(int argc, char **argv);

/* Makes a dataset file. */
int ls_cli_data(int argc, char **argv);

/* Prints the table of a results file and makes its page. */
int ls_cli_report(int argc, char **argv);

/* Measures trained models. Collective over the world. */
int ls_cli_eval(int argc, char **argv, const ls_group *world);

/* Shows what a trained classifier gets wrong. Collective over the world. */
int ls_cli_errors(int argc, char **argv, const ls_group *world);

/* Shows what a trained model's layers make of samples. Collective over the world. */
int ls_cli_activations(int argc, char **argv, const ls_group *world);

/* Shows what a trained decoder makes of codes. Collective over the world. */
int ls_cli_decode(int argc, char **argv, const ls_group *world);

/* Projects samples to two dimensions. Collective over the world. */
int ls_cli_embed(int argc, char **argv, const ls_group *world);

#endif
