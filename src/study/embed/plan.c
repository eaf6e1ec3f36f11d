/* What is embedded: models, layers, samples with their classes. */
#include "study/embed/result.h"

#include "base/paths.h"
#include "lockstep/error.h"
#include "study/model/trained_layers.h"

#include <stdlib.h>

enum { LEAST_OF_CLASS = 3 };

static int choose_from_dataset(embed_result *r) {
  const ls_embed_options *o = r->options;
  char *path = NULL;
  int status = LS_OK;
  if (!ls_dataset_is_path(o->dataset)) status = ls_dataset_path(&path, o->dataset);
  if (status == LS_OK) status = ls_dataset_open(&r->own, path ? path : o->dataset);
  free(path);
  if (status != LS_OK) return status;
  r->dataset = r->own;
  if (o->split == LS_SPLIT_VALIDATION) {
    return ls_fail(LS_INVALID, "embed: --split: without a model there are no validation samples "
                               "(expected train or test)");
  }
  r->part = o->split == LS_SPLIT_TRAIN ? LS_TRAIN : LS_TEST;
  size_t n = r->own->count[r->part];
  if (n == 0) {
    return ls_fail(LS_INVALID, "%s: there are no %s samples", r->own->path,
                   ls_split_names[o->split]);
  }
  return ls_samples_choose(&r->samples, n, n, NULL, NULL);
}

static int choose_samples(embed_result *r) {
  const ls_embed_options *o = r->options;
  int status = LS_OK;
  if (o->model_count == 0) {
    status = choose_from_dataset(r);
  } else {
    r->dataset = r->models[0]->plan->dataset;
    status = ls_trained_common_samples(&r->samples, &r->part, r->models, o->model_count, o->split);
  }
  if (status != LS_OK) return status;
  if (o->first > r->samples.count) {
    return ls_fail(LS_INVALID, "embed: --first %zu: there are %zu samples", o->first,
                   r->samples.count);
  }
  if (o->first > 0) r->samples.count = o->first;
  return LS_OK;
}

/* A hull or an ellipse takes three points. */
static int check_classes(const embed_result *r) {
  for (size_t c = 0; c < r->classes.count; c++) {
    size_t count = 0;
    for (size_t i = 0; i < r->samples.count; i++) count += (size_t)r->labels[i] == c;
    if (count > 0 && count < LEAST_OF_CLASS) {
      return ls_fail(LS_INVALID,
                     "embed: class %s has %zu of the %zu samples (expected %d or more, or none)",
                     r->classes.names[c], count, r->samples.count, LEAST_OF_CLASS);
    }
  }
  return LS_OK;
}

static int read_classes(embed_result *r) {
  int status = classes_of_dataset(&r->classes, r->dataset);
  if (status != LS_OK) return status;
  if (r->classes.count == 0) {
    return ls_fail(LS_INVALID, "%s: has no target that is classes", r->dataset->path);
  }
  r->labels = ls_memory_new(&r->memory, r->samples.count, sizeof *r->labels);
  if (!r->labels) return LS_FAILED;
  status = ls_samples_labels(r->labels, r->dataset, r->part, r->classes.target, &r->samples);
  return status == LS_OK ? check_classes(r) : status;
}

static int check_options(const embed_result *r) {
  const ls_embed_options *o = r->options;
  size_t n = r->samples.count;
  if (o->neighbours >= n) {
    return ls_fail(LS_INVALID, "embed: --neighbours %zu: there are %zu samples", o->neighbours, n);
  }
  for (size_t m = 0; m < o->method_count; m++) {
    if (o->methods[m] == LS_EMBED_PCA || o->perplexity < (double)n) continue;
    return ls_fail(LS_INVALID, "embed: --perplexity %g: there are %zu samples (expected more)",
                   o->perplexity, n);
  }
  return LS_OK;
}

static int find_layers(embed_result *r) {
  const ls_embed_options *o = r->options;
  int status = LS_OK;
  for (size_t k = 0; k < o->model_count * o->layer_count && status == LS_OK; k++) {
    status = ls_trained_layer(r->models[k / o->layer_count], o->layers[k % o->layer_count],
                              &r->layers[k]);
  }
  return status;
}

int embed_plan(embed_result *r, const ls_group *world) {
  const ls_embed_options *o = r->options;
  ls_trained_options opening = {.dataset = o->dataset};
  r->layers = ls_memory_new(&r->memory, o->model_count * o->layer_count, sizeof *r->layers);
  int status = ls_group_agree(world, ls_memory_status(&r->memory));
  if (status == LS_OK) {
    status = ls_trained_open_all(&r->models, o->model_count, o->models, &opening, world);
  }
  if (status == LS_OK) status = find_layers(r);
  if (status == LS_OK) status = choose_samples(r);
  if (status == LS_OK) status = read_classes(r);
  if (status == LS_OK) status = check_options(r);
  return ls_group_agree(world, status);
}
