/* The program: picks the verb, starts MPI for those that need it, prints the one error message, and
 * turns the outcome into the exit status. The only place that names MPI_COMM_WORLD. */
#include "cli.h"
#include "lockstep/compute.h"
#include "lockstep/error.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct verb {
  const char *name, *purpose;
  int (*alone)(int argc, char **argv); /* one of these two */
  int (*together)(int argc, char **argv, const ls_group *world);
  void (*prepare)(void); /* called before MPI starts, which can take long; or NULL */
} verb;

static const verb verbs[] = {
    {"run", "train everything a job describes", NULL, ls_cli_run, ls_cli_run_prepare},
    {"check", "print what a job would do", ls_cli_check, NULL},
    {"submit", "submit a job to Slurm", ls_cli_submit, NULL},
    {"data", "make a dataset file", ls_cli_data, NULL},
    {"report", "print the table of a results file and make its page", ls_cli_report, NULL},
    {"eval", "measure trained models on samples as they are and changed", NULL, ls_cli_eval},
    {"errors", "show what a trained classifier gets wrong", NULL, ls_cli_errors},
    {"activations", "show what a trained model's layers make of samples", NULL, ls_cli_activations},
    {"decode", "show what a trained decoder makes of codes", NULL, ls_cli_decode},
    {"embed", "project samples or layers to two dimensions", NULL, ls_cli_embed},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(FILE *out) {
  fprintf(out, "Usage: lockstep VERB [ARGUMENT...]\n\n"
               "Trains neural networks on many ranks, one job file at a time.\n\n");
  for (size_t i = 0; i < VERBS; i++) fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].purpose);
  fprintf(out, "\n'lockstep VERB --help' tells more, and so does the manual page lockstep(1).\n");
}

int ls_cli_exit_status(int status) {
  switch (status) {
  case LS_OK:
    return 0;
  case LS_INVALID:
    return 2;
  case LS_STOPPED:
    return 75;
  default:
    return 1;
  }
}

/* Runs a verb on all ranks; only rank 0 speaks. */
static int run_together(const verb *chosen, int argc, char **argv) {
  /* Open MPI's own parallel I/O loses data without a word when a disk is full; ROMIO does not. */
  setenv("OMPI_MCA_io", "romio321", 0);
  /* Its one-sided communication by RDMA comes first and then fails where nodes are joined by TCP.
   */
  setenv("OMPI_MCA_osc", "^rdma", 0);
  if (chosen->prepare) chosen->prepare();
  if (MPI_Init(NULL, NULL) != MPI_SUCCESS) {
    fprintf(stderr, "lockstep: MPI cannot start\n");
    return 1;
  }
  ls_group world;
  int status = ls_group_create(&world, MPI_COMM_WORLD, 0);
  if (status == LS_OK) status = chosen->together(argc, argv, &world);
  if (status != LS_OK && world.rank == 0) fprintf(stderr, "lockstep: %s\n", ls_error_message());
  ls_group_free(&world);
  MPI_Finalize();
  return ls_cli_exit_status(status);
}

static int run_alone(const verb *chosen, int argc, char **argv) {
  int status = chosen->alone(argc, argv);
  if (status != LS_OK) fprintf(stderr, "lockstep: %s\n", ls_error_message());
  return ls_cli_exit_status(status);
}

int main(int argc, char **argv) {
  ls_compute_choose_kernels(argv);
  const char *word = argc > 1 ? argv[1] : "";
  if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0) {
    print_help(stdout);
    return 0;
  }
  if (strcmp(word, "--version") == 0) {
    printf("lockstep %s\n", LS_VERSION);
    return 0;
  }
  for (size_t i = 0; i < VERBS; i++) {
    if (strcmp(word, verbs[i].name) != 0) continue;
    static char name[64];
    snprintf(name, sizeof name, "lockstep %s", word);
    argv[1] = name;
    return verbs[i].alone ? run_alone(&verbs[i], argc - 1, argv + 1)
                          : run_together(&verbs[i], argc - 1, argv + 1);
  }
  if (*word) {
    fprintf(stderr, "lockstep: unknown verb '%s' (expected", word);
    for (size_t i = 0; i < VERBS; i++) fprintf(stderr, "%s %s", i ? "," : "", verbs[i].name);
    fprintf(stderr, ")\n");
  } else {
    print_help(stderr);
  }
  return 2;
}
