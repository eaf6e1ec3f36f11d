/* The layout of a job under Slurm: nodes, ranks, groups of ranks, memory and time limit. Local. */
#ifndef LS_CLI_LAYOUT_H
#define LS_CLI_LAYOUT_H

#include "cli/nodes.h"
#include "run/packing.h"

/* What the user asks for. */
typedef struct layout_request {
  cli_nodes nodes;         /* nodes, and the network between them */
  uint64_t ranks_per_node; /* 0: the number of cores of a node, by sinfo */
  uint64_t slices;         /* jobs of an array, each with a slice of the trials; 0: one job */
  const char *time;        /* limit, in a format of sbatch; NULL: by the estimate */
} layout_request;

typedef struct layout {
  size_t nodes, ranks_per_node, trials; /* of one Slurm job */
  bool advised;                         /* ranks per trial are fewer than `run` would choose */
  ls_packing packing;
  double seconds;     /* estimated, at this machine's speed */
  double limit;       /* seconds; may be infinite */
  char time[32];      /* the same, for sbatch */
  double warning;     /* seconds before the limit */
  size_t runs;        /* allocations that it will take */
  unsigned megabytes; /* per rank */
} layout;

/* Estimates the job, and chooses what the request leaves open. Prints warnings. LS_INVALID if the
 * request cannot be met. */
int layout_create(layout *layout, const layout_request *request, const ls_job *job);

void layout_destroy(layout *layout);

#endif
