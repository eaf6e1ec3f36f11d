/* The structure of a model: trunk, heads, what is measured; initial weights, penalties. Layers are
 * put together in assemble.c, batches run in workspace.c. */
#include "nn/model/model.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/families.h"
#include "nn/model/assemble.h"
#include "nn/products/kernels.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Heads ----------------------------------------------------------------------------------- */

/* Appends a measure with one sum, named "HEAD_NAME" where heads have names. */
static int add_measure(ls_model *model, const ls_head_spec *spec, const char *name) {
  if (model->measure_count == LS_MAX_MEASURES) {
    return ls_fail(LS_INVALID, "%s: too many losses and metrics (expected at most %d)", spec->where,
                   LS_MAX_MEASURES);
  }
  ls_measure *measure = &model->measures[model->measure_count++];
  const char *prefix = spec->name ? spec->name : "", *joint = spec->name ? "_" : "";
  int length = snprintf(measure->name, sizeof measure->name, "%s%s%s", prefix, joint, name);
  measure->first = model->sum_count++;
  if (length < (int)sizeof measure->name) return LS_OK;
  return ls_fail(LS_INVALID, "%s: the name %s_%s is too long", spec->where, prefix, name);
}

/* LS_INVALID unless a loss or metric suits the head's target and output. */
static int check_target(ls_head *head, const ls_choice *member, ls_target_kind kind,
                        bool takes_vectors, bool takes_single) {
  const ls_target *target = &head->spec.target;
  int64_t width = ls_shape_size(&head->output);
  if (kind == LS_CLASSES && target->classes == 0) {
    return ls_fail(LS_INVALID, "%s: needs class labels, but %s has values", member->where,
                   target->name);
  }
  if (kind == LS_CLASSES && head->output.rank != 1) {
    return ls_fail(LS_INVALID,
                   "%s: the model's output has %d dimensions (expected a vector, one element per "
                   "class)",
                   head->spec.where, head->output.rank);
  }
  if (takes_vectors && head->output.rank != 1) {
    return ls_fail(LS_INVALID, "%s: the model's output has %d dimensions (expected a vector)",
                   member->where, head->output.rank);
  }
  if (kind == LS_VALUES) head->needs_values = true;
  bool binary = (kind == LS_VALUES || takes_single) && width == 1 && target->classes == 2;
  if (target->classes > 0 && width < target->classes && !binary) {
    return ls_fail(LS_INVALID, "%s: has %" PRId64 " outputs, but the data has %" PRId64 " classes",
                   head->spec.where, width, target->classes);
  }
  if (target->classes == 0 && (size_t)width != target->width) {
    return ls_fail(LS_INVALID, "%s: has %" PRId64 " outputs, but %s has %zu values per sample",
                   head->spec.where, width, target->name, target->width);
  }
  return LS_OK;
}

/* The default metrics. */
static const ls_choice accuracy = {&ls_metric_accuracy.component, NULL, ""};
static const ls_choices only_accuracy = {(ls_choice *)&accuracy, 1};

const ls_choices *ls_head_metrics(const ls_head *head) {
  bool left_out = head->spec.metrics.count == 0;
  return left_out && head->loss->target == LS_CLASSES ? &only_accuracy : &head->spec.metrics;
}

const ls_choice *ls_head_metric(const ls_head *head, size_t i) {
  const ls_choice *metric = &ls_head_metrics(head)->items[i];
  bool binary = metric->type == &ls_metric_accuracy.component && ls_shape_size(&head->output) == 1;
  return binary ? &ls_metric_binary_accuracy_defaults : metric;
}

static bool is_same_metric(const ls_choice *one, const ls_choice *other) {
  if (!one->args || !other->args) return one->args == other->args;
  return memcmp(one->args, other->args, one->type->size) == 0;
}

/* The name of metric i: that of its type, behind which further ones of the type with other
 * arguments have a number, as in Keras. */
static void name_metric(char name[LS_MAX_NAME], const ls_head *head, size_t i) {
  const ls_choice *items = ls_head_metrics(head)->items;
  size_t earlier = 0;
  for (size_t k = 0; k < i; k++) {
    if (items[k].type != items[i].type) continue;
    earlier++;
    if (!is_same_metric(&items[k], &items[i])) continue;
    earlier = 0; /* it has the same name, which is an error */
    break;
  }
  int length = snprintf(name, LS_MAX_NAME, "%s", items[i].type->name);
  if (earlier > 0) snprintf(name + length, (size_t)(LS_MAX_NAME - length), "_%zu", earlier);
}

/* Appends the measure of a metric, with the sums or counts that it needs. */
static int add_metric(ls_model *model, const ls_head *head, size_t i) {
  const ls_choice *metric = ls_head_metric(head, i);
  const ls_metric_type *type = (const ls_metric_type *)metric->type;
  char name[LS_MAX_NAME];
  name_metric(name, head, i);
  int status = add_measure(model, &head->spec, name);
  if (status != LS_OK) return status;
  ls_measure *measure = &model->measures[model->measure_count - 1];
  measure->higher_is_better = type->higher_is_better;
  measure->metric = metric;
  measure->width = (size_t)ls_shape_size(&head->output);
  if (type->evaluate) return LS_OK;
  size_t *count = type->counts ? &model->count_count : &model->sum_count;
  model->sum_count--;
  measure->first = *count;
  *count += type->size(metric->args, measure->width);
  return LS_OK;
}

static int add_metrics(ls_model *model, ls_head *head) {
  const ls_choices *metrics = ls_head_metrics(head);
  int status = LS_OK;
  head->first_metric = model->measure_count;
  head->metric_count = metrics->count;
  for (size_t i = 0; i < metrics->count && status == LS_OK; i++) {
    const ls_metric_type *type = (const ls_metric_type *)ls_head_metric(head, i)->type;
    status = check_target(head, &metrics->items[i], type->target, false, type->takes_single);
    if (status == LS_OK) status = add_metric(model, head, i);
  }
  return status;
}

/* Removes the last activation from the layers if the loss includes it. */
static void fuse_loss(ls_model *model, ls_head *head, bool only) {
  if (head->end == 0 || !head->loss->fuses) return;
  const ls_layer *last = &model->layers[head->end - 1];
  bool own = head->end > head->first || only; /* else the trunk's output, which others share */
  if (!own || last->type != &ls_layer_activation) return;
  if (last->activation->type != &head->loss->fuses->component) return;
  head->fused = true;
  head->fused_args = last->args;
  assemble_remove_last(model);
  head->end--;
  if (head->first > head->end) model->trunk = head->first = head->end;
}

static int add_head(ls_model *model, const ls_head_spec *spec, const ls_shape *trunk, bool only) {
  ls_head *head = &model->heads[model->head_count - 1];
  *head = (ls_head){.spec = *spec,
                    .first = model->layer_count,
                    .output = *trunk,
                    .loss = (const ls_loss_type *)spec->loss.type};
  int status = assemble(model, spec->layers, &head->output);
  head->end = model->layer_count;
  if (status == LS_OK) {
    status = check_target(head, &spec->loss, head->loss->target, head->loss->takes_vectors, false);
  }
  if (status == LS_OK) fuse_loss(model, head, only);
  return status;
}

/* ---- Creation -------------------------------------------------------------------------------- */

static int add_measures(ls_model *model) {
  static const ls_head_spec unnamed = {.where = ""};
  bool several = model->head_count > 1;
  int status = add_measure(model, &unnamed, "loss");
  for (size_t i = 0; i < model->head_count && status == LS_OK; i++) {
    model->heads[i].loss_measure = several ? model->measure_count : 0;
    if (several) status = add_measure(model, &model->heads[i].spec, "loss");
  }
  for (size_t i = 0; i < model->head_count && status == LS_OK; i++) {
    status = add_metrics(model, &model->heads[i]);
  }
  return status;
}

/* Sets where each layer's input comes from, and whether training needs that input's gradient. */
static void connect(ls_model *model) {
  for (size_t i = 0; i < model->layer_count; i++) {
    model->layers[i].source = i > 0 ? i - 1 : LS_MODEL_INPUT;
  }
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    if (head->first == head->end) continue;
    model->layers[head->first].source = model->trunk > 0 ? model->trunk - 1 : LS_MODEL_INPUT;
  }
  for (size_t i = 0; i < model->layer_count; i++) {
    ls_layer *layer = &model->layers[i];
    if (layer->source == LS_MODEL_INPUT) continue;
    const ls_layer *source = &model->layers[layer->source];
    layer->input_gradient = source->input_gradient || ls_layer_learns(source);
  }
}

static int build(ls_model *model, const ls_choices *layers, const ls_head_spec *heads,
                 size_t head_count) {
  ls_shape shape = model->input;
  int status = assemble(model, layers, &shape);
  model->trunk = model->layer_count;
  for (size_t i = 0; i < head_count && status == LS_OK; i++) {
    model->head_count++;
    status = add_head(model, &heads[i], &shape, head_count == 1);
  }
  if (status == LS_OK && model->trainable_count == 0) {
    return ls_fail(LS_INVALID,
                   "%s: the model has nothing to train (expected a layer with parameters)",
                   heads[0].where);
  }
  connect(model);
  return status == LS_OK ? add_measures(model) : status;
}

int ls_model_create(ls_model **out, const ls_choices *layers, const ls_head_spec *heads,
                    size_t head_count, const ls_shape *input) {
  *out = NULL;
  if (head_count > LS_MAX_HEADS) {
    return ls_fail(LS_INVALID, "%s: is one head too many (expected at most %d)",
                   heads[LS_MAX_HEADS].where, LS_MAX_HEADS);
  }
  ls_model *model = ls_new(1, sizeof *model);
  if (!model) return LS_FAILED;
  size_t most = assemble_count(layers) + 1;
  for (size_t i = 0; i < head_count; i++) most += assemble_count(heads[i].layers);
  model->input = *input;
  model->kernels = ls_kernels_default();
  model->layers = ls_new(most, sizeof *model->layers);
  int status = model->layers ? build(model, layers, heads, head_count) : LS_FAILED;
  assemble_finish(model);
  if (status != LS_OK) {
    ls_model_free(&model);
    return status;
  }
  *out = model;
  return LS_OK;
}

void ls_model_free(ls_model **model) {
  if (!*model) return;
  free((*model)->layers);
  free(*model);
  *model = NULL;
}

void ls_model_initialize(const ls_model *model, uint64_t seed, ls_real *weights) {
  uint32_t index = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count; k++, index++) {
      const ls_param *param = &layer->params[k];
      const ls_initializer_type *type = (const ls_initializer_type *)param->initializer->type;
      ls_init init = {seed, index, param->fan_in, param->fan_out, param->shape};
      type->fill(param->initializer->args, &init, param->count, weights + param->offset);
    }
  }
}

/* Sums over at most CHUNK weights, in lanes that a vector unit adds side by side, of w^2 or |w|. */
enum { CHUNK = 1024, LANES = 32 };

static double chunk_sum(size_t count, const ls_real *w, bool squares) {
  ls_real lanes[LANES] = {0};
  size_t whole = count - count % LANES;
  if (squares) {
    for (size_t i = 0; i < whole; i += LANES) {
      for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += w[i + lane] * w[i + lane];
    }
  } else {
    for (size_t i = 0; i < whole; i += LANES) {
      for (size_t lane = 0; lane < LANES; lane++) {
        lanes[lane] += w[i + lane] < 0 ? -w[i + lane] : w[i + lane];
      }
    }
  }
  double total = 0;
  for (size_t lane = 0; lane < LANES; lane++) total += (double)lanes[lane];
  for (size_t i = whole; i < count; i++) {
    double value = (double)w[i];
    total += squares ? value * value : fabs(value);
  }
  return total;
}

double ls_penalty_sum(ls_penalty penalty, size_t count, const ls_real *weights) {
  double total = 0;
  for (size_t at = 0; at < count; at += CHUNK) {
    size_t n = count - at < CHUNK ? count - at : CHUNK;
    if (penalty.l1 != 0) total += penalty.l1 * chunk_sum(n, weights + at, false);
    if (penalty.l2 != 0) total += penalty.l2 * chunk_sum(n, weights + at, true);
  }
  return total;
}

double ls_model_penalty(const ls_model *model, const ls_real *weights) {
  double total = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    for (size_t k = 0; k < model->layers[i].param_count; k++) {
      const ls_param *param = &model->layers[i].params[k];
      if (param->penalty.l1 == 0 && param->penalty.l2 == 0) continue;
      total += ls_penalty_sum(param->penalty, param->count, weights + param->offset);
    }
  }
  return total;
}
