/* What a decoder makes of codes: of noisy inputs, and of codes between those of two samples. */
#include "study/decode/decode.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "study/model/inspection.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 256 };

size_t decoding_pairs(const decoding *d) {
  return d->options->sample_count - 1;
}

double decoding_share(const decoding *d, size_t step) {
  return (double)step / (double)(d->options->steps - 1);
}

/* ---- What is asked for -------------------------------------------------------------------------
 */

static int find_head(decoding *d) {
  const ls_model *net = d->model->plan->model;
  for (d->head = 0; d->head < net->head_count; d->head++) {
    if ((size_t)ls_shape_size(&net->heads[d->head].output) == d->image_size) return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: doesn't give back its inputs (expected an autoencoder)",
                 d->model->path);
}

static int find_layer(decoding *d) {
  const ls_model *net = d->model->plan->model;
  int status = ls_trained_layer(d->model, d->options->layer, &d->layer);
  if (status != LS_OK) return status;
  const ls_head *head = &net->heads[d->head];
  bool own = d->layer >= head->first && d->layer + 1 < head->end;
  bool before = d->layer < net->trunk && (d->layer + 1 < net->trunk || head->end > head->first);
  if (!own && !before) {
    return ls_fail(LS_INVALID, "%s: no layers make inputs of the outputs of '%s'", d->model->path,
                   d->options->layer);
  }
  ls_shape shape = ls_trained_shape(d->model, d->layer);
  d->code_size = (size_t)ls_shape_size(&shape);
  return LS_OK;
}

static int check_samples(decoding *d) {
  const ls_decode_options *options = d->options;
  const ls_dataset *dataset = d->model->plan->dataset;
  ls_samples samples;
  int status = ls_trained_samples(&samples, &d->part, d->model, options->split);
  if (status != LS_OK) return status;
  ls_samples_free(&samples);
  for (size_t i = 0; i < options->sample_count; i++) {
    if (options->samples[i] < dataset->count[d->part]) continue;
    return ls_fail(LS_INVALID, "decode: there is no sample %u in %s (expected 0 to %zu)",
                   options->samples[i], dataset->path, dataset->count[d->part] - 1);
  }
  return LS_OK;
}

/* The first target of the dataset that is classes. */
static int find_classes(decoding *d) {
  const ls_dataset *dataset = d->model->plan->dataset;
  size_t target = 0;
  while (target < dataset->target_count && dataset->targets[target].classes == 0) target++;
  d->classified = target < dataset->target_count && d->options->draws > 0;
  if (!d->classified) return LS_OK;
  int status = classes_read(&d->classes, dataset, target);
  d->classes.head = target;
  return status;
}

static int allocate(decoding *d) {
  const ls_decode_options *o = d->options;
  size_t all = o->sample_count * d->image_size;
  d->images = ls_new(all, sizeof *d->images);
  d->noisy = ls_new(o->noise->count * all, sizeof *d->noisy);
  d->cleaned = ls_new(o->noise->count * all, sizeof *d->cleaned);
  d->codes = ls_new(o->sample_count * d->code_size, sizeof *d->codes);
  d->between = ls_new(decoding_pairs(d) * o->steps * d->image_size, sizeof *d->between);
  bool done = d->images && d->noisy && d->cleaned && d->codes && d->between;
  return done ? LS_OK : LS_FAILED;
}

static int prepare(decoding *d) {
  const ls_plan *plan = d->model->plan;
  d->image_size = (size_t)ls_shape_size(&plan->dataset->shape);
  if (d->model->transforms->count > 0) {
    return ls_fail(LS_INVALID, "%s: gives back transformed inputs, which can't be drawn",
                   d->model->path);
  }
  int status = find_head(d);
  if (status == LS_OK) status = find_layer(d);
  if (status == LS_OK) status = check_samples(d);
  if (status == LS_OK) status = find_classes(d);
  if (status == LS_OK) status = allocate(d);
  if (status != LS_OK) return status;
  return inspection_read(d->images, plan->dataset, d->part, d->options->sample_count,
                         d->options->samples);
}

/* ---- Noise -------------------------------------------------------------------------------------
 */

/* What a pass over the samples leaves: [sample, seen, output, code], doubles for ranks to add up.
 */
typedef struct passage {
  const decoding *d;
  size_t width;
  double *table;
} passage;

static int visit(void *context, const ls_chunk *piece) {
  passage *p = context;
  const decoding *d = p->d;
  const ls_real *output = ls_model_activated(d->model->plan->model, piece->workspace, d->head).y;
  const ls_real *code = ls_trained_output(d->model, piece->workspace, d->layer);
  for (size_t i = 0; i < piece->n; i++) {
    double *row = p->table + (piece->first + i) * p->width;
    for (size_t k = 0; k < d->image_size; k++) {
      row[k] = (double)piece->seen[i * d->image_size + k];
      row[d->image_size + k] = (double)output[i * d->image_size + k];
    }
    for (size_t k = 0; k < d->code_size; k++) {
      row[2 * d->image_size + k] = (double)code[i * d->code_size + k];
    }
  }
  return LS_OK;
}

/* Collective: one pass at a level of noise, SIZE_MAX for none, whose codes are kept. */
static int pass_once(decoding *d, const passage *p, const ls_inputs *inputs, size_t level,
                     const ls_group *world) {
  const ls_decode_options *o = d->options;
  ls_perturber perturber;
  ls_inference inference = {.model = d->model, .visit = visit, .visit_context = (void *)p};
  int status = LS_OK;
  bool noise = level != SIZE_MAX;
  if (noise) {
    status =
        ls_perturber_create(&perturber, o->noise, level, &d->model->plan->dataset->shape, o->seed);
    status = ls_group_agree(world, status);
    inference.change = ls_perturb;
    inference.change_context = &perturber;
  }
  if (status != LS_OK) return status;
  memset(p->table, 0, o->sample_count * p->width * sizeof *p->table);
  status = ls_infer(inputs, &inference);
  if (noise) ls_perturber_destroy(&perturber);
  if (status == LS_OK) status = ls_group_sum(world, p->table, o->sample_count * p->width);
  for (size_t i = 0; i < o->sample_count && status == LS_OK; i++) {
    const double *row = p->table + i * p->width;
    size_t at = (level * o->sample_count + i) * d->image_size;
    for (size_t k = 0; noise && k < d->image_size; k++) {
      d->noisy[at + k] = (ls_real)row[k];
      d->cleaned[at + k] = (ls_real)row[d->image_size + k];
    }
    for (size_t k = 0; !noise && k < d->code_size; k++) {
      d->codes[i * d->code_size + k] = (ls_real)row[2 * d->image_size + k];
    }
  }
  return status;
}

/* Collective. */
static int reconstruct(decoding *d, const ls_group *world) {
  const ls_decode_options *o = d->options;
  ls_samples samples = {(uint32_t *)o->samples, o->sample_count};
  ls_inputs *inputs = NULL;
  passage p = {.d = d, .width = 2 * d->image_size + d->code_size};
  p.table = ls_new(o->sample_count * p.width, sizeof *p.table);
  int status = ls_group_agree(world, p.table ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    status = ls_inputs_create(&inputs, d->model->plan->dataset, d->part, &samples, world);
  }
  if (status == LS_OK) status = pass_once(d, &p, inputs, SIZE_MAX, world);
  for (size_t level = 0; level < o->noise->count && status == LS_OK; level++) {
    status = pass_once(d, &p, inputs, level, world);
  }
  ls_inputs_free(&inputs);
  free(p.table);
  return status;
}

/* ---- Codes -------------------------------------------------------------------------------------
 */

int decoding_run(const decoding *d, size_t count, const ls_real *codes, ls_real *images) {
  ls_workspace *workspace = NULL;
  int status = ls_workspace_create_separate(&workspace, d->model->plan->model, PIECE);
  for (size_t first = 0; first < count && status == LS_OK; first += PIECE) {
    size_t n = count - first < PIECE ? count - first : PIECE;
    ls_trained_decode(d->model, workspace, d->layer, n, codes + first * d->code_size);
    const ls_real *y = ls_model_activated(d->model->plan->model, workspace, d->head).y;
    memcpy(images + first * d->image_size, y, n * d->image_size * sizeof *y);
  }
  ls_workspace_free(&workspace);
  return status;
}

/* On one rank. */
static int interpolate(decoding *d) {
  size_t steps = d->options->steps, count = decoding_pairs(d) * steps;
  ls_real *codes = ls_new(count * d->code_size, sizeof *codes);
  if (!codes) return LS_FAILED;
  for (size_t i = 0; i < count; i++) {
    const ls_real *from = d->codes + i / steps * d->code_size, *to = from + d->code_size;
    ls_real share = (ls_real)decoding_share(d, i % steps);
    for (size_t k = 0; k < d->code_size; k++) {
      codes[i * d->code_size + k] = (1 - share) * from[k] + share * to[k];
    }
  }
  int status = decoding_run(d, count, codes, d->between);
  free(codes);
  return status;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static void release(decoding *d) {
  if (d->classified) classes_destroy(&d->classes);
  free(d->images);
  free(d->noisy);
  free(d->cleaned);
  free(d->codes);
  free(d->between);
  free(d->means);
  free(d->covariances);
  free(d->drawn);
  free(d->generated);
}

int ls_inspect_decode(const ls_trained *model, const ls_decode_options *options,
                      const ls_group *world, FILE *out) {
  decoding d = {.model = model, .options = options};
  int status = ls_group_agree(world, prepare(&d));
  if (status == LS_OK) status = reconstruct(&d, world);
  if (status == LS_OK && d.classified) status = decoding_generate(&d, world);
  if (status == LS_OK) {
    int done = LS_OK;
    if (world->rank == 0) {
      done = interpolate(&d);
      if (done == LS_OK) done = decoding_write(&d);
    }
    status = ls_group_agree(world, done);
  }
  if (status == LS_OK && world->rank == 0) {
    fprintf(out, "%s: codes of %zu numbers\n%s\n", model->name, d.code_size, options->output);
  }
  release(&d);
  return status;
}
