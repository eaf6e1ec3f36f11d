/* lockstep run: trains everything that a job describes. */
#include "run/run.h"
#include "base/clock.h"
#include "base/exit_status.h"
#include "base/memory.h"
#include "base/print.h"
#include "base/slurm.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/launch.h"
#include "cli/named_data.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "store/results/results.h"
#include "trial/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef struct request {
  cli_job job;
  const char *results; /* NULL: results/NAME.h5 */
  const char *progress;
  const char *status; /* file for the exit status; NULL: none */
  const char *adopt;  /* results file to take over trials from; NULL: none */
  ls_slice slice;
  ls_interval every;
  double watchdog;
  bool profile, merge;
  ls_regroup spread;
} request;

enum option_key {
  KEY_RESULTS = 'o',
  KEY_PROGRESS = 256,
  KEY_SPREAD,
  KEY_PROFILE,
  KEY_EVERY,
  KEY_WATCHDOG,
  KEY_STATUS,
  KEY_SLICE,
  KEY_MERGE,
  KEY_ADOPT
};

static const struct argp_option options[] = {
    {"output", KEY_RESULTS, "FILE", 0, "Results file (results/NAME.h5)", 0},
    CLI_SET_OPTION,
    {"progress", KEY_PROGRESS, "auto|live|lines|none", 0,
     "Progress display (auto: live on a terminal, lines elsewhere)", 0},
    {"spread", KEY_SPREAD, "auto|always|never", 0,
     "Whether ranks without a trial join the groups of running trials (auto: where each rank has a "
     "core)",
     0},
    {"profile", KEY_PROFILE, NULL, 0,
     "Print at the end of each trial how the time of its steps is distributed over layers and "
     "phases",
     0},
    {"checkpoint-every", KEY_EVERY, "TIME", 0,
     "Checkpoint interval, such as 60s, 500steps or 1epoch (30s, or longer to keep checkpoints "
     "within 1 % of the time)",
     0},
    {"watchdog", KEY_WATCHDOG, "SECONDS", 0,
     "End the job when a rank makes no progress for this time (60; 0: never)", 0},
    {"slice", KEY_SLICE, "I/N", 0, "Run only every N-th trial, starting with the I-th", 0},
    {"merge", KEY_MERGE, NULL, 0, "Merge the results of all slices; train nothing", 0},
    {"adopt", KEY_ADOPT, "FILE", 0,
     "Take over trials of the job, with their models, from another results file", 0},
    {"status", KEY_STATUS, "FILE", 0, "Write the exit status to FILE at the end", 0},
    {0},
};

/* I/N, from 1. */
static int parse_slice(ls_slice *slice, const char *text) {
  unsigned long index = 0, count = 0;
  int length = 0;
  bool read = sscanf(text, "%6lu/%6lu%n", &index, &count, &length) == 2 && text[length] == '\0';
  if (!read || index < 1 || index > count) {
    return ls_fail(LS_INVALID, "run: --slice: '%s' (expected I/N, such as 1/4 to 4/4)", text);
  }
  *slice = (ls_slice){index - 1, count};
  return LS_OK;
}

static int read_watchdog(double *out, const char *text) {
  uint64_t seconds = 0;
  int status = cli_number(&seconds, "run: --watchdog", text, 0, 1000000);
  *out = (double)seconds;
  return status;
}

static int read_spread(ls_regroup *out, const char *text) {
  static const char *const words[] = {"auto", "always", "never"};
  for (int i = 0; i < 3; i++) {
    *out = (ls_regroup)i;
    if (strcmp(text, words[i]) == 0) return LS_OK;
  }
  return ls_fail(LS_INVALID, "run: --spread: '%s' (expected auto, always or never)", text);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_RESULTS:
    r->results = value;
    return 0;
  case KEY_PROGRESS:
    r->progress = value;
    return 0;
  case KEY_PROFILE:
    r->profile = true;
    return 0;
  case KEY_SPREAD:
    return cli_parsed(read_spread(&r->spread, value));
  case KEY_EVERY:
    return cli_parsed(ls_interval_read(&r->every, "run: --checkpoint-every", value));
  case KEY_WATCHDOG:
    return cli_parsed(read_watchdog(&r->watchdog, value));
  case KEY_SLICE:
    return cli_parsed(parse_slice(&r->slice, value));
  case KEY_MERGE:
    r->merge = true;
    return 0;
  case KEY_ADOPT:
    r->adopt = value;
    return 0;
  case KEY_STATUS:
    r->status = value;
    return 0;
  default:
    return cli_parse_job(&r->job, key, value, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "JOB.yaml",
    .doc = "Train everything that the job describes, alone or under mpirun or srun.\vTrials that "
           "the results file already holds are not trained again. Exit status: 0 done, 1 a trial "
           "failed, 2 the command line, the job or its data is wrong, 75 interrupted: run the same "
           "command again to resume."};

/* ---- Signals --------------------------------------------------------------------------------- */

static volatile sig_atomic_t stopping;

static void on_signal(int number) {
  (void)number;
  stopping = 1;
}

static void catch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sigaction(numbers[i], &action, NULL);
  }
  /* A launcher that ends the job closes our output first: what is written then is lost, no more. */
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
}

/* Collective: seconds until the allocation ends. */
static int find_time_left(double *left, const ls_group *world) {
  if (world->rank == 0) *left = ls_time_left();
  return ls_group_broadcast(world, left, sizeof *left, 0);
}

/* ---- Progress -------------------------------------------------------------------------------- */

/* Opens the terminal that standard output ends at, or returns -1. Under mpirun standard output is a
 * pseudo-terminal of mpirun, so mpirun's own standard output decides. */
static int open_terminal(void) {
  char path[64];
  if (getenv("OMPI_COMM_WORLD_SIZE")) {
    snprintf(path, sizeof path, "/proc/%ld/fd/1", (long)getppid());
  } else {
    snprintf(path, sizeof path, "/proc/self/fd/1");
  }
  int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  if (fd >= 0 && !isatty(fd)) {
    close(fd);
    fd = -1;
  }
  return fd;
}

static int choose_progress(ls_run_options *out, const char *asked) {
  static const char *const words[] = {"auto", "live", "lines", "none"};
  int terminal = open_terminal();
  struct winsize size = {0};
  if (terminal >= 0) {
    ioctl(terminal, TIOCGWINSZ, &size);
    close(terminal);
  }
  out->width = size.ws_col > 0 ? size.ws_col : 100;
  out->height = size.ws_row > 1 ? size.ws_row - 1 : 0;
  out->progress = terminal >= 0 ? LS_PROGRESS_LIVE : LS_PROGRESS_LINES;
  if (!asked || strcmp(asked, words[0]) == 0) return LS_OK;
  if (strcmp(asked, words[1]) == 0) {
    out->progress = LS_PROGRESS_LIVE;
  } else if (strcmp(asked, words[2]) == 0) {
    out->progress = LS_PROGRESS_LINES;
  } else if (strcmp(asked, words[3]) == 0) {
    out->progress = LS_PROGRESS_NONE;
  } else {
    return ls_fail(LS_INVALID, "run: --progress: '%s' (expected auto, live, lines or none)", asked);
  }
  return LS_OK;
}

/* Collective: rank 0's choice for all. */
static int agree_on_progress(ls_run_options *out, const char *asked, const ls_group *world) {
  int status = ls_group_agree(world, choose_progress(out, asked));
  if (status != LS_OK) return status;
  int choice[3] = {(int)out->progress, out->width, out->height};
  status = ls_group_broadcast(world, choice, sizeof choice, 0);
  out->progress = (ls_progress_mode)choice[0];
  out->width = choice[1];
  out->height = choice[2];
  return status;
}

/* ---- The verb -------------------------------------------------------------------------------- */

static void print_counts(const char *results, const ls_run_summary *s) {
  ls_print(stdout, "%s: %zu of %zu trials done", results, s->done, s->trials);
  if (s->already > 0) ls_print(stdout, " (%zu before)", s->already);
  if (s->diverged > 0) ls_print(stdout, ", %zu diverged", s->diverged);
  if (s->failed > 0) ls_print(stdout, ", %zu failed", s->failed);
  if (s->pruned > 0) ls_print(stdout, ", %zu pruned", s->pruned);
  if (s->waiting > 0) ls_print(stdout, ", %zu to go", s->waiting);
}

static void print_summary(const char *results, const ls_run_summary *s) {
  char time[32];
  ls_clock_duration(time, s->seconds);
  print_counts(results, s);
  ls_print(stdout, " in %s\n", time);
}

/* Collective. */
static int train(const ls_job *job, ls_run_options *sweep, const ls_group *world) {
  ls_run_summary summary = {0};
  int status = launch_check(job, world);
  if (status == LS_OK) status = find_time_left(&sweep->seconds_left, world);
  if (status == LS_OK) status = ls_group_agree(world, ls_compute_start());
  if (status != LS_OK) return status;
  status = ls_run_job(job, sweep, world, &summary);
  bool started = summary.trials > 0 && world->rank == 0;
  if (started && sweep->progress != LS_PROGRESS_NONE) print_summary(sweep->results, &summary);
  return status;
}

/* On one rank. */
static int merge(const ls_job *job, const char *results, const char *command) {
  size_t counts[LS_TRIAL_STATES] = {0}, slices = 0;
  int status = ls_results_merge(results, job, command, counts, &slices);
  if (status != LS_OK) return status;
  ls_run_summary summary = {
      .trials = ls_job_trials(job),
      .done = counts[LS_TRIAL_DONE] + counts[LS_TRIAL_STOPPED_EARLY],
      .diverged = counts[LS_TRIAL_DIVERGED],
      .failed = counts[LS_TRIAL_FAILED],
      .pruned = counts[LS_TRIAL_PRUNED],
      .waiting = counts[LS_TRIAL_PENDING] + counts[LS_TRIAL_RUNNING],
  };
  print_counts(results, &summary);
  ls_print(stdout, " in %zu slices\n", slices);
  return LS_OK;
}

static int check_options(const request *r) {
  if (!r->adopt || (r->slice.count == 0 && !r->merge)) return LS_OK;
  return ls_fail(LS_INVALID, "run: --adopt goes with the whole job (expected no --slice or "
                             "--merge)");
}

/* Collective: runs the command line that has been read. */
static int run(const request *r, char *command, const ls_group *world) {
  ls_job *job = NULL;
  ls_run_options sweep = {.command = command,
                          .stop_signal = &stopping,
                          .regroup = r->spread,
                          .profile = r->profile,
                          .checkpoint_every = r->every,
                          .watchdog = r->watchdog,
                          .adopt = r->adopt,
                          .slice = r->slice};
  char *models = NULL, *results = NULL; /* of the whole job, of this run */
  int status = check_options(r);
  if (status == LS_OK) status = agree_on_progress(&sweep, r->progress, world);
  if (status == LS_OK) status = cli_read_job(&job, &r->job, world);
  if (status == LS_OK) status = cli_make_named_data(job, world);
  if (status == LS_OK) {
    status = ls_group_agree(world, cli_results_path(&models, job, r->results));
  }
  if (status == LS_OK) {
    bool slice = r->slice.count > 0;
    results =
        slice ? ls_results_slice(models, r->slice.index, r->slice.count) : ls_copy_text(models);
    status = ls_group_agree(world, results ? LS_OK : LS_FAILED);
  }
  if (status == LS_OK && r->merge) {
    status = ls_group_agree(world, world->rank == 0 ? merge(job, models, command) : LS_OK);
  } else if (status == LS_OK) {
    sweep.results = results;
    sweep.models = models;
    status = train(job, &sweep, world);
  }
  free(results);
  free(models);
  ls_job_free(&job);
  return status;
}

/* Collective: rank 0 writes the exit status to a file after all ranks have finished, because a job
 * script can't rely on the status of the launcher. */
static int write_status(const char *path, int status, const ls_group *world) {
  if (ls_group_agree(world, LS_OK) != LS_OK) return LS_FAILED;
  if (world->rank != 0) return status;
  FILE *file = fopen(path, "w");
  bool written = file && fprintf(file, "%d\n", ls_exit_status(status)) > 0;
  if (file && fclose(file) != 0) written = false;
  return written || status != LS_OK
             ? status
             : ls_fail(LS_FAILED, "%s: cannot write the status: %s", path, strerror(errno));
}

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {.watchdog = 60};
  bool helped = false;
  char *command = cli_command_line(argc, argv);
  int status = command ? cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped) : LS_FAILED;
  if (status == LS_OK && !helped) status = run(&r, command, world);
  if (r.status && !helped) status = write_status(r.status, status, world);
  free(command);
  free(r.job.sets);
  return status;
}

const cli_verb cli_verb_run = {
    .name = "run",
    .purpose = "train everything a job describes",
    .parser = &parser,
    .collective = execute,
    .prepare = catch_signals,
};
