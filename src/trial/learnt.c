/* The values of transforms in model files. */
#include "trial/learnt.h"

#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"

_Static_assert((int)LS_MOST_LEARNT == (int)LS_MAX_TRANSFORMS, "one entry for each transform");
_Static_assert((int)LS_MOST_MAPS == (int)LS_MAX_TRANSFORMS, "one map for each transform");

ls_learnt ls_learnt_of(const ls_transforms *transforms) {
  ls_learnt learnt = {.count = transforms->count};
  for (size_t i = 0; i < transforms->count; i++) {
    const ls_transform *t = &transforms->items[i];
    learnt.values[i] = t->values;
    learnt.counts[i] = t->type->learn ? t->value_count : 0;
  }
  return learnt;
}

ls_preprocessing ls_preprocessing_of(const ls_transforms *transforms, double scale) {
  ls_preprocessing out = {.input = transforms->input, .scale = scale, .count = transforms->count};
  for (size_t i = 0; i < transforms->count; i++) {
    const ls_transform *t = &transforms->items[i];
    out.maps[i] = (ls_input_map){.input = t->input, .output = t->output};
    t->type->describe(t, &out.maps[i]);
  }
  return out;
}

static int restore(ls_transform *t, size_t index, const char *path, const ls_group *group) {
  int status = LS_OK;
  if (group->rank == 0) {
    const char *name = t->type->component.name;
    status = ls_model_file_learnt(path, index, name, t->value_count, t->values);
  }
  status = ls_group_agree(group, status);
  if (status != LS_OK) return status;
  return ls_group_broadcast(group, t->values, t->value_count * sizeof *t->values, 0);
}

int ls_learnt_restore(ls_transforms *transforms, bool *found, const char *path,
                      const ls_group *group) {
  *found = false;
  int status = group->rank == 0 ? ls_model_file_has_learnt(found, path) : LS_OK;
  status = ls_group_agree(group, status);
  if (status == LS_OK) status = ls_group_broadcast(group, found, sizeof *found, 0);
  for (size_t i = 0; *found && i < transforms->count && status == LS_OK; i++) {
    ls_transform *t = &transforms->items[i];
    if (t->type->learn) status = restore(t, i, path, group);
  }
  if (status == LS_OK && *found) ls_transforms_set_ready(transforms);
  return status;
}
