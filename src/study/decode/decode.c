/* Decoding: reconstructions of noisy inputs, and decoded codes, then the output. */
#include "study/decode/result.h"

#include "lockstep/error.h"
#include "study/model/output.h"
#include "study/model/trained_layers.h"

#include <string.h>

enum { CHUNK = 256 };

/* ---- What is asked for ---- */

static int find_head(decode_result *r) {
  const ls_model *net = r->model->plan->model;
  for (r->head = 0; r->head < net->head_count; r->head++) {
    if ((size_t)ls_shape_size(&net->heads[r->head].output) == r->image_size) return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: no output has the shape of its inputs (expected an autoencoder)",
                 r->model->path);
}

static int find_layer(decode_result *r) {
  const ls_model *net = r->model->plan->model;
  int status = ls_trained_layer(r->model, r->options->layer, &r->layer);
  if (status != LS_OK) return status;
  const ls_head *head = &net->heads[r->head];
  bool own = r->layer >= head->first && r->layer + 1 < head->end;
  bool before = r->layer < net->trunk && (r->layer + 1 < net->trunk || head->end > head->first);
  if (!own && !before) {
    return ls_fail(LS_INVALID, "%s: no layers decode the outputs of '%s'", r->model->path,
                   r->options->layer);
  }
  ls_shape shape = ls_trained_shape(r->model, r->layer);
  r->code_size = (size_t)ls_shape_size(&shape);
  return LS_OK;
}

static int allocate(decode_result *r) {
  const ls_decode_options *o = r->options;
  size_t all = o->sample_count * r->image_size;
  r->pairs = o->sample_count - 1;
  r->images = ls_memory_new(&r->memory, all, sizeof *r->images);
  r->noisy = ls_memory_new(&r->memory, o->noise->count * all, sizeof *r->noisy);
  r->cleaned = ls_memory_new(&r->memory, o->noise->count * all, sizeof *r->cleaned);
  r->errors = ls_memory_new(&r->memory, o->noise->count * o->sample_count, sizeof *r->errors);
  r->codes = ls_memory_new(&r->memory, o->sample_count * r->code_size, sizeof *r->codes);
  r->fractions = ls_memory_new(&r->memory, o->steps, sizeof *r->fractions);
  r->between = ls_memory_new(&r->memory, r->pairs * o->steps * r->image_size, sizeof *r->between);
  return ls_memory_status(&r->memory);
}

static int prepare(decode_result *r) {
  const ls_decode_options *o = r->options;
  const ls_dataset *dataset = r->model->plan->dataset;
  r->image_size = (size_t)ls_shape_size(&dataset->shape);
  if (r->model->transforms->count > 0) {
    return ls_fail(LS_INVALID, "%s: its outputs are transformed inputs, which are not images",
                   r->model->path);
  }
  int status = find_head(r);
  if (status == LS_OK) status = find_layer(r);
  if (status == LS_OK) {
    status = ls_trained_find_samples(&r->part, r->model, o->split, "decode", o->sample_count,
                                     o->samples);
  }
  if (status == LS_OK && o->draws > 0) status = classes_of_dataset(&r->classes, dataset);
  if (status == LS_OK) status = allocate(r);
  if (status != LS_OK) return status;
  return ls_samples_read(r->images, dataset, r->part, o->sample_count, o->samples);
}

/* ---- Samples ---- */

/* Collective: noisy inputs and outputs [sample, ...] of a level of noise. */
static int run_level(const decode_result *r, const ls_inputs *inputs, size_t level) {
  size_t at = level * r->options->sample_count * r->image_size;
  size_t bytes = r->image_size * sizeof *r->noisy;
  const ls_gathered gathered[] = {{r->noisy + at, bytes, ls_take_seen},
                                  {r->cleaned + at, bytes, ls_take_head, r->head},
                                  {NULL}};
  ls_inference inference = {.model = r->model,
                            .perturbation = r->options->noise,
                            .level = level,
                            .seed = r->options->seed,
                            .gathered = gathered};
  return ls_infer(inputs, &inference);
}

/* Collective: codes of the samples, reconstructions of noisy ones. */
static int reconstruct(decode_result *r, const ls_group *world) {
  ls_samples samples = {(uint32_t *)r->options->samples, r->options->sample_count};
  ls_inputs *inputs = NULL;
  int status = ls_infer_layer(r->codes, r->model, r->layer, r->part, &samples, world);
  if (status == LS_OK) {
    status = ls_inputs_create(&inputs, r->model->plan->dataset, r->part, &samples, world);
  }
  for (size_t level = 0; level < r->options->noise->count && status == LS_OK; level++) {
    status = run_level(r, inputs, level);
  }
  ls_inputs_free(&inputs);
  return status;
}

static void find_errors(decode_result *r) {
  size_t size = r->image_size, samples = r->options->sample_count;
  for (size_t i = 0; i < r->options->noise->count * samples; i++) {
    const ls_real *clean = r->images + i % samples * size, *given = r->cleaned + i * size;
    for (size_t k = 0; k < size; k++) {
      double difference = (double)given[k] - (double)clean[k];
      r->errors[i] += difference * difference / (double)size;
    }
  }
}

/* ---- Codes ---- */

/* Decodes codes [count, unit] to images [count, ...], chunk by chunk. On one rank. */
static int decode(const decode_result *r, size_t count, const ls_real *codes, ls_real *images) {
  const ls_model *net = r->model->plan->model;
  ls_workspace *workspace = NULL;
  int status = ls_trained_workspace(&workspace, r->model, CHUNK);
  for (size_t first = 0; first < count && status == LS_OK; first += CHUNK) {
    size_t n = count - first < CHUNK ? count - first : CHUNK;
    ls_trained_decode(r->model, workspace, r->layer, n, codes + first * r->code_size);
    const ls_real *y = ls_model_activated(net, workspace, r->head).y;
    memcpy(images + first * r->image_size, y, n * r->image_size * sizeof *y);
  }
  ls_workspace_free(&workspace);
  return status;
}

/* On one rank. */
static int interpolate(decode_result *r) {
  size_t steps = r->options->steps, size = r->code_size, count = r->pairs * steps;
  ls_real *codes = ls_memory_new(&r->memory, count * size, sizeof *codes);
  if (!codes) return LS_FAILED;
  for (size_t s = 0; s < steps; s++) r->fractions[s] = (double)s / (double)(steps - 1);
  for (size_t i = 0; i < count; i++) {
    const ls_real *from = r->codes + i / steps * size, *to = from + size;
    ls_real fraction = (ls_real)r->fractions[i % steps];
    for (size_t k = 0; k < size; k++) {
      codes[i * size + k] = (1 - fraction) * from[k] + fraction * to[k];
    }
  }
  return decode(r, count, codes, r->between);
}

/* On one rank. */
static int decode_all(decode_result *r) {
  size_t count = r->classes.count * r->options->draws;
  find_errors(r);
  r->generated = ls_memory_new(&r->memory, count * r->image_size, sizeof *r->generated);
  int status = ls_memory_status(&r->memory);
  if (status == LS_OK) status = decode(r, count, r->drawn, r->generated);
  return status == LS_OK ? interpolate(r) : status;
}

static int compute(decode_result *r, const ls_group *world) {
  int status = ls_group_agree(world, prepare(r));
  if (status == LS_OK) status = reconstruct(r, world);
  if (status == LS_OK && r->classes.count > 0) status = decode_draw_codes(r, world);
  if (status == LS_OK && world->rank == 0) status = decode_all(r);
  return ls_group_agree(world, status);
}

/* ---- The output ---- */

static const ls_output output = {"Decoded codes", decode_write, decode_draw, decode_print};

int ls_study_decode(const ls_trained *model, const ls_decode_options *options,
                    const ls_group *world, FILE *out) {
  decode_result r = {.model = model, .options = options};
  int status = compute(&r, world);
  if (status == LS_OK) status = ls_output_save(&output, &r, &options->file, world, out);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
