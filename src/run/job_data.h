/* The samples of a job's datasets as all groups of ranks on a node have them: one copy for the
 * node, made before training starts. */
#ifndef LS_RUN_JOB_DATA_H
#define LS_RUN_JOB_DATA_H

#include "data/node_samples.h"
#include "run/packing.h"

/* Start from {0}. */
typedef struct job_data {
  struct job_dataset *datasets;
  size_t count;
} job_data;

/* Collective: shares the parts of each dataset that the packing lists on rank 0, as far as the
 * trial in the list uses them, among the ranks of each node; nothing where no node has as many
 * ranks as a trial, so that ranks exchange samples, unless blocks are shuffled. On error it is to
 * be closed as well. */
int job_data_open(job_data *data, const ls_job *job, const ls_packing *packing,
                  const ls_group *world);

/* Returns the samples of a part of the dataset file `path`; NULL if they are not shared. Local. */
const ls_node_samples *job_data_find(const job_data *data, const char *path, ls_part part);

/* Local. */
void job_data_close(job_data *data);

#endif
