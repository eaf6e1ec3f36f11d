/* The layout of a job under Slurm. */
#include "cli/layout.h"

#include "base/slurm.h"
#include "cli/arguments.h"
#include "lockstep/error.h"

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

int layout_create(layout *l, const layout_request *r, const ls_job *job) {
  *l = (layout){0};
  ls_slice slice = {0, (size_t)r->slices};
  size_t trials = ls_job_trials(job), longest = 0;
  if (r->slices > trials) {
    return ls_fail(LS_INVALID, "submit: --array: %" PRIu64 " slices of %zu trials (expected fewer)",
                   r->slices, trials);
  }
  l->nodes = (size_t)r->nodes;
  l->ranks_per_node = r->ranks_per_node > 0 ? (size_t)r->ranks_per_node : ask_cores();
  if (l->ranks_per_node == 0) {
    return ls_fail(LS_INVALID,
                   "submit: sinfo does not report the number of cores of a node (expected "
                   "--ranks-per-node=N)");
  }
  size_t ranks = l->nodes * l->ranks_per_node;
  int status = ls_packing_create(&l->packing, job, ranks, 0, &slice, NULL, &longest);
  double slowness = 1;
  if (status == LS_OK) status = cli_measure_slowness(&slowness);
  if (status != LS_OK) return status;
  ls_packing_warn(&l->packing);
  l->trials = l->packing.count;
  l->seconds = l->packing.makespan * slowness;
  /* 512 MB are for the libraries. */
  l->megabytes = 512 + 128 * (unsigned)ceil(2 * l->packing.memory / (128 << 20));
  return choose_limit(l, r->time);
}

void layout_destroy(layout *l) {
  ls_packing_free(&l->packing);
}
