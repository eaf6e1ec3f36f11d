/* What is evaluated: models, samples, class heads, quantities. */
#include "study/evaluate/result.h"

#include "lockstep/error.h"

#include <string.h>

/* ---- Models and samples ---- */

static int open_models(evaluate_result *r) {
  const ls_evaluate_options *o = r->options;
  ls_trained_options plain = {.dataset = o->trained.dataset};
  int status = ls_trained_open_all(&r->models, o->model_count, o->models, &o->trained, r->world);
  return status == LS_OK
             ? ls_trained_open_all(&r->throughs, o->through_count, o->through, &plain, r->world)
             : status;
}

/* Whether every perturbation can be applied to these inputs. */
static int check_perturbations(const evaluate_result *r) {
  int status = LS_OK;
  for (size_t p = 0; p < r->options->perturbation_count && status == LS_OK; p++) {
    status =
        ls_perturbation_check(&r->options->perturbations[p], &r->models[0]->plan->dataset->shape);
  }
  return status;
}

static int load_samples(evaluate_result *r) {
  ls_samples samples = {0};
  int status = ls_trained_common_samples(&samples, &r->part, r->models, r->options->model_count,
                                         r->options->split);
  if (status == LS_OK) status = check_perturbations(r);
  r->samples = ls_memory_new(&r->memory, samples.count, sizeof *r->samples);
  for (size_t i = 0; r->samples && i < samples.count; i++) r->samples[i] = samples.numbers[i];
  if (status == LS_OK) status = ls_memory_status(&r->memory);
  status = ls_group_agree(r->world, status);
  if (status == LS_OK) {
    status = ls_inputs_create(&r->inputs, r->models[0]->plan->dataset, r->part, &samples, r->world);
  }
  ls_samples_free(&samples);
  return status;
}

/* ---- Class heads and entries ---- */

/* Those of the first model. */
static void list_heads(evaluate_result *r) {
  const ls_model *model = r->models[0]->plan->model;
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    if (classes_of_head(head) == 0) continue;
    class_head *own = &r->heads[r->head_count++];
    *own = (class_head){.name = head->spec.name, .classes = classes_of_head(head)};
    if (own->name) snprintf(own->prefix, sizeof own->prefix, "%s_", own->name);
  }
}

static bool same_name(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The number of the model's head that has the name and the classes, or SIZE_MAX. */
static size_t find_head(const ls_model *model, const class_head *head) {
  for (size_t h = 0; h < model->head_count; h++) {
    if (same_name(model->heads[h].spec.name, head->name) &&
        classes_of_head(&model->heads[h]) == head->classes) {
      return h;
    }
  }
  return SIZE_MAX;
}

/* The model's name, or its path where another one of them has the same name. */
static const char *name_of(ls_trained *const *all, size_t count, size_t i) {
  for (size_t k = 0; k < count; k++) {
    if (k != i && strcmp(all[k]->name, all[i]->name) == 0) return all[i]->path;
  }
  return all[i]->name;
}

/* Adds model i, with model k - 1 of `throughs` before it; k = 0: alone. */
static int add_entry(evaluate_result *r, size_t i, size_t k) {
  entry *own = &r->entries[r->entry_count++];
  const char *name = name_of(r->models, r->options->model_count, i);
  own->model = r->models[i];
  own->name = name;
  if (k > 0) {
    own->through = r->throughs[k - 1];
    own->name = ls_memory_text(&r->memory, "%s after %s", name,
                               name_of(r->throughs, r->options->through_count, k - 1));
  }
  for (size_t h = 0; h < r->head_count; h++) {
    own->heads[h] = find_head(own->model->plan->model, &r->heads[h]);
  }
  ls_inference inference = {.model = own->model, .through = own->through};
  return own->name ? ls_inference_check(&inference) : LS_FAILED;
}

static int list_entries(evaluate_result *r) {
  size_t models = r->options->model_count, throughs = r->options->through_count;
  r->entries = ls_memory_new(&r->memory, models * (1 + throughs), sizeof *r->entries);
  int status = ls_memory_status(&r->memory);
  for (size_t i = 0; i < models * (1 + throughs) && status == LS_OK; i++) {
    status = add_entry(r, i / (1 + throughs), i % (1 + throughs));
  }
  return status;
}

/* ---- Quantities ---- */

/* Adds a quantity unless one has its name. */
static void add_quantity(evaluate_result *r, quantity_kind kind, size_t head, const char *name,
                         const char *long_name) {
  quantity q = {.kind = kind, .head = head};
  const char *prefix = kind == QUANTITY_MEASURE ? "" : r->heads[head].prefix;
  snprintf(q.name, sizeof q.name, "%s%s", prefix, name);
  snprintf(q.long_name, sizeof q.long_name, "%s%s%s", *prefix ? r->heads[head].name : "",
           *prefix ? ": " : "", long_name);
  for (size_t i = 0; i < r->quantity_count; i++) {
    if (strcmp(r->quantities[i].name, q.name) == 0) return;
  }
  if (r->quantity_count < MOST_QUANTITIES) r->quantities[r->quantity_count++] = q;
}

static void list_quantities(evaluate_result *r) {
  size_t k = r->options->top_k;
  add_quantity(r, QUANTITY_MEASURE, 0, "loss", "loss");
  for (size_t h = 0; h < r->head_count; h++) {
    char name[48], long_name[64];
    add_quantity(r, QUANTITY_ACCURACY, h, "accuracy", "accuracy");
    add_quantity(r, QUANTITY_LOW, h, "accuracy_low", "lower end of its 95 % Wilson interval");
    add_quantity(r, QUANTITY_HIGH, h, "accuracy_high", "upper end of its 95 % Wilson interval");
    snprintf(name, sizeof name, "top_%zu_accuracy", k);
    snprintf(long_name, sizeof long_name, "fraction whose class is among the first %zu", k);
    if (k > 0) add_quantity(r, QUANTITY_TOP, h, name, long_name);
    add_quantity(r, QUANTITY_CALIBRATION, h, "calibration_error", "expected calibration error");
  }
  for (size_t i = 0; i < r->options->model_count; i++) {
    const ls_model *model = r->models[i]->plan->model;
    for (size_t m = 1; m < model->measure_count; m++) {
      add_quantity(r, QUANTITY_MEASURE, 0, model->measures[m].name, model->measures[m].name);
    }
  }
}

int evaluate_plan(evaluate_result *r) {
  int status = open_models(r);
  if (status != LS_OK) return status;
  list_heads(r);
  list_quantities(r);
  status = ls_group_agree(r->world, list_entries(r));
  return status == LS_OK ? load_samples(r) : status;
}
