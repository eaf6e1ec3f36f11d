/* `lockstep check --nodes`: the predicted time of a training step on several nodes. */
#ifndef LS_CLI_NODES_H
#define LS_CLI_NODES_H

#include "cli/arguments.h"

typedef struct cli_nodes {
  uint64_t nodes;                            /* 0: not asked for */
  const char *network, *latency, *bandwidth; /* as given, or NULL */
} cli_nodes;

/* The options, for a verb's table, and the part of its parser that reads them; at the end of the
 * command line it refuses a network without nodes. For other keys ARGP_ERR_UNKNOWN. */
#define CLI_NODES_OPTIONS                                                                            \
  {"nodes", CLI_KEY_NODES, "N", 0, "Predict the time of a training step on up to N nodes", 0},       \
      {"network", CLI_KEY_NETWORK, "ethernet|infiniband", 0, "Network between the nodes (ethernet)", \
       0},                                                                                           \
      {"latency", CLI_KEY_LATENCY, "TIME", 0, "Latency of the network, such as 50us", 0}, {          \
    "bandwidth", CLI_KEY_BANDWIDTH, "RATE", 0, "Bandwidth of the network, such as 1Gbit", 0          \
  }
enum { CLI_KEY_NODES = 'N', CLI_KEY_NETWORK = 1100, CLI_KEY_LATENCY, CLI_KEY_BANDWIDTH };
error_t cli_parse_nodes(cli_nodes *nodes, int key, const char *value);

/* LS_INVALID if the network is not understood, or ranks are too many; prints nothing. */
int cli_check_nodes(const cli_nodes *nodes, uint64_t ranks);

/* Measures the steps of the job's first trial here and prints what they would be with `ranks` on
 * each node. */
int cli_print_nodes(const cli_nodes *nodes, const ls_job *job, size_t ranks);

#endif
