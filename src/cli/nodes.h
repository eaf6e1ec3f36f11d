/* The predicted time of a training step on several nodes, for `check --nodes` and `submit`. */
#ifndef LS_CLI_NODES_H
#define LS_CLI_NODES_H

#include "cli/arguments.h"

typedef struct cli_nodes {
  const char *verb;                          /* for messages */
  uint64_t nodes;                            /* 0: not asked for */
  const char *network, *latency, *bandwidth; /* as given, or NULL */
} cli_nodes;

/* The options, for a verb's table, and the part of its parser that reads them and --nodes; for
 * other keys ARGP_ERR_UNKNOWN. */
enum { CLI_KEY_NODES = 'N', CLI_KEY_NETWORK = 1100, CLI_KEY_LATENCY, CLI_KEY_BANDWIDTH };
#define CLI_NETWORK_OPTIONS                                                                         \
  {                                                                                                 \
      "network", CLI_KEY_NETWORK, "ethernet|infiniband", 0, "Network between the nodes (ethernet)", \
      0},                                                                                           \
      {"latency", CLI_KEY_LATENCY, "TIME", 0, "Latency of the network, such as 50us", 0}, {         \
    "bandwidth", CLI_KEY_BANDWIDTH, "RATE", 0, "Bandwidth of the network, such as 1Gbit", 0         \
  }
error_t cli_parse_nodes(cli_nodes *nodes, int key, const char *value);

/* LS_INVALID if the network is not understood or given without nodes, or ranks are too many; prints
 * nothing. */
int cli_check_nodes(const cli_nodes *nodes, uint64_t ranks);

/* Measures the steps of the job's first trial here, and prints their predicted times with `ranks`
 * on each node. */
int cli_print_nodes(const cli_nodes *nodes, const ls_job *job, size_t ranks);

/* The same measurement. Sets *advised to the number of ranks per trial that cli_print_nodes
 * advises: the most that have an efficiency of 80 %. */
int cli_advise_ranks(size_t *advised, const cli_nodes *nodes, const ls_job *job, size_t ranks);

#endif
