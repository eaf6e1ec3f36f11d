/* Heads that tell classes. */
#include "study/model/classes.h"

#include "base/memory.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool tells_classes(const ls_head *head) {
  return head->spec.target.classes > 0 && !head->spec.target.input;
}

static int find_head(classes *c, const ls_trained *model, const char *name) {
  const ls_model *net = model->plan->model;
  for (size_t h = 0; h < net->head_count; h++) {
    const ls_head *head = &net->heads[h];
    if (name && (!head->spec.name || strcmp(head->spec.name, name) != 0)) continue;
    c->head = h;
    if (tells_classes(head)) return LS_OK;
    if (name) {
      return ls_fail(LS_INVALID, "%s: its head '%s' doesn't tell classes", model->path, name);
    }
  }
  return name ? ls_fail(LS_INVALID, "%s: has no head '%s'", model->path, name)
              : ls_fail(LS_INVALID, "%s: has no output that tells classes", model->path);
}

/* The names in the dataset file, if it has them. */
static int read_names(classes *c, const ls_dataset *dataset, const char *target) {
  char name[80];
  hid_t file = -1;
  snprintf(name, sizeof name, "train/y%s%s", *target ? "/" : "", target);
  int status = ls_h5_open(&file, dataset->path);
  if (status == LS_OK && ls_h5_has_attribute(file, name, "class_names")) {
    status = ls_h5_get_texts(file, name, "class_names", &c->owned, &c->owned_count);
  }
  ls_h5_close(&file);
  return status;
}

static int make_numbers(classes *c) {
  c->owned = ls_new(c->count, sizeof *c->owned);
  if (!c->owned) return LS_FAILED;
  c->owned_count = c->count;
  for (size_t i = 0; i < c->count; i++) {
    char text[24];
    snprintf(text, sizeof text, "%zu", i);
    c->owned[i] = ls_copy_text(text);
    if (!c->owned[i]) return LS_FAILED;
  }
  return LS_OK;
}

int classes_read(classes *c, const ls_dataset *dataset, size_t target) {
  *c = (classes){.count = (size_t)dataset->targets[target].classes};
  int status = read_names(c, dataset, dataset->targets[target].name);
  if (status == LS_OK && c->owned_count == 0) status = make_numbers(c);
  c->names = (const char **)c->owned;
  if (status != LS_OK) classes_destroy(c);
  return status;
}

int classes_create(classes *c, const ls_trained *model, const char *head) {
  const ls_plan *plan = model->plan;
  *c = (classes){0};
  int status = find_head(c, model, head);
  size_t number = c->head;
  if (status == LS_OK) status = classes_read(c, plan->dataset, plan->head_target[number]);
  c->head = number;
  return status;
}

void classes_destroy(classes *c) {
  for (size_t i = 0; i < c->owned_count; i++) free(c->owned[i]);
  free(c->owned);
  *c = (classes){0};
}

verdict classes_verdict(const ls_real *row, size_t width, size_t truth) {
  verdict v = {0};
  if (width == 1) {
    double second = (double)row[0];
    v.predicted = second > 0.5;
    v.probability = v.predicted ? second : 1 - second;
    v.truth_probability = truth ? second : 1 - second;
    return v;
  }
  bool ordered = true;
  for (size_t j = 0; j < width; j++) {
    if (row[j] > row[v.predicted]) v.predicted = j;
    ordered &= row[j] == row[j];
  }
  v.probability = ordered ? (double)row[v.predicted] : NAN;
  v.truth_probability = (double)row[truth];
  return v;
}
