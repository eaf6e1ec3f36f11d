/* How the ranks of a node have a job's datasets while it runs, and what that takes; for `check` and
 * the memory that is requested of Slurm. Local. */
#ifndef LS_RUN_NODE_DATA_H
#define LS_RUN_NODE_DATA_H

#include "data/node_samples.h"
#include "run/packing.h"

/* One dataset of a job. */
typedef struct ls_node_data {
  const char *path;        /* borrowed from the packing */
  bool exchanged;          /* each rank keeps a part, and all exchange samples in every epoch */
  ls_node_storage storage; /* otherwise: the parts that are used, together */
  double window;           /* bytes of inputs that are shuffled together; 0: all */
  double memory;           /* bytes on a node with `ranks` ranks that are used all the time */
} ls_node_data;

/* Describes dataset number `index` of the packing on a node with `ranks` ranks. LS_INVALID if its
 * file cannot be opened. */
int ls_node_data_describe(ls_node_data *out, const ls_job *job, const ls_packing *packing,
                          size_t index, size_t ranks);

/* Sets *bytes to the memory on a node of all datasets. */
int ls_node_data_memory(double *bytes, const ls_job *job, const ls_packing *packing, size_t ranks);

/* How many ranks read a dataset together on a node with `ranks` ranks: those of the node, or those
 * of the trial if samples are exchanged. */
size_t ls_node_data_readers(const ls_packing *packing, size_t ranks);

#endif
