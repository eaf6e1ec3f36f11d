/* Digests of the datasets and the weights of trials. */
#include "trial/digests.h"

#include "base/partition.h"
#include "data/digest.h"
#include "data/digest_cache.h"
#include "data/groups.h"
#include "data/members.h"
#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

/* Adds up the ranks' sums modulo 2^64. As halves of 32 bits they are exact as doubles. */
static int sum_over_ranks(uint64_t *sums, size_t count, const ls_group *group) {
  double halves[2 * LS_MAX_MEMBERS];
  for (size_t i = 0; i < count; i++) {
    halves[2 * i] = (double)(sums[i] & UINT32_MAX);
    halves[2 * i + 1] = (double)(sums[i] >> 32);
  }
  int status = ls_group_sum(group, halves, 2 * count);
  for (size_t i = 0; i < count; i++) {
    sums[i] = (uint64_t)halves[2 * i] + ((uint64_t)halves[2 * i + 1] << 32);
  }
  return status;
}

static int add_target(ls_digests *digests, const ls_plan *plan, ls_part part, size_t k,
                      uint64_t sum) {
  const ls_dataset_target *target = &plan->dataset->targets[k];
  char path[MEMBER_PATH], member[MEMBER_PATH + 20];
  member_of_target(path, part, target->name);
  snprintf(member, sizeof member, "/%s", path);
  ls_digest digest = {ls_plan_dataset_name(plan), member, plan->dataset->count[part], sum};
  int status = ls_digests_add(digests, &digest);
  if (status != LS_OK || target->classes == 0 || part != LS_TRAIN) return status;
  digest.count = (uint64_t)target->classes;
  snprintf(member, sizeof member, "/%s:class_names", path);
  status = ls_dataset_digest_class_names(plan->dataset, k, &digest.hash);
  return status == LS_OK ? ls_digests_add(digests, &digest) : status;
}

/* The groups by which the plan's validation is chosen. */
static int add_groups(ls_digests *digests, const ls_plan *plan) {
  const ls_choice *validation = &plan->recipe.dataset.validation;
  if (validation->type != &ls_validation_group) return LS_OK;
  const size_t count = plan->dataset->count[LS_TRAIN];
  const char *name = ((const ls_validation_group_args *)validation->args)->group;
  char member[MEMBER_PATH + 20];
  int64_t *values = ls_new(count, sizeof *values);
  int status = values ? ls_dataset_groups(plan->dataset, name, values) : LS_FAILED;
  if (status == LS_OK) {
    snprintf(member, sizeof member, "/train:group %s", name);
    status = ls_digests_add(digests, &(ls_digest){ls_plan_dataset_name(plan), member, count,
                                                  XXH3_64bits(values, count * sizeof *values)});
  }
  free(values);
  return status;
}

static int add_members(ls_digests *digests, const ls_plan *plan, ls_part part,
                       const uint64_t *sums) {
  const ls_dataset *d = plan->dataset;
  char path[MEMBER_PATH], member[MEMBER_PATH + 1];
  member_of_input(path, part);
  snprintf(member, sizeof member, "/%s", path);
  const ls_digest digest = {ls_plan_dataset_name(plan), member, d->count[part],
                            ls_dataset_digest_inputs(d, sums[0])};
  int status = ls_digests_add(digests, &digest);
  for (size_t k = 0; k < d->target_count && status == LS_OK; k++) {
    status = add_target(digests, plan, part, k, sums[1 + k]);
  }
  for (size_t k = 0; k < d->weight_count && status == LS_OK; k++) {
    if (!d->weights[k].stored[part]) continue;
    member_of_weight(path, part, d->weights[k].name);
    snprintf(member, sizeof member, "/%s", path);
    status = ls_digests_add(digests, &(ls_digest){ls_plan_dataset_name(plan), member,
                                                  d->count[part], sums[1 + d->target_count + k]});
  }
  return status == LS_OK && part == LS_TRAIN ? add_groups(digests, plan) : status;
}

/* Collective: the sums of a part, of which each rank reads 1/P. */
static int sum_part(uint64_t *sums, const ls_plan *plan, ls_part part, const ls_group *group) {
  const ls_dataset *d = plan->dataset;
  size_t ranks = (size_t)group->size, rank = (size_t)group->rank;
  size_t first = ls_partition_begin(d->count[part], ranks, rank);
  size_t end = ls_partition_begin(d->count[part], ranks, rank + 1);
  int status = ls_group_agree(group, ls_dataset_digest_samples(d, part, first, end - first, sums));
  return status == LS_OK ? sum_over_ranks(sums, 1 + d->target_count + d->weight_count, group)
                         : status;
}

/* Collective: the sums of all parts, read from the dataset, and kept if that is possible. */
static int sum_parts(digest_sums *all, const digest_key *key, bool keeps, const ls_plan *plan,
                     const ls_group *group) {
  int status = LS_OK;
  *all = (digest_sums){0};
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (plan->dataset->count[part] == 0) continue;
    status = sum_part(all->sums[part], plan, (ls_part)part, group);
  }
  if (status == LS_OK && keeps && group->rank == 0) digest_cache_keep(all, key, plan->dataset);
  return status;
}

/* Collective: looks for sums of an earlier run. They are used only if all ranks see the same file.
 */
static int find_sums(digest_sums *all, digest_key *key, bool *keeps, bool *found,
                     const ls_plan *plan, const ls_group *group) {
  const bool own = digest_cache_key(key, plan->dataset);
  bool same = false;
  int status = ls_group_same(group, own ? digest_cache_hash(key) : (uint64_t)group->rank, &same);
  *keeps = own && same;
  *found = status == LS_OK && *keeps && group->rank == 0 && digest_cache_find(all, key);
  return status == LS_OK ? ls_group_broadcast(group, found, sizeof *found, 0) : status;
}

int ls_digests_add_part(ls_digests *digests, const ls_plan *plan, ls_part part) {
  const ls_dataset *d = plan->dataset;
  digest_sums all = {0};
  digest_key key;
  int status = LS_OK;
  if (!digest_cache_key(&key, d) || !digest_cache_find(&all, &key)) {
    status = ls_dataset_digest_samples(d, part, 0, d->count[part], all.sums[part]);
  }
  return status == LS_OK ? add_members(digests, plan, part, all.sums[part]) : status;
}

int ls_digests_add_dataset(ls_digests *digests, const ls_plan *plan, const ls_group *group) {
  digest_sums all = {0};
  digest_key key;
  bool keeps = false, found = false;
  int status = find_sums(&all, &key, &keeps, &found, plan, group);
  if (status == LS_OK && !found) status = sum_parts(&all, &key, keeps, plan, group);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK && group->rank == 0; part++) {
    if (plan->dataset->count[part] == 0) continue;
    status = add_members(digests, plan, (ls_part)part, all.sums[part]);
  }
  return ls_group_agree(group, status);
}

/* Whether the list lacks weights that the model takes from files. */
static bool lacks_weights(const ls_digests *digests, const ls_model *model) {
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    const char *file = ls_model_file_of(layer);
    if (file && !ls_digests_find(digests, file, layer->name)) return true;
  }
  return false;
}

int ls_digests_add_weights(ls_digests *digests, const ls_plan *plan) {
  const ls_model *model = plan->model;
  if (!lacks_weights(digests, model)) return LS_OK;
  ls_real *weights = ls_new(model->param_count, sizeof *weights);
  int status = weights ? ls_model_file_read_layers(model, plan->recipe.folder, weights) : LS_FAILED;
  for (size_t i = 0; i < model->layer_count && status == LS_OK; i++) {
    const ls_layer *layer = &model->layers[i];
    const char *file = ls_model_file_of(layer);
    if (!file || ls_digests_find(digests, file, layer->name)) continue;
    uint64_t hash = 0, count = 0;
    for (size_t k = 0; k < layer->param_count; k++) {
      const ls_param *p = &layer->params[k];
      hash += XXH3_64bits_withSeed(weights + p->offset, p->count * sizeof *weights, k);
      count += p->count;
    }
    status = ls_digests_add(digests, &(ls_digest){file, layer->name, count, hash});
  }
  free(weights);
  return status;
}
