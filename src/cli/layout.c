/* The layout of a job under Slurm. */
#include "cli/layout.h"

#include "base/print.h"
#include "base/slurm.h"
#include "cli/arguments.h"
#include "lockstep/error.h"
#include "run/node_data.h"
#include "run/reading.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Number of cores of the smallest node; 0 if sinfo does not report it. */
static size_t ask_cores(void) {
  FILE *output = popen("timeout 20 sinfo -h -o '%X %Y' 2>/dev/null", "r");
  char line[64];
  size_t least = 0;
  while (output && fgets(line, sizeof line, output)) {
    unsigned long sockets = 0, cores = 0;
    if (sscanf(line, "%lu%*[+ ]%lu", &sockets, &cores) != 2) continue;
    if (least == 0 || sockets * cores < least) least = sockets * cores;
  }
  if (output) pclose(output);
  return least;
}

/* "1-02:30:00" */
static void format_time(char out[32], double seconds) {
  unsigned long s = (unsigned long)seconds;
  int length = s >= 86400 ? snprintf(out, 32, "%lu-", s / 86400) : 0;
  snprintf(out + length, 32 - (size_t)length, "%02lu:%02lu:%02lu", s / 3600 % 24, s / 60 % 60,
           s % 60);
}

/* The given limit, or twice the estimate plus 5 minutes, rounded up to 5 minutes, at most a day:
 * the next run resumes what is not done. */
static int choose_limit(layout *l, const char *asked) {
  if (!asked) {
    l->limit = fmin(300 * ceil((2 * l->seconds + 300) / 300), 86400);
  } else {
    l->limit = ls_slurm_duration(asked);
    if (!(l->limit >= 60)) {
      return ls_fail(LS_INVALID,
                     "submit: --time: '%s' (expected a minute or more, as MINUTES, "
                     "HOURS:MINUTES:SECONDS, DAYS-HOURS, ...)",
                     asked);
    }
  }
  if (isfinite(l->limit)) {
    format_time(l->time, l->limit);
    l->warning = fmin(120, floor(l->limit / 4));
    l->runs = (size_t)ceil(l->seconds / (l->limit - l->warning));
  } else {
    snprintf(l->time, sizeof l->time, "UNLIMITED");
    l->warning = 120;
    l->runs = 1;
  }
  return LS_OK;
}

/* Sets the nodes and the ranks of each. */
static int choose_ranks(layout *l, const layout_request *r) {
  l->nodes = (size_t)r->nodes.nodes;
  l->ranks_per_node = r->ranks_per_node > 0 ? (size_t)r->ranks_per_node : ask_cores();
  if (l->ranks_per_node > 0) return cli_check_nodes(&r->nodes, l->ranks_per_node);
  return ls_fail(LS_INVALID,
                 "submit: sinfo does not report the number of cores of a node (expected "
                 "--ranks-per-node=N)");
}

static int pack(layout *l, const layout_request *r, const ls_job *job, size_t ranks_per_trial) {
  ls_slice slice = {0, (size_t)r->slices};
  ls_packing_free(&l->packing);
  return ls_packing_create(&l->packing, job, l->nodes * l->ranks_per_node, ranks_per_trial, &slice);
}

/* Leaves out nodes, and ranks of the last one, that get no trial with that number of ranks for
 * each.
 */
static void leave_out_idle(layout *l, size_t ranks_per_trial) {
  size_t ranks = l->packing.count * ranks_per_trial;
  size_t nodes = (ranks + l->ranks_per_node - 1) / l->ranks_per_node;
  if (nodes < l->nodes) l->nodes = nodes;
  if (ranks < l->ranks_per_node) l->ranks_per_node = ranks;
}

/* Where the job leaves the ranks of a trial open, bounds them by the number that `check --nodes`
 * advises. */
static int follow_advice(layout *l, const layout_request *r, const ls_job *job) {
  size_t advised = 0, asked = l->nodes * l->ranks_per_node;
  if (ls_job_ranks_per_trial(job) > 0 || l->packing.ranks_per_trial == 1) return LS_OK;
  int status = cli_advise_ranks(&advised, &r->nodes, job, l->ranks_per_node);
  if (status != LS_OK || advised >= l->packing.ranks_per_trial) return status;
  l->advised = true;
  leave_out_idle(l, advised);
  if (l->nodes * l->ranks_per_node < asked) {
    ls_print(stderr,
             "lockstep: warning: submit: requests %zu of %zu ranks: with more than %zu per trial "
             "their efficiency is below 80 %% (see 'lockstep check --nodes'; "
             "sweep.ranks_per_trial sets another number)\n",
             l->nodes * l->ranks_per_node, asked, advised);
  }
  return pack(l, r, job, advised);
}

int layout_create(layout *l, const layout_request *r, const ls_job *job) {
  double slowness = 1, reading = 0, data = 0;
  *l = (layout){0};
  if (r->slices > ls_job_trials(job)) {
    return ls_fail(LS_INVALID, "submit: --array: %" PRIu64 " slices of %zu trials (expected fewer)",
                   r->slices, ls_job_trials(job));
  }
  int status = choose_ranks(l, r);
  if (status == LS_OK) status = pack(l, r, job, 0);
  if (status == LS_OK) status = follow_advice(l, r, job);
  if (status == LS_OK) status = cli_measure_slowness(&slowness);
  if (status == LS_OK) {
    size_t readers = ls_node_data_readers(&l->packing, l->ranks_per_node);
    status = ls_measure_reading(&reading, job, readers);
  }
  if (status == LS_OK) status = ls_node_data_memory(&data, job, &l->packing, l->ranks_per_node);
  if (status != LS_OK) return status;
  ls_packing_warn(&l->packing);
  l->trials = l->packing.count;
  l->seconds = l->packing.makespan * slowness + reading;
  /* 512 MB are for the libraries. */
  const double memory = l->packing.memory + data / (double)l->ranks_per_node;
  l->megabytes = 512 + 128 * (unsigned)ceil(2 * memory / (128 << 20));
  return choose_limit(l, r->time);
}

void layout_destroy(layout *l) {
  ls_packing_free(&l->packing);
}
