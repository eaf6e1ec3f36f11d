/* What is measured of a batch that has gone forward: losses, metrics. */
#include "nn/model/outputs.h"

#include "nn/model/workspace.h"

#include <string.h>

ls_outputs ls_model_outputs(const ls_model *model, const ls_workspace *w, size_t head) {
  const ls_head *h = &model->heads[head];
  const head_memory *own = &w->heads[head];
  return (ls_outputs){.n = w->batch.n,
                      .width = (size_t)ls_shape_size(&h->output),
                      .y = own->y,
                      .logits = h->fused,
                      .labels = own->labels,
                      .values = own->scaled ? own->scaled : own->values};
}

/* From scaled values y [sample, element] to those in the units of the data; both may be the same.
 */
static void unscale(const ls_target_scaling *s, size_t n, size_t width, const ls_real *y,
                    ls_real *out) {
  if (!s->factor) memmove(out, y, n * width * sizeof *out);
  for (size_t i = 0; i < n * width && s->factor; i++) {
    const size_t k = i % width;
    out[i] = y[i] / s->factor[k] + s->remainder[k] + s->mean[k];
  }
}

ls_outputs ls_model_activated(const ls_model *model, const ls_workspace *w, size_t head) {
  ls_outputs outputs = ls_model_outputs(model, w, head);
  const head_memory *own = &w->heads[head];
  if (outputs.logits) {
    const ls_shape *shape = &model->heads[head].output;
    size_t row = (size_t)shape->extent[shape->rank - 1];
    size_t rows = outputs.n * outputs.width / row;
    /* An activation that a loss fuses has no arguments. */
    model->heads[head].loss->fuses->forward(NULL, rows, row, outputs.y, own->activated);
    outputs.y = own->activated;
    outputs.logits = false;
  }
  if (own->scaled) {
    unscale(&own->scaling, outputs.n, outputs.width, outputs.y, own->activated);
    outputs.y = own->activated;
    outputs.values = own->values;
  }
  return outputs;
}

/* The part of the outputs that a shard has. */
static ls_outputs shard_outputs(const ls_workspace *w, const ls_outputs *all, size_t shard) {
  const size_t first = w->shards->begin[shard];
  ls_outputs part = *all;
  part.n = w->shards->begin[shard + 1] - first;
  part.y += first * part.width;
  if (part.labels) part.labels += first;
  if (part.values) part.values += first * part.width;
  return part;
}

/* Adds a metric of the batch to sums[shard][sum] or counts[count]. */
static void add_metric(const ls_model *model, const ls_workspace *w, const ls_measure *measure,
                       const ls_outputs *all, double *sums, double *counts) {
  const void *args = measure->metric->args;
  const ls_metric_type *type = (const ls_metric_type *)measure->metric->type;
  if (type->counts) {
    type->add(args, all, counts + measure->first);
    return;
  }
  sums += measure->first;
  for (size_t shard = 0; shard < w->shards->count; shard++, sums += model->sum_count) {
    ls_outputs part = shard_outputs(w, all, shard);
    if (type->evaluate) {
      *sums += type->evaluate(args, &part);
    } else {
      type->add(args, &part, sums);
    }
  }
}

void ls_model_add_metrics(const ls_model *model, ls_workspace *w, double *sums, double *counts) {
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    ls_outputs raw = ls_model_outputs(model, w, h), activated = raw;
    if (w->heads[h].activated) activated = ls_model_activated(model, w, h);
    for (size_t i = 0; i < head->metric_count; i++) {
      const ls_measure *measure = &model->measures[head->first_metric + i];
      const ls_metric_type *type = (const ls_metric_type *)measure->metric->type;
      add_metric(model, w, measure, type->takes_logits && !head->spec.scales ? &raw : &activated,
                 sums, counts);
    }
  }
}

void ls_model_measure(const ls_model *model, size_t samples, const double *sums,
                      const double *counts, double *values) {
  for (size_t k = 0; k < model->measure_count; k++) {
    const ls_measure *m = &model->measures[k];
    const ls_metric_type *type = m->metric ? (const ls_metric_type *)m->metric->type : NULL;
    if (!type || type->evaluate) {
      values[k] = sums[m->first] / (double)samples;
    } else {
      const double *own = (type->counts ? counts : sums) + m->first;
      values[k] = type->value(m->metric->args, m->width, samples, own);
    }
  }
}

/* The loss of a part of the batch whose samples have weights: each is a batch of its own. */
static double weighted_loss(const ls_head *h, const ls_outputs *part, const ls_real *weights,
                            ls_real scale, ls_real *dy) {
  double total = 0;
  for (size_t i = 0; i < part->n; i++) {
    ls_outputs one = *part;
    one.n = 1;
    one.y += i * part->width;
    if (one.labels) one.labels += i;
    if (one.values) one.values += i * part->width;
    ls_real *own = dy ? dy + i * part->width : NULL;
    double loss = h->loss->evaluate(h->spec.loss.args, &one, weights[i] * scale, own);
    total += (double)weights[i] * loss;
  }
  return total;
}

static double part_loss(const ls_head *h, const ls_outputs *part, const ls_real *weights,
                        ls_real scale, ls_real *dy) {
  return weights ? weighted_loss(h, part, weights, scale, dy)
                 : h->loss->evaluate(h->spec.loss.args, part, scale, dy);
}

double outputs_head_loss(const ls_model *model, const ls_workspace *w, size_t head, ls_real scale,
                         ls_real *dy, double *sums) {
  const ls_head *h = &model->heads[head];
  ls_outputs outputs = ls_model_outputs(model, w, head);
  double weight = h->spec.weight, total = 0;
  for (size_t shard = 0; shard < w->shards->count; shard++, sums += model->sum_count) {
    ls_outputs part = shard_outputs(w, &outputs, shard);
    const size_t first = w->shards->begin[shard];
    const ls_real *weights = w->heads[head].weights ? w->heads[head].weights + first : NULL;
    ls_real *own = dy ? dy + first * outputs.width : NULL;
    double loss = part_loss(h, &part, weights, (ls_real)weight * scale, own);
    sums[0] += weight * loss;
    if (h->loss_measure != 0) sums[h->loss_measure] += loss;
    total += weight * loss;
  }
  return total;
}

double outputs_penalties(const ls_model *model, const ls_workspace *w, double *sums) {
  double total = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    if (!layer->type->penalty) continue;
    ls_pass pass = workspace_pass(w, i, NULL, false);
    for (size_t shard = 0; shard < w->shards->count; shard++) {
      ls_pass part = workspace_shard_pass(w, layer, &pass, shard, NULL);
      double penalty = layer->type->penalty(layer, &part);
      sums[shard * model->sum_count] += penalty;
      total += penalty;
    }
  }
  return total;
}

double ls_model_loss(const ls_model *model, ls_workspace *w, double *sums) {
  double loss = outputs_penalties(model, w, sums);
  for (size_t h = 0; h < model->head_count; h++) {
    loss += outputs_head_loss(model, w, h, 1, NULL, sums);
  }
  return loss;
}
