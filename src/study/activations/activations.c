/* The analysis of activations: outputs of layers, predictions, and gradient x input, then the
 * output. */
#include "study/activations/result.h"

#include "lockstep/error.h"
#include "nn/families.h"
#include "study/model/output.h"
#include "study/model/trained_layers.h"

/* ---- Layers ---- */

/* Whether a layer is shown where none are named: it has a name of its own and computes. */
static bool computes(const ls_layer *layer) {
  return layer->args && !layer->training_only && layer->memory != LS_VIEW;
}

/* Keras has the last two dimensions of the kernel of a transposed convolution the other way round.
 */
static void find_kernel(layer_output *out, const ls_model *net) {
  static const char *const plain[] = {"row", "column", "channel", "filter"};
  const ls_layer *layer = ls_model_layer(net, out->name);
  if (!layer || layer->param_count == 0 || layer->params[0].shape.rank != 4) return;
  out->kernel = &layer->params[0];
  for (int d = 0; d < 4; d++) {
    out->dimension[d] = plain[d > 1 && layer->type == &ls_layer_conv2d_transpose ? 5 - d : d];
  }
}

static int add_layer(activations_result *r, const char *name) {
  layer_output *layer = &r->layers[r->layer_count];
  int status = ls_trained_layer(r->model, name, &layer->number);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < r->layer_count; i++) {
    if (r->layers[i].number == layer->number) return LS_OK; /* twice the same */
  }
  layer->name = name;
  layer->shape = ls_trained_shape(r->model, layer->number);
  layer->size = (size_t)ls_shape_size(&layer->shape);
  layer->values =
      ls_memory_new(&r->memory, r->options->sample_count * layer->size, sizeof *layer->values);
  find_kernel(layer, r->model->plan->model);
  r->layer_count++;
  return ls_memory_status(&r->memory);
}

static int choose_layers(activations_result *r) {
  const ls_model *net = r->model->plan->model;
  const ls_activations_options *o = r->options;
  int status = LS_OK;
  r->layers = ls_memory_new(&r->memory, net->layer_count + o->layer_count, sizeof *r->layers);
  if (!r->layers) return LS_FAILED;
  for (size_t i = 0; i < o->layer_count && status == LS_OK; i++) {
    status = add_layer(r, o->layers[i]);
  }
  for (size_t i = 0; i < net->layer_count && o->layer_count == 0 && status == LS_OK; i++) {
    if (computes(&net->layers[i])) status = add_layer(r, net->layers[i].name);
  }
  return status;
}

/* ---- What is asked for ---- */

static int check_heat(const activations_result *r) {
  const ls_plan *plan = r->model->plan;
  const char *why = NULL;
  if (r->classes.count == 0) {
    why = "has no output that predicts classes";
  } else if (plan->dataset->shape.rank < 2) {
    why = "heat maps are of images, but its inputs are vectors";
  } else if (r->model->transforms->count > 0) {
    why = "heat maps are not available through transforms of its inputs";
  } else if (ls_shape_size(&plan->model->heads[r->classes.head].output) == 1) {
    why = "heat maps need an output for each class";
  }
  return why ? ls_fail(LS_INVALID, "%s: %s", r->model->path, why) : LS_OK;
}

static int prepare(activations_result *r) {
  const ls_activations_options *o = r->options;
  const ls_dataset *dataset = r->model->plan->dataset;
  r->image_size = (size_t)ls_shape_size(&dataset->shape);
  r->channels = dataset->shape.rank > 2 ? (size_t)dataset->shape.extent[2] : 1;
  r->pixels = r->image_size / r->channels;
  if (classes_create(&r->classes, r->model, NULL) != LS_OK) ls_error_clear();
  int status = choose_layers(r);
  if (status == LS_OK) {
    status = ls_trained_find_samples(&r->part, r->model, o->split, "activations", o->sample_count,
                                     o->samples);
  }
  if (status == LS_OK && o->heat) status = check_heat(r);
  if (status != LS_OK) return status;
  r->predictions = ls_memory_new(&r->memory, o->sample_count, sizeof *r->predictions);
  r->images = ls_memory_new(&r->memory, o->sample_count * r->image_size, sizeof *r->images);
  if (o->heat) {
    r->gradients = ls_memory_new(&r->memory, o->sample_count * r->pixels, sizeof *r->gradients);
  }
  if (ls_memory_status(&r->memory) != LS_OK) return LS_FAILED;
  return ls_samples_read(r->images, dataset, r->part, o->sample_count, o->samples);
}

/* ---- Running ---- */

/* Gradient x input of the predicted classes, summed over the channels of a pixel. */
static int find_gradients(void *result, const ls_chunk *chunk) {
  const activations_result *r = result;
  ls_memory memory = {0};
  uint32_t *units = ls_memory_new(&memory, chunk->n, sizeof *units);
  ls_real *gradient = ls_memory_new(&memory, chunk->n * r->image_size, sizeof *gradient);
  int status = ls_memory_status(&memory);
  for (size_t i = 0; i < chunk->n && status == LS_OK; i++) {
    int32_t predicted = r->predictions[chunk->first + i].predicted;
    units[i] = (uint32_t)predicted;
    if (predicted >= 0) continue;
    status = ls_fail(LS_FAILED, "%s: its output for sample %u is not a number", r->model->path,
                     chunk->ids[i]);
  }
  if (status == LS_OK) {
    ls_model_input_gradient(r->model->plan->model, chunk->workspace, r->model->weights,
                            r->classes.head, units, gradient);
  }
  for (size_t i = 0; i < chunk->n * r->pixels && status == LS_OK; i++) {
    double sum = 0;
    for (size_t k = i * r->channels; k < (i + 1) * r->channels; k++) {
      sum += (double)(gradient[k] * chunk->images[k]);
    }
    r->gradients[chunk->first * r->pixels + i] = (ls_real)sum;
  }
  ls_memory_free(&memory);
  return status;
}

/* Collective. */
static int run(activations_result *r, const ls_group *world) {
  const ls_activations_options *o = r->options;
  ls_samples samples = {(uint32_t *)o->samples, o->sample_count};
  ls_gathered *gathered = ls_memory_new(&r->memory, r->layer_count + 3, sizeof *gathered), *next;
  int status = ls_group_agree(world, ls_memory_status(&r->memory));
  if (status != LS_OK) return status;
  next = gathered;
  if (r->classes.count > 0) {
    *next++ = (ls_gathered){r->predictions, sizeof *r->predictions, classes_take, r->classes.head};
  }
  if (o->heat) *next++ = (ls_gathered){r->gradients, r->pixels * sizeof *r->gradients};
  for (size_t l = 0; l < r->layer_count; l++) {
    const layer_output *own = &r->layers[l];
    *next++ =
        (ls_gathered){own->values, own->size * sizeof *own->values, ls_take_layer, own->number};
  }
  ls_inference inference = {.model = r->model,
                            .visit = o->heat ? find_gradients : NULL,
                            .visit_context = r,
                            .gathered = gathered};
  return ls_infer_samples(&inference, r->part, &samples, world);
}

static int compute(activations_result *r, const ls_group *world) {
  int status = ls_group_agree(world, prepare(r));
  if (status == LS_OK) status = run(r, world);
  return status == LS_OK && r->options->heat ? activations_occlude(r, world) : status;
}

/* ---- The output ---- */

static const ls_output output = {"Outputs of layers", activations_write, activations_draw,
                                 activations_print};

int ls_study_activations(const ls_trained *model, const ls_activations_options *options,
                         const ls_group *world, FILE *out) {
  activations_result r = {.model = model, .options = options};
  int status = compute(&r, world);
  if (status == LS_OK) status = ls_output_save(&output, &r, &options->file, world, out);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
