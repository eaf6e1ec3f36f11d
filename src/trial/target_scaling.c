/* Scaling of targets: creating, fitting, saving, restoring. */
#include "trial/target_scaling.h"

#include "data/fit.h"
#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"

_Static_assert((int)LS_MOST_SCALINGS >= (int)LS_MAX_HEADS, "a scaling for each head");
_Static_assert((int)LS_MOST_LEARNT >= (int)LS_MAX_HEADS, "an entry for each head");

int target_scaling_create(target_scaling *out, const ls_recipe *recipe, const ls_model *model,
                          size_t samples) {
  *out = (target_scaling){.count = model->head_count};
  int status = LS_OK;
  for (size_t h = 0; h < model->head_count && status == LS_OK; h++) {
    if (!model->heads[h].spec.scales) continue;
    ls_choice choice = ls_recipe_objective(recipe, h)->target_scaling;
    const ls_choices chain = {&choice, 1};
    const ls_shape width = {1, {ls_shape_size(&model->heads[h].output)}};
    status = ls_transforms_create(&out->heads[h], &chain, &width, samples);
  }
  if (status != LS_OK) target_scaling_destroy(out);
  return status;
}

void target_scaling_destroy(target_scaling *scaling) {
  for (size_t h = 0; h < scaling->count; h++) ls_transforms_free(&scaling->heads[h]);
}

int target_scaling_fit(target_scaling *scaling, const ls_plan *plan, ls_pool *pool) {
  const ls_split *split = &plan->split;
  int status = LS_OK;
  for (size_t h = 0; h < scaling->count && status == LS_OK; h++) {
    if (!scaling->heads[h]) continue;
    status = ls_transforms_fit_target(scaling->heads[h], pool, split->train, split->train_count,
                                      plan->head_target[h]);
  }
  return status;
}

/* ---- Model files ----------------------------------------------------------------------------- */

int target_scaling_read(target_scaling *scaling, const char *path) {
  int status = LS_OK;
  for (size_t h = 0; h < scaling->count && status == LS_OK; h++) {
    if (!scaling->heads[h]) continue;
    const ls_transform *t = &scaling->heads[h]->items[0];
    status =
        ls_model_file_learnt_of_target(path, h, t->type->component.name, t->value_count, t->values);
    ls_transforms_set_ready(scaling->heads[h]);
  }
  return status;
}

int target_scaling_restore(target_scaling *scaling, const char *path, const ls_group *group) {
  int status = group->rank == 0 ? target_scaling_read(scaling, path) : LS_OK;
  status = ls_group_agree(group, status);
  for (size_t h = 0; h < scaling->count && status == LS_OK; h++) {
    if (!scaling->heads[h]) continue;
    const ls_transform *t = &scaling->heads[h]->items[0];
    status = ls_group_broadcast(group, t->values, t->value_count * sizeof *t->values, 0);
    ls_transforms_set_ready(scaling->heads[h]);
  }
  return status;
}

ls_learnt target_scaling_learnt(const target_scaling *scaling) {
  ls_learnt learnt = {.count = scaling->count};
  for (size_t h = 0; h < scaling->count; h++) {
    if (!scaling->heads[h]) continue;
    learnt.values[h] = scaling->heads[h]->items[0].values;
    learnt.counts[h] = scaling->heads[h]->items[0].value_count;
  }
  return learnt;
}

/* ---- Use ------------------------------------------------------------------------------------- */

void target_scaling_describe(const target_scaling *scaling, ls_target_scaling *targets) {
  for (size_t h = 0; h < scaling->count; h++) {
    ls_input_map map = {0};
    targets[h] = (ls_target_scaling){0};
    if (!scaling->heads[h]) continue;
    const ls_transform *t = &scaling->heads[h]->items[0];
    t->type->describe(t, &map);
    targets[h] = (ls_target_scaling){map.mean, map.remainder, map.factor};
  }
}

void target_scaling_apply(const target_scaling *scaling, ls_workspace *workspace) {
  ls_target_scaling targets[LS_MAX_HEADS];
  target_scaling_describe(scaling, targets);
  for (size_t h = 0; h < scaling->count; h++) {
    if (scaling->heads[h]) ls_workspace_scale_target(workspace, h, &targets[h]);
  }
}
