/* Sums over the parts of datasets. */
#include "run/node_data.h"

#include "lockstep/error.h"

/* Whether a trial has more ranks than the node, which then exchange samples. */
static bool spans_nodes(const ls_packing *p, size_t ranks) {
  return p->ranks_per_trial > ranks && !p->shuffles_blocks;
}

size_t ls_node_data_readers(const ls_packing *p, size_t ranks) {
  return spans_nodes(p, ranks) ? p->ranks_per_trial : ranks;
}

static int add_parts(ls_node_storage *sum, double *records, const ls_plan *plan) {
  const ls_dataset *d = plan->dataset;
  int status = LS_OK;
  *sum = (ls_node_storage){.mapped = true};
  *records = 0;
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    ls_node_storage own = {0};
    if (!ls_plan_uses(plan, (ls_part)part)) continue;
    status = ls_node_samples_storage(&own, d, (ls_part)part);
    sum->mapped &= own.mapped;
    sum->inputs += own.inputs;
    sum->copied += own.copied;
    *records += (double)d->count[part] * (double)d->record_bytes;
  }
  return status;
}

/* Bytes of an exchange: each rank has its part of the records three times, as it keeps them, as it
 * sends them and as they arrive. */
static double exchange_memory(const ls_packing *p, double records, size_t ranks) {
  return 3 * records * (double)ranks / (double)p->ranks_per_trial;
}

/* Bytes of shared samples. Of inputs that are shuffled in windows two are used at a time by each of
 * the node's groups; those in the copy are counted with it. */
static double shared_memory(const ls_node_data *n, const ls_packing *p, size_t ranks) {
  const double mapped = n->storage.mapped ? n->storage.inputs : 0;
  const double groups = (double)((ranks + p->ranks_per_trial - 1) / p->ranks_per_trial);
  const double windows = 2 * n->window * groups;
  if (n->window == 0 || windows > n->storage.inputs) return mapped + n->storage.copied;
  const double targets = n->storage.copied - (n->storage.inputs - mapped);
  return windows + targets;
}

int ls_node_data_describe(ls_node_data *out, const ls_job *job, const ls_packing *p, size_t index,
                          size_t ranks) {
  ls_plan *plan = NULL;
  double records = 0;
  *out = (ls_node_data){.path = p->datasets.paths[index], .exchanged = spans_nodes(p, ranks)};
  int status = ls_plan_create(&plan, job, p->datasets.trials[index]);
  if (status == LS_OK) status = add_parts(&out->storage, &records, plan);
  if (status == LS_OK && ls_plan_shuffles_blocks(plan)) {
    out->window =
        (double)plan->recipe.dataset.shuffle_buffer_size * (double)plan->dataset->input_bytes;
  }
  out->memory = out->exchanged ? exchange_memory(p, records, ranks) : shared_memory(out, p, ranks);
  ls_plan_free(&plan);
  return status;
}

int ls_node_data_memory(double *bytes, const ls_job *job, const ls_packing *p, size_t ranks) {
  int status = LS_OK;
  *bytes = 0;
  for (size_t i = 0; i < p->datasets.count && status == LS_OK; i++) {
    ls_node_data one;
    status = ls_node_data_describe(&one, job, p, i, ranks);
    *bytes += one.memory;
  }
  return status;
}
