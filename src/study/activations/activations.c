/* What a model's layers make of samples: running them, and heat maps of what speaks for the
 * predicted class. */
#include "study/activations/activations.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "study/model/inspection.h"

#include <math.h>
#include <stdlib.h>

/* ---- What is asked for -------------------------------------------------------------------------
 */

/* Whether a layer is looked at where none are named: it has a name of its own and computes. */
static bool computes(const ls_layer *layer) {
  return layer->args && !layer->training_only && layer->memory != LS_VIEW;
}

static int add_layer(activations *a, const char *name) {
  looked_at *layer = &a->layers[a->layer_count];
  int status = ls_trained_layer(a->model, name, &layer->number);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < a->layer_count; i++) {
    if (a->layers[i].number == layer->number) return LS_OK; /* twice the same */
  }
  layer->name = name;
  layer->shape = ls_trained_shape(a->model, layer->number);
  layer->size = (size_t)ls_shape_size(&layer->shape);
  layer->offset = a->width;
  a->width += layer->size;
  a->layer_count++;
  return LS_OK;
}

static int choose_layers(activations *a) {
  const ls_model *net = a->model->plan->model;
  const ls_activations_options *options = a->options;
  int status = LS_OK;
  a->layers = ls_new(net->layer_count + options->layer_count, sizeof *a->layers);
  if (!a->layers) return LS_FAILED;
  for (size_t i = 0; i < options->layer_count && status == LS_OK; i++) {
    status = add_layer(a, options->layers[i]);
  }
  for (size_t i = 0; i < net->layer_count && options->layer_count == 0 && status == LS_OK; i++) {
    if (computes(&net->layers[i])) status = add_layer(a, net->layers[i].name);
  }
  return status;
}

static int check_samples(activations *a) {
  const ls_activations_options *options = a->options;
  const ls_dataset *dataset = a->model->plan->dataset;
  ls_samples samples;
  int status = ls_trained_samples(&samples, &a->part, a->model, options->split);
  if (status != LS_OK) return status;
  ls_samples_free(&samples);
  for (size_t i = 0; i < options->sample_count; i++) {
    if (options->samples[i] < dataset->count[a->part]) continue;
    return ls_fail(LS_INVALID, "activations: there is no sample %u in %s (expected 0 to %zu)",
                   options->samples[i], dataset->path, dataset->count[a->part] - 1);
  }
  return LS_OK;
}

static int check_heat(const activations *a) {
  const ls_plan *plan = a->model->plan;
  const char *path = a->model->path;
  size_t head = a->classes.head;
  if (!a->classified) return ls_fail(LS_INVALID, "%s: has no output that tells classes", path);
  if (plan->dataset->shape.rank < 2) {
    return ls_fail(LS_INVALID, "%s: heat maps are of images, but its inputs are vectors", path);
  }
  if (a->model->transforms->count > 0) {
    return ls_fail(LS_INVALID, "%s: heat maps can't be had through transforms of its inputs", path);
  }
  if (ls_shape_size(&plan->model->heads[head].output) == 1) {
    return ls_fail(LS_INVALID, "%s: heat maps need an output for each class", path);
  }
  return LS_OK;
}

static int prepare(activations *a) {
  const ls_activations_options *options = a->options;
  const ls_dataset *dataset = a->model->plan->dataset;
  a->width = ROW_FIXED;
  a->image_size = (size_t)ls_shape_size(&dataset->shape);
  a->classified = classes_create(&a->classes, a->model, NULL) == LS_OK;
  if (!a->classified) ls_error_clear();
  int status = choose_layers(a);
  if (status == LS_OK) status = check_samples(a);
  if (status == LS_OK && options->heat) status = check_heat(a);
  if (status != LS_OK) return status;
  a->gradient = a->width;
  if (options->heat) a->width += a->image_size;
  a->table = ls_new(options->sample_count * a->width, sizeof *a->table);
  a->images = ls_new(options->sample_count * a->image_size, sizeof *a->images);
  if (!a->table || !a->images) return LS_FAILED;
  return inspection_read(a->images, dataset, a->part, options->sample_count, options->samples);
}

/* ---- Running -----------------------------------------------------------------------------------
 */

/* Gradient x input of the piece's predicted classes. */
static int find_gradients(activations *a, const ls_chunk *piece) {
  const ls_model *net = a->model->plan->model;
  uint32_t *units = ls_new(piece->n, sizeof *units);
  ls_real *gradient = ls_new(piece->n * a->image_size, sizeof *gradient);
  int status = units && gradient ? LS_OK : LS_FAILED;
  double *rows = a->table + piece->first * a->width;
  if (status == LS_OK) {
    for (size_t i = 0; i < piece->n; i++) units[i] = (uint32_t)rows[i * a->width + ROW_PREDICTED];
    ls_model_input_gradient(net, piece->workspace, a->model->weights, a->classes.head, units,
                            gradient);
    for (size_t i = 0; i < piece->n; i++) {
      double *row = rows + i * a->width + a->gradient;
      for (size_t k = 0; k < a->image_size; k++) {
        size_t at = i * a->image_size + k;
        row[k] = (double)(gradient[at] * piece->images[at]);
      }
    }
  }
  free(units);
  free(gradient);
  return status;
}

static int visit(void *context, const ls_chunk *piece) {
  activations *a = context;
  for (size_t l = 0; l < a->layer_count; l++) {
    const looked_at *layer = &a->layers[l];
    const ls_real *y = ls_trained_output(a->model, piece->workspace, layer->number);
    for (size_t i = 0; i < piece->n; i++) {
      double *row = a->table + (piece->first + i) * a->width + layer->offset;
      for (size_t k = 0; k < layer->size; k++) row[k] = (double)y[i * layer->size + k];
    }
  }
  if (!a->classified) return LS_OK;
  ls_outputs outputs = ls_model_activated(a->model->plan->model, piece->workspace, a->classes.head);
  for (size_t i = 0; i < piece->n; i++) {
    size_t truth = (size_t)outputs.labels[i];
    verdict v = classes_verdict(outputs.y + i * outputs.width, outputs.width, truth);
    double *row = a->table + (piece->first + i) * a->width;
    row[ROW_TRUTH] = (double)truth;
    row[ROW_PREDICTED] = (double)v.predicted;
    row[ROW_PROBABILITY] = v.probability;
  }
  return a->options->heat ? find_gradients(a, piece) : LS_OK;
}

/* Collective: fills the table. */
static int run(activations *a, const ls_group *world) {
  const ls_activations_options *options = a->options;
  ls_samples samples = {(uint32_t *)options->samples, options->sample_count};
  ls_inputs *inputs = NULL;
  ls_inference inference = {.model = a->model, .visit = visit, .visit_context = a};
  int status = ls_inputs_create(&inputs, a->model->plan->dataset, a->part, &samples, world);
  if (status == LS_OK) status = ls_infer(inputs, &inference);
  if (status == LS_OK) status = ls_group_sum(world, a->table, options->sample_count * a->width);
  ls_inputs_free(&inputs);
  return status;
}

/* Adds up gradient x input over the channels of a pixel. */
static int gather_gradients(activations *a) {
  const ls_shape *shape = &a->model->plan->dataset->shape;
  size_t channels = shape->rank > 2 ? (size_t)shape->extent[2] : 1;
  size_t pixels = a->image_size / channels, count = a->options->sample_count;
  a->gradients = ls_new(count * pixels, sizeof *a->gradients);
  if (!a->gradients) return LS_FAILED;
  for (size_t i = 0; i < count * pixels; i++) {
    const double *from = a->table + i / pixels * a->width + a->gradient + i % pixels * channels;
    double sum = 0;
    for (size_t c = 0; c < channels; c++) sum += from[c];
    a->gradients[i] = (ls_real)sum;
  }
  return LS_OK;
}

static void print_summary(const activations *a, FILE *out) {
  fprintf(out, "%s\n", a->model->name);
  for (size_t i = 0; a->classified && i < a->options->sample_count; i++) {
    const double *row = a->table + i * a->width;
    size_t predicted = (size_t)row[ROW_PREDICTED];
    fprintf(out, "sample %u: %s, predicted %s (%.4f)\n", a->options->samples[i],
            a->classes.names[(size_t)row[ROW_TRUTH]],
            predicted < a->classes.count ? a->classes.names[predicted] : "no class",
            row[ROW_PROBABILITY]);
  }
  fprintf(out, "%s\n", a->options->output);
}

int ls_inspect_activations(const ls_trained *model, const ls_activations_options *options,
                           const ls_group *world, FILE *out) {
  activations a = {.model = model, .options = options};
  int status = ls_group_agree(world, prepare(&a));
  if (status == LS_OK) status = run(&a, world);
  if (status == LS_OK && options->heat) {
    status = ls_group_agree(world, gather_gradients(&a));
    if (status == LS_OK) status = activations_occlude(&a, world);
  }
  if (status == LS_OK) {
    int written = LS_OK;
    if (world->rank == 0) written = activations_write(&a);
    status = ls_group_agree(world, written);
  }
  if (status == LS_OK && world->rank == 0) print_summary(&a, out);
  if (a.classified) classes_destroy(&a.classes);
  free(a.layers);
  free(a.table);
  free(a.images);
  free(a.gradients);
  free(a.occlusions);
  return status;
}
