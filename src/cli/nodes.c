/* The predicted time of a training step on several nodes. */
#include "cli/nodes.h"

#include "base/print.h"
#include "bench/bench.h"
#include "lockstep/error.h"
#include "nn/compute.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RANKS = 65536 };
static const double wanted = 0.8; /* the efficiency that is advised for */

static int read_nodes(cli_nodes *n, const char *value) {
  char option[32];
  snprintf(option, sizeof option, "%s: --nodes", n->verb);
  return cli_number(&n->nodes, option, value, 1, 65536);
}

error_t cli_parse_nodes(cli_nodes *n, int key, const char *value) {
  switch (key) {
  case CLI_KEY_NODES:
    return cli_parsed(read_nodes(n, value));
  case CLI_KEY_NETWORK:
    n->network = value;
    return 0;
  case CLI_KEY_LATENCY:
    n->latency = value;
    return 0;
  case CLI_KEY_BANDWIDTH:
    n->bandwidth = value;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* ---- The network ----------------------------------------------------------------------------- */

typedef struct unit {
  const char *name;
  double size;
} unit;

/* A number above 0 with one of the units, which end with one without a name. */
static bool read_quantity(double *out, const char *text, const unit *units) {
  char *end = NULL;
  double number = strtod(text, &end);
  if (end == text || !(number > 0) || number > 1e12) return false;
  for (; units->name; units++) {
    if (strcmp(end, units->name) != 0) continue;
    *out = number * units->size;
    return true;
  }
  return false;
}

static int read_network(ls_network *out, const cli_nodes *n) {
  static const unit times[] = {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {0}};
  static const unit rates[] = {{"Mbit", 1e6 / 8}, {"Gbit", 1e9 / 8}, {"MB", 1e6}, {"GB", 1e9}, {0}};
  const char *all = NULL, *name = n->network ? n->network : "ethernet";
  const ls_network *known = ls_network_find(name, &all);
  if (!known) return ls_fail(LS_INVALID, "%s: --network: '%s' (expected %s)", n->verb, name, all);
  *out = *known;
  if (n->latency && !read_quantity(&out->latency, n->latency, times)) {
    return ls_fail(LS_INVALID, "%s: --latency: '%s' (expected a time such as 50us or 0.1ms)",
                   n->verb, n->latency);
  }
  if (n->bandwidth && !read_quantity(&out->bandwidth, n->bandwidth, rates)) {
    return ls_fail(LS_INVALID,
                   "%s: --bandwidth: '%s' (expected a rate such as 1Gbit, 100Mbit or 12GB)",
                   n->verb, n->bandwidth);
  }
  return LS_OK;
}

int cli_check_nodes(const cli_nodes *n, uint64_t ranks) {
  ls_network network;
  if (n->nodes * ranks > MOST_RANKS) {
    return ls_fail(LS_INVALID,
                   "%s: %" PRIu64 " nodes of %" PRIu64 " ranks (expected at most %d ranks)",
                   n->verb, n->nodes, ranks, MOST_RANKS);
  }
  if (n->nodes == 0 && (n->network || n->latency || n->bandwidth)) {
    return ls_fail(LS_INVALID,
                   "%s: --network, --latency and --bandwidth are between nodes "
                   "(expected --nodes=N with them)",
                   n->verb);
  }
  return n->nodes > 0 ? read_network(&network, n) : LS_OK;
}

/* ---- Measuring ------------------------------------------------------------------------------- */

/* What predictions are made from. */
typedef struct basis {
  ls_network network;
  ls_costs costs;
  ls_step step; /* of the first trial, on all nodes */
  size_t train_samples;
} basis;

static int measure(basis *b, const cli_nodes *n, const ls_job *job, size_t ranks) {
  ls_plan *plan = NULL;
  int status = read_network(&b->network, n);
  if (status == LS_OK) status = ls_plan_create(&plan, job, 0);
  if (status == LS_OK) status = ls_compute_start();
  if (status == LS_OK) status = ls_bench_costs(&b->costs, plan, plan->batch, 0.2);
  if (status == LS_OK) {
    b->train_samples = plan->split.train_count;
    b->step = (ls_step){.params = plan->model->param_count,
                        .batch = plan->batch,
                        .shards = plan->shards,
                        .nodes = (size_t)n->nodes,
                        .ranks = ranks};
  }
  ls_plan_free(&plan);
  return status;
}

static size_t advise(const basis *b) {
  return ls_predict_ranks(&b->costs, &b->network, &b->step, wanted);
}

int cli_advise_ranks(size_t *advised, const cli_nodes *n, const ls_job *job, size_t ranks) {
  basis b;
  int status = measure(&b, n, job, ranks);
  if (status == LS_OK) *advised = advise(&b);
  return status;
}

/* ---- Printing -------------------------------------------------------------------------------- */

static void print_row(const basis *b, const ls_step *step) {
  ls_step_time t = ls_predict_step(&b->costs, &b->network, step);
  size_t enough = ls_predict_batch(&b->costs, &b->network, step, wanted, b->train_samples);
  char batch[32] = "none";
  if (enough > 0) snprintf(batch, sizeof batch, "%zu", enough);
  ls_print(stdout, "%6zu %7zu %10.3f %10.3f %10.3f %10.3f %12.0f %9.1f %% %14s\n", step->nodes,
           step->nodes * step->ranks, t.total * 1e3, t.compute * 1e3, t.reduce * 1e3,
           t.update * 1e3, (double)step->batch / t.total,
           100 * ls_predict_efficiency(&b->costs, &b->network, step), batch);
}

static void print_all(const basis *b) {
  const ls_network *network = &b->network;
  ls_step step = b->step;
  ls_print(stdout,
           "\nstep of %zu samples of the first trial, as predicted from this machine's speed now; "
           "network: %s, %.3g us, %.3g Gbit/s\n",
           step.batch, network->name, network->latency * 1e6, network->bandwidth * 8e-9);
  ls_print(stdout, "%6s %7s %10s %10s %10s %10s %12s %11s %14s\n", "nodes", "ranks", "step ms",
           "compute", "reduce", "update", "samples/s", "efficiency", "batch for 80 %");
  for (size_t count = 1; count < 2 * b->step.nodes; count *= 2) {
    step.nodes = count < b->step.nodes ? count : b->step.nodes;
    print_row(b, &step);
  }
  ls_print(stdout,
           "advised: at most %zu ranks per trial for an efficiency of 80 %% with this batch\n",
           advise(b));
}

int cli_print_nodes(const cli_nodes *n, const ls_job *job, size_t ranks) {
  basis b;
  int status = measure(&b, n, job, ranks);
  if (status == LS_OK) print_all(&b);
  return status;
}
