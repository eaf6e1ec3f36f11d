/* Classes and predictions. */
#include "study/model/classes.h"

#include "base/memory.h"
#include "data/description.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t classes_of_head(const ls_head *head) {
  if (head->spec.target.classes == 0 || head->spec.target.input) return 0;
  size_t width = (size_t)ls_shape_size(&head->output);
  return width == 1 ? 2 : width;
}

static int find_head(ls_classes *c, const ls_trained *model, const char *name) {
  const ls_model *net = model->plan->model;
  for (size_t h = 0; h < net->head_count; h++) {
    const ls_head *head = &net->heads[h];
    if (name && (!head->spec.name || strcmp(head->spec.name, name) != 0)) continue;
    c->head = h;
    if (classes_of_head(head) > 0) return LS_OK;
    if (name) {
      return ls_fail(LS_INVALID, "%s: its head '%s' does not predict classes", model->path, name);
    }
  }
  return name ? ls_fail(LS_INVALID, "%s: has no head '%s'", model->path, name)
              : ls_fail(LS_INVALID, "%s: has no output that predicts classes", model->path);
}

static int make_numbers(char ***names, size_t count) {
  *names = ls_new(count, sizeof **names);
  for (size_t i = 0; *names && i < count; i++) {
    char text[24];
    snprintf(text, sizeof text, "%zu", i);
    (*names)[i] = ls_copy_text(text);
    if (!(*names)[i]) return LS_FAILED;
  }
  return *names ? LS_OK : LS_FAILED;
}

/* The classes of the target, whose number is set. */
static int read_classes(ls_classes *c, const ls_dataset *dataset) {
  const ls_dataset_target *target = &dataset->targets[c->target];
  char **names;
  size_t count;
  c->count = (size_t)target->classes;
  int status = ls_dataset_class_names(dataset, c->target, &names, &count);
  if (status == LS_OK && !names) status = make_numbers(&names, c->count);
  c->names = (const char **)names;
  if (status != LS_OK) classes_destroy(c);
  return status;
}

int classes_create(ls_classes *c, const ls_trained *model, const char *head) {
  *c = (ls_classes){0};
  int status = find_head(c, model, head);
  if (status != LS_OK) return status;
  c->target = model->plan->head_target[c->head];
  return read_classes(c, model->plan->dataset);
}

int classes_of_dataset(ls_classes *c, const ls_dataset *dataset) {
  *c = (ls_classes){0};
  for (; c->target < dataset->target_count; c->target++) {
    if (dataset->targets[c->target].classes > 0) return read_classes(c, dataset);
  }
  return LS_OK;
}

void classes_destroy(ls_classes *c) {
  for (size_t i = 0; c->names && i < c->count; i++) free((char *)c->names[i]);
  free(c->names);
  *c = (ls_classes){0};
}

const char *classes_name(const ls_classes *c, int64_t number) {
  return number >= 0 && (size_t)number < c->count ? c->names[number] : "no class";
}

static prediction predict_binary(ls_real second, double threshold, int32_t truth) {
  prediction p = {.truth = truth, .predicted = isnan(second) ? -1 : second > (ls_real)threshold};
  p.probability = p.predicted == 1 ? (double)second : 1 - (double)second;
  p.truth_probability = truth ? (double)second : 1 - (double)second;
  p.above = p.predicted != truth;
  return p;
}

/* As the metric `accuracy`: by outputs before the activation that the loss has taken over, which
 * may make unequal ones equal. */
static prediction predict(const ls_real *raw, const ls_real *activated, size_t width,
                          int32_t truth) {
  prediction p = {.truth = truth, .truth_probability = (double)activated[truth]};
  bool ordered = true;
  for (size_t j = 0; j < width; j++) {
    if (raw[j] > raw[p.predicted]) p.predicted = (int32_t)j;
    ordered &= raw[j] == raw[j];
    p.above += raw[j] > raw[truth];
  }
  p.probability = ordered ? (double)activated[p.predicted] : NAN;
  if (!ordered) p.predicted = -1;
  if (!ordered) p.above = (uint32_t)width;
  return p;
}

void classes_take(void *items, size_t head, const ls_chunk *chunk) {
  prediction *out = items;
  const ls_model *net = chunk->model->plan->model;
  ls_outputs raw = ls_model_outputs(net, chunk->workspace, head);
  ls_outputs activated = ls_model_activated(net, chunk->workspace, head);
  const double threshold = chunk->model->thresholds[head];
  const bool binary = raw.width == 1 || (raw.width == 2 && threshold != 0.5);
  for (size_t i = 0; i < chunk->n; i++) {
    const ls_real *y = activated.y + i * raw.width;
    out[i] = binary ? predict_binary(y[raw.width - 1], threshold, raw.labels[i])
                    : predict(raw.y + i * raw.width, y, raw.width, raw.labels[i]);
  }
}
