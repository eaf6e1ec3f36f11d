/* Evaluating models: opening them, working out what is measured, running them. */
#include "study/evaluate/evaluation.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Models and samples ------------------------------------------------------------------------
 */

static int open_all(ls_trained **out, const char *const *paths, size_t count,
                    const ls_trained_options *options, const ls_group *world) {
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = ls_trained_open(&out[i], paths[i], options, world);
  }
  return status;
}

static int open_models(evaluation *e) {
  const ls_evaluate_options *o = e->options;
  e->models = ls_new(o->model_count, sizeof *e->models);
  e->throughs = ls_new(o->through_count, sizeof *e->throughs);
  int status = ls_group_agree(e->world, e->models && e->throughs ? LS_OK : LS_FAILED);
  ls_trained_options plain = {.dataset = o->trained.dataset};
  if (status == LS_OK) {
    status = open_all(e->models, o->models, o->model_count, &o->trained, e->world);
  }
  return status == LS_OK ? open_all(e->throughs, o->through, o->through_count, &plain, e->world)
                         : status;
}

/* The samples, which are to be the same for all models. Local. */
static int choose_samples(const evaluation *e, ls_samples *samples, ls_part *part) {
  const ls_trained *first = e->models[0];
  int status = ls_trained_samples(samples, part, first, e->options->split);
  for (size_t i = 1; i < e->options->model_count && status == LS_OK; i++) {
    const ls_trained *model = e->models[i];
    ls_samples own = {0};
    ls_part own_part = LS_TRAIN;
    status = ls_trained_samples(&own, &own_part, model, e->options->split);
    if (status != LS_OK) break;
    bool same = strcmp(model->plan->dataset->path, first->plan->dataset->path) == 0 &&
                own_part == *part && own.count == samples->count &&
                memcmp(own.numbers, samples->numbers, own.count * sizeof *own.numbers) == 0;
    ls_samples_free(&own);
    if (!same) {
      status = ls_fail(LS_INVALID,
                       "%s: its job has other samples there than that of %s (expected models that "
                       "can be compared on the same ones)",
                       model->path, first->path);
    }
  }
  return status;
}

static int load_samples(evaluation *e) {
  ls_samples samples = {0};
  ls_part part = LS_TRAIN;
  int status = ls_group_agree(e->world, choose_samples(e, &samples, &part));
  if (status == LS_OK) {
    status = ls_inputs_create(&e->inputs, e->models[0]->plan->dataset, part, &samples, e->world);
  }
  ls_samples_free(&samples);
  return status;
}

/* ---- Entries -----------------------------------------------------------------------------------
 */

/* The model's name, or its path where another one of them has the same name. */
static const char *name_of(ls_trained *const *all, size_t count, size_t i) {
  for (size_t k = 0; k < count; k++) {
    if (k != i && strcmp(all[k]->name, all[i]->name) == 0) return all[i]->path;
  }
  return all[i]->name;
}

static int list_entries(evaluation *e) {
  size_t models = e->options->model_count, throughs = e->options->through_count;
  e->entries = ls_new(models * (1 + throughs), sizeof *e->entries);
  if (!e->entries) return LS_FAILED;
  int status = LS_OK;
  for (size_t i = 0; i < models; i++) {
    for (size_t k = 0; k <= throughs && status == LS_OK; k++) {
      ls_text name = {0};
      entry *own = &e->entries[e->entry_count++];
      own->model = e->models[i];
      ls_text_add(&name, "%s", name_of(e->models, models, i));
      if (k > 0) {
        own->through = e->throughs[k - 1];
        ls_text_add(&name, " after %s", name_of(e->throughs, throughs, k - 1));
      }
      own->name = ls_text_take(&name);
      ls_inference inference = {.model = own->model, .through = own->through};
      status = own->name ? ls_inference_check(&inference) : LS_FAILED;
    }
  }
  return status;
}

/* ---- Quantities --------------------------------------------------------------------------------
 */

static bool same_name(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

size_t evaluation_head(const evaluation *e, const ls_trained *model, size_t head) {
  const ls_model *net = model->plan->model;
  for (size_t h = 0; h < net->head_count; h++) {
    if (same_name(net->heads[h].spec.name, e->heads[head].name) &&
        outcome_classes(&net->heads[h]) == e->heads[head].classes) {
      return h;
    }
  }
  return SIZE_MAX;
}

/* Class heads are those of the first model. */
static void list_heads(evaluation *e) {
  const ls_model *model = e->models[0]->plan->model;
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    if (outcome_classes(head) == 0) continue;
    class_head *own = &e->heads[e->head_count++];
    *own = (class_head){.name = head->spec.name, .classes = outcome_classes(head)};
    if (own->name) snprintf(own->prefix, sizeof own->prefix, "%s_", own->name);
  }
}

/* Adds a quantity unless one has its name. */
static void add_quantity(evaluation *e, quantity_kind kind, size_t head, const char *name,
                         const char *long_name) {
  quantity q = {.kind = kind, .head = head};
  const char *prefix = kind == QUANTITY_MEASURE ? "" : e->heads[head].prefix;
  snprintf(q.name, sizeof q.name, "%s%s", prefix, name);
  snprintf(q.long_name, sizeof q.long_name, "%s%s%s", *prefix ? e->heads[head].name : "",
           *prefix ? ": " : "", long_name);
  for (size_t i = 0; i < e->quantity_count; i++) {
    if (strcmp(e->quantities[i].name, q.name) == 0) return;
  }
  if (e->quantity_count < MOST_QUANTITIES) e->quantities[e->quantity_count++] = q;
}

static void list_quantities(evaluation *e) {
  add_quantity(e, QUANTITY_MEASURE, 0, "loss", "loss");
  for (size_t h = 0; h < e->head_count; h++) {
    char name[32], long_name[64];
    add_quantity(e, QUANTITY_ACCURACY, h, "accuracy", "accuracy");
    add_quantity(e, QUANTITY_LOW, h, "accuracy_low", "lower end of its 95 % Wilson interval");
    add_quantity(e, QUANTITY_HIGH, h, "accuracy_high", "upper end of its 95 % Wilson interval");
    snprintf(name, sizeof name, "top_%zu_accuracy", e->options->top_k);
    snprintf(long_name, sizeof long_name, "share whose class is among the first %zu",
             e->options->top_k);
    if (e->options->top_k > 0) add_quantity(e, QUANTITY_TOP, h, name, long_name);
    add_quantity(e, QUANTITY_CALIBRATION, h, "calibration_error", "expected calibration error");
  }
  for (size_t i = 0; i < e->options->model_count; i++) {
    const ls_model *model = e->models[i]->plan->model;
    for (size_t k = 1; k < model->measure_count; k++) {
      add_quantity(e, QUANTITY_MEASURE, 0, model->measures[k].name, model->measures[k].name);
    }
  }
}

static double measure_value(const ls_model *model, const outcome *o, const char *name) {
  for (size_t k = 0; k < model->measure_count; k++) {
    if (strcmp(model->measures[k].name, name) == 0) return o->means[k];
  }
  return NAN;
}

/* NaN where the model hasn't got it. */
static double value_of(const evaluation *e, const quantity *q, const ls_trained *model,
                       const outcome *o) {
  if (q->kind == QUANTITY_MEASURE) return measure_value(model->plan->model, o, q->name);
  size_t head = evaluation_head(e, model, q->head);
  if (head == SIZE_MAX) return NAN;
  switch (q->kind) {
  case QUANTITY_ACCURACY:
    return (double)outcome_count(o, head) / (double)o->samples;
  case QUANTITY_LOW:
    return statistics_wilson(outcome_count(o, head), o->samples).low;
  case QUANTITY_HIGH:
    return statistics_wilson(outcome_count(o, head), o->samples).high;
  case QUANTITY_TOP:
    return (double)outcome_count_top(o, head, e->options->top_k) / (double)o->samples;
  default:
    return outcome_reliability(o, head).error;
  }
}

bool evaluation_compare(const evaluation *e, size_t head, size_t one, size_t other,
                        mcnemar *result) {
  const outcome *a = &e->plain[one], *b = &e->plain[other];
  size_t head_a = evaluation_head(e, e->entries[one].model, head);
  size_t head_b = evaluation_head(e, e->entries[other].model, head);
  if (head_a == SIZE_MAX || head_b == SIZE_MAX) return false;
  size_t first = 0, second = 0;
  for (size_t i = 0; i < a->samples; i++) {
    bool right_a = outcome_right(a, i, head_a), right_b = outcome_right(b, i, head_b);
    first += right_a && !right_b;
    second += right_b && !right_a;
  }
  *result = statistics_mcnemar(first, second);
  return true;
}

/* Whether every perturbation can be applied to these inputs. */
static int check_perturbations(const evaluation *e) {
  int status = LS_OK;
  for (size_t p = 0; p < e->options->perturbation_count && status == LS_OK; p++) {
    ls_perturber perturber = {0};
    status = ls_perturber_create(&perturber, &e->options->perturbations[p], 0,
                                 &e->inputs->dataset->shape, 0);
    ls_perturber_destroy(&perturber);
  }
  return status;
}

/* ---- Running -----------------------------------------------------------------------------------
 */

static int allocate(evaluation *e) {
  e->plain = ls_new(e->entry_count, sizeof *e->plain);
  e->plain_values = ls_new(e->quantity_count * e->entry_count, sizeof *e->plain_values);
  e->curves = ls_new(e->options->perturbation_count, sizeof *e->curves);
  bool good = e->plain && e->plain_values && e->curves;
  for (size_t p = 0; good && p < e->options->perturbation_count; p++) {
    size_t levels = e->options->perturbations[p].count;
    e->curves[p] = ls_new(e->quantity_count * e->entry_count * levels, sizeof **e->curves);
    good = e->curves[p] != NULL;
  }
  return good ? LS_OK : LS_FAILED;
}

static int run_plain(evaluation *e) {
  int status = LS_OK;
  for (size_t i = 0; i < e->entry_count && status == LS_OK; i++) {
    const entry *own = &e->entries[i];
    ls_inference inference = {.model = own->model, .through = own->through};
    status = outcome_create(&e->plain[i], e->inputs, &inference);
    for (size_t q = 0; q < e->quantity_count && status == LS_OK; q++) {
      e->plain_values[q * e->entry_count + i] =
          value_of(e, &e->quantities[q], own->model, &e->plain[i]);
    }
  }
  return status;
}

static int run_level(evaluation *e, size_t p, size_t level, const ls_perturber *perturber) {
  int status = LS_OK;
  for (size_t i = 0; i < e->entry_count && status == LS_OK; i++) {
    const entry *own = &e->entries[i];
    outcome o = {0};
    ls_inference inference = {.model = own->model,
                              .through = own->through,
                              .change = ls_perturb,
                              .change_context = perturber};
    status = outcome_create(&o, e->inputs, &inference);
    for (size_t q = 0; q < e->quantity_count && status == LS_OK; q++) {
      e->curves[p][curve_at(e, p, q, i, level)] = value_of(e, &e->quantities[q], own->model, &o);
    }
    outcome_destroy(&o);
  }
  return status;
}

static int run_perturbations(evaluation *e) {
  const ls_evaluate_options *o = e->options;
  int status = LS_OK;
  for (size_t p = 0; p < o->perturbation_count; p++) {
    for (size_t level = 0; level < o->perturbations[p].count && status == LS_OK; level++) {
      ls_perturber perturber = {0};
      status = ls_perturber_create(&perturber, &o->perturbations[p], level,
                                   &e->inputs->dataset->shape, o->seed);
      status = ls_group_agree(e->world, status);
      if (status == LS_OK) status = run_level(e, p, level, &perturber);
      ls_perturber_destroy(&perturber);
    }
  }
  return status;
}

static void destroy(evaluation *e) {
  const ls_evaluate_options *o = e->options;
  for (size_t i = 0; i < e->entry_count; i++) {
    free(e->entries[i].name);
    if (e->plain) outcome_destroy(&e->plain[i]);
  }
  for (size_t p = 0; e->curves && p < o->perturbation_count; p++) free(e->curves[p]);
  free(e->curves);
  free(e->plain_values);
  free(e->plain);
  free(e->entries);
  ls_inputs_free(&e->inputs);
  for (size_t i = 0; e->models && i < o->model_count; i++) ls_trained_free(&e->models[i]);
  for (size_t i = 0; e->throughs && i < o->through_count; i++) ls_trained_free(&e->throughs[i]);
  free(e->models);
  free(e->throughs);
}

/* On rank 0. */
static int report(const evaluation *e, FILE *out) {
  evaluation_print(e, out);
  return evaluation_write(e);
}

int ls_evaluate(const ls_evaluate_options *options, const ls_group *world, FILE *out) {
  evaluation e = {.options = options, .world = world};
  int status = open_models(&e);
  if (status == LS_OK) status = ls_group_agree(world, list_entries(&e));
  if (status == LS_OK) status = load_samples(&e);
  if (status == LS_OK) status = ls_group_agree(world, check_perturbations(&e));
  if (status == LS_OK) {
    list_heads(&e);
    list_quantities(&e);
    status = ls_group_agree(world, allocate(&e));
  }
  if (status == LS_OK) status = run_plain(&e);
  if (status == LS_OK) status = run_perturbations(&e);
  if (status == LS_OK && world->rank == 0) status = report(&e, out);
  status = ls_group_agree(world, status);
  destroy(&e);
  return status;
}
