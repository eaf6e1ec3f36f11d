/* Sharing the datasets of a job among the ranks of a node. */
#include "run/job_data.h"

#include "base/activity.h"
#include "base/memory.h"
#include "base/node_memory.h"
#include "base/partition.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct job_dataset {
  ls_dataset *dataset;
  ls_node_samples *parts[LS_PART_COUNT];
} job_dataset;

/* Collective over `node`. */
static int share(job_dataset *d, const ls_plan *plan, const ls_group *node) {
  const ls_peers peers = ls_group_peers(node, false);
  int status = ls_dataset_open_as(&d->dataset, plan->dataset->path, plan->dataset->allow_external);
  status = ls_group_agree(node, status);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (!ls_plan_uses(plan, (ls_part)part)) continue;
    status = ls_node_samples_create(&d->parts[part], d->dataset, (ls_part)part, &peers);
  }
  return status;
}

/* Collective: shares the dataset of a trial. */
static int add_dataset(job_data *data, const ls_job *job, size_t trial, const ls_group *world,
                       const ls_group *node) {
  ls_plan *plan = NULL;
  int status = ls_group_broadcast(world, &trial, sizeof trial, 0);
  if (status == LS_OK) status = ls_group_agree(world, ls_plan_create(&plan, job, trial));
  if (status == LS_OK) {
    status = ls_group_agree(world, share(&data->datasets[data->count++], plan, node));
  }
  ls_plan_free(&plan);
  return status;
}

/* Asks for the parts of all datasets to be read, 1/P by each rank of a node, as the first epoch
 * will need them; in the order in which they are stored, which is the fastest. If they don't fit in
 * memory they are read when they are used. */
static void read_ahead(const job_data *data, const ls_group *node) {
  const size_t ranks = (size_t)node->size, rank = (size_t)node->rank;
  size_t bytes = 0;
  for (size_t i = 0; i < data->count; i++) {
    const ls_dataset *d = data->datasets[i].dataset;
    for (int part = 0; part < LS_PART_COUNT; part++) bytes += d->count[part] * d->input_bytes;
  }
  if (bytes > ls_node_memory() / 2) return;
  for (size_t i = 0; i < data->count; i++) {
    const job_dataset *d = &data->datasets[i];
    for (int part = 0; part < LS_PART_COUNT; part++) {
      const size_t count = d->dataset->count[part];
      if (!d->parts[part]) continue;
      ls_node_samples_read_ahead(d->parts[part], ls_partition_begin(count, ranks, rank),
                                 ls_partition_begin(count, ranks, rank + 1));
    }
  }
}

/* Collective: shares all datasets among the ranks of `node`. */
static int share_all(job_data *data, const ls_job *job, const ls_dataset_list *list,
                     const ls_group *world, const ls_group *node) {
  size_t count = list->count;
  int status = ls_group_broadcast(world, &count, sizeof count, 0);
  if (status != LS_OK) return status;
  data->datasets = ls_new(count, sizeof *data->datasets);
  status = ls_group_agree(world, data->datasets ? LS_OK : LS_FAILED);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = add_dataset(data, job, world->rank == 0 ? list->trials[i] : 0, world, node);
  }
  if (status == LS_OK) read_ahead(data, node);
  return status;
}

int job_data_open(job_data *data, const ls_job *job, const ls_packing *packing,
                  const ls_group *world) {
  ls_group node = {.comm = MPI_COMM_NULL};
  ls_activity_phase(LS_PHASE_LOADING, 0, 0);
  int status = ls_group_agree(world, ls_group_create_node(&node, world->comm));
  int node_ranks = node.size;
  if (status == LS_OK) status = ls_group_max_int(world, &node_ranks, 1);
  bool shares = packing->shuffles_blocks || (size_t)node_ranks >= packing->ranks_per_trial;
  if (status == LS_OK && shares) {
    status = share_all(data, job, &packing->datasets, world, &node);
  }
  ls_group_free(&node);
  return status;
}

const ls_node_samples *job_data_find(const job_data *data, const char *path, ls_part part) {
  for (size_t i = 0; i < data->count; i++) {
    if (strcmp(data->datasets[i].dataset->path, path) == 0) return data->datasets[i].parts[part];
  }
  return NULL;
}

void job_data_close(job_data *data) {
  for (size_t i = 0; i < data->count; i++) {
    job_dataset *d = &data->datasets[i];
    for (int part = 0; part < LS_PART_COUNT; part++) ls_node_samples_free(&d->parts[part]);
    ls_dataset_free(&d->dataset);
  }
  free(data->datasets);
  *data = (job_data){0};
}
