/* The program: picks the verb, starts MPI for those that need it, prints the one error message, and
 * turns the outcome into the exit status. The only place that names MPI_COMM_WORLD. */
#include "lockstep/program.h"
#include "base/exit_status.h"
#include "base/print.h"

#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/launch.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "nn/products/kernels.h"

#include <errno.h>
#include <fcntl.h>
#include <mpi.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_help(FILE *out) {
  ls_print(out, "Usage: lockstep VERB [ARGUMENT...]\n\n"
                "Trains neural networks on many ranks, one job file at a time.\n\n");
  for (size_t i = 0; i < cli_verb_count; i++) {
    ls_print(out, "  %-12s %s\n", cli_verbs[i]->name, cli_verbs[i]->purpose);
  }
  ls_print(out, "\n'lockstep VERB --help' describes a verb; the manual page is lockstep(1).\n");
}

static int print_unknown(const char *word) {
  enum { MOST = 64 };
  const char *names[MOST] = {NULL};
  size_t count = 0;
  for (; count < cli_verb_count && count < MOST; count++) names[count] = cli_verbs[count]->name;
  const char *nearest = ls_nearest_name(word, names, count);
  ls_print(stderr, "lockstep: unknown verb '%s' (", word);
  if (nearest) {
    ls_print(stderr, "did you mean '%s'?)\n", nearest);
  } else {
    ls_print(stderr, "expected");
    for (size_t i = 0; i < count; i++) ls_print(stderr, "%s %s", i ? "," : "", names[i]);
    ls_print(stderr, ")\n");
  }
  return LS_INVALID;
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

/* A standard stream that is closed becomes one that can't be written: otherwise the next file that
 * is opened, the results for one, would get its number and with it what is printed. */
static void hold_standard_streams(void) {
  int file = -1;
  do {
    file = open("/dev/null", O_RDONLY);
  } while (file >= 0 && file <= STDERR_FILENO);
  if (file >= 0) close(file);
}

/* Verbs that need no MPI run once, on the first of the processes that they were started as: the one
 * of rank 0 by the launcher's environment (PMIx of Open MPI and Slurm, PMI of MPICH). */
static bool is_first(void) {
  const char *rank = getenv("PMIX_RANK");
  if (!rank) rank = getenv("PMI_RANK");
  return !rank || strcmp(rank, "0") == 0;
}

/* Whether all that was printed has arrived where standard output goes. */
static int check_printed(void) {
  errno = 0;
  bool arrived = fflush(stdout) == 0 && !ferror(stdout);
  return arrived ? LS_OK
                 : ls_fail(LS_FAILED, "standard output: cannot write: %s",
                           errno ? strerror(errno) : "some of it is lost");
}

/* HDF5 calls exit() where it has no memory for its own errors, and prints nothing. */
static bool verb_returned;

static void report_exit(void) {
  if (verb_returned) return;
  ls_print(stderr,
           "lockstep: a library has ended the program, most likely as there was no memory\n");
}

/* The exit status; where the process `prints`, after the message of a failure. */
static int finish(int status, bool prints) {
  if (prints && status == LS_OK) status = check_printed();
  if (prints && status != LS_OK) ls_print_error(ls_error_message());
  return ls_exit_status(status);
}

/* ---- Verbs ----------------------------------------------------------------------------------- */

/* Runs a verb on all ranks; only rank 0 prints. */
static int run_collective(const cli_verb *chosen, int argc, char **argv) {
  /* For Open MPI, ignored by others: its own parallel I/O silently loses data when a disk is full,
   * ROMIO does not; its one-sided communication by RDMA fails where nodes are connected by TCP. */
  setenv("OMPI_MCA_io", "romio321", 0);
  setenv("OMPI_MCA_osc", "^rdma", 0);
  /* UCX, through which Open MPI may send, handles signals of crashes by functions that allocate
   * memory: a crash within malloc would then hang and not end the job. */
  setenv("UCX_HANDLE_ERRORS", "none", 0);
  if (chosen->prepare) chosen->prepare();
  /* Open MPI maps up to 215 MiB, and crashes where it cannot. */
  if (ls_memory_check(224 << 20, "MPI") != LS_OK) return finish(LS_FAILED, true);
  int provided = 0; /* the watchdog is a thread, which makes no MPI calls */
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
    ls_print(stderr, "lockstep: MPI cannot start\n");
    return 1;
  }
  atexit(report_exit);
  ls_group world;
  int status = ls_group_create(&world, MPI_COMM_WORLD, 0);
  if (status == LS_OK) status = launch_check_world(&world);
  if (status == LS_OK) status = ls_group_agree(&world, ls_kernels_check());
  if (status == LS_OK) status = chosen->collective(argc, argv, &world);
  verb_returned = true;
  int code = finish(status, launch_prints(&world)), stuck = ls_h5_left_open();
  int agreed = ls_group_max_int(&world, &stuck, 1);
  if (agreed != LS_OK && code == 0) code = finish(agreed, launch_prints(&world));
  if (stuck) _exit(code);
  ls_group_free(&world);
  MPI_Finalize();
  return code;
}

/* Runs a verb that needs no MPI, or prints help. */
static int run_local(const char *word, const cli_verb *chosen, int argc, char **argv) {
  if (!is_first()) return 0;
  if (chosen) {
    int status = ls_kernels_check();
    return finish(status == LS_OK ? chosen->local(argc, argv) : status, true);
  }
  if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0) {
    print_help(stdout);
  } else if (strcmp(word, "--version") == 0) {
    ls_print(stdout, "lockstep %s\n", LS_VERSION);
  } else if (*word) {
    return ls_exit_status(print_unknown(word));
  } else {
    print_help(stderr);
    return ls_exit_status(LS_INVALID);
  }
  return finish(LS_OK, true);
}

int ls_main(int argc, char **argv) {
  hold_standard_streams();
  signal(SIGXFSZ, SIG_IGN); /* a file beyond `ulimit -f` is then an error as any other */
  ls_compute_configure(argv);
  const char *word = argc > 1 ? argv[1] : "";
  const cli_verb *chosen = NULL;
  for (size_t i = 0; i < cli_verb_count; i++) {
    if (strcmp(word, cli_verbs[i]->name) == 0) chosen = cli_verbs[i];
  }
  if (!chosen) return run_local(word, NULL, argc, argv);
  static char name[64];
  snprintf(name, sizeof name, "lockstep %s", word);
  argv[1] = name;
  return chosen->local ? run_local(word, chosen, argc - 1, argv + 1)
                       : run_collective(chosen, argc - 1, argv + 1);
}
