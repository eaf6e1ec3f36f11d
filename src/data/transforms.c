/* Building and applying chains of transforms; learning is in fit.c. */
#include "data/transforms.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>

#define COMPONENT_OF_TRANSFORM(name) &ls_transform_##name.component,
static const ls_component *const members[] = {LS_TRANSFORMS(COMPONENT_OF_TRANSFORM)};
const ls_family ls_transform_family = {"transform", members, sizeof members / sizeof *members,
                                       "Changes to every input before the model. What is learnt is "
                                       "learnt from the training samples of the split"};

static const ls_component *const of_targets[] = {&ls_transform_standardization.component,
                                                 &ls_transform_min_max_scaling.component};
const ls_family ls_target_scalings = {
    "scaling", of_targets, sizeof of_targets / sizeof *of_targets,
    "Changes to targets before the loss, element by element, of which outputs go through the "
    "inverse. What is learnt is learnt from the training samples of the split"};

static int build(ls_transform *t, const ls_choice *choice, const ls_shape *input, size_t samples) {
  *t = (ls_transform){.type = (const ls_transform_type *)choice->type,
                      .args = choice->args,
                      .where = choice->where,
                      .input = *input,
                      .output = *input,
                      .samples = samples};
  int status = t->type->build(t);
  if (status != LS_OK) return status;
  t->values = ls_new(t->value_count, sizeof *t->values);
  t->order = ls_new(t->order_count, sizeof *t->order);
  if (!t->values || !t->order) return LS_FAILED;
  if (t->type->prepare) t->type->prepare(t);
  return LS_OK;
}

/* Steps over transforms that have nothing to learn. */
static void skip_ready(ls_transforms *chain) {
  while (chain->ready < chain->count && !chain->items[chain->ready].type->learn) chain->ready++;
}

int ls_transforms_create(ls_transforms **out, const ls_choices *choices, const ls_shape *input,
                         size_t samples) {
  *out = NULL;
  if (choices->count > LS_MAX_TRANSFORMS) {
    return ls_fail(LS_INVALID, "%s: is one transform too many (expected at most %d)",
                   choices->items[LS_MAX_TRANSFORMS].where, LS_MAX_TRANSFORMS);
  }
  ls_transforms *chain = ls_new(1, sizeof *chain);
  int status = chain ? LS_OK : LS_FAILED;
  if (chain) chain->input = *input;
  for (size_t i = 0; i < choices->count && status == LS_OK; i++) {
    chain->count++;
    status = build(&chain->items[i], &choices->items[i], input, samples);
    input = &chain->items[i].output;
  }
  if (status != LS_OK) {
    ls_transforms_free(&chain);
    return status;
  }
  skip_ready(chain);
  *out = chain;
  return LS_OK;
}

void ls_transforms_set_ready(ls_transforms *chain) {
  chain->ready = chain->count;
}

void ls_transforms_free(ls_transforms **transforms) {
  ls_transforms *chain = *transforms;
  if (!chain) return;
  for (size_t i = 0; i < chain->count; i++) {
    free(chain->items[i].values);
    free(chain->items[i].order);
  }
  free(chain);
  *transforms = NULL;
}

const ls_shape *ls_transforms_output(const ls_transforms *chain) {
  return chain->count > 0 ? &chain->items[chain->count - 1].output : &chain->input;
}

const ls_shape *ls_transforms_reached(const ls_transforms *chain) {
  return chain->ready > 0 ? &chain->items[chain->ready - 1].output : &chain->input;
}

size_t ls_transforms_largest(const ls_transforms *chain) {
  int64_t largest = ls_shape_size(&chain->input);
  for (size_t i = 0; i < chain->count; i++) {
    int64_t size = ls_shape_size(&chain->items[i].output);
    if (size > largest) largest = size;
  }
  return (size_t)largest;
}

ls_real *ls_transforms_apply(const ls_transforms *chain, size_t n, ls_real *x, ls_real *other) {
  for (size_t i = 0; i < chain->ready; i++) {
    const ls_transform *t = &chain->items[i];
    t->type->apply(t, n, x, other);
    ls_real *result = other;
    other = x;
    x = result;
  }
  return x;
}
