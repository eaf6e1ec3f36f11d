/* Codes drawn from a Gaussian that is fitted to the codes of each class, and what the decoder makes
 * of them. */
#include "study/decode/decode.h"

#include "base/memory.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST = 3, LARGEST_CODE = 4096 };

/* ---- Codes of all samples ----------------------------------------------------------------------
 */

typedef struct collection {
  const decoding *d;
  size_t count;
  double *codes; /* [sample, unit], doubles for ranks to add up */
} collection;

static int visit(void *context, const ls_chunk *piece) {
  collection *c = context;
  const ls_real *code = ls_trained_output(c->d->model, piece->workspace, c->d->layer);
  size_t size = c->d->code_size;
  for (size_t k = 0; k < piece->n * size; k++) c->codes[piece->first * size + k] = (double)code[k];
  return LS_OK;
}

/* Collective. */
static int collect(collection *c, const ls_samples *samples, const ls_group *world) {
  const decoding *d = c->d;
  ls_inputs *inputs = NULL;
  ls_inference inference = {.model = d->model, .visit = visit, .visit_context = c};
  c->codes = ls_new(c->count * d->code_size, sizeof *c->codes);
  int status = ls_group_agree(world, c->codes ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    status = ls_inputs_create(&inputs, d->model->plan->dataset, d->part, samples, world);
  }
  if (status == LS_OK) status = ls_infer(inputs, &inference);
  ls_inputs_free(&inputs);
  return status == LS_OK ? ls_group_sum(world, c->codes, c->count * d->code_size) : status;
}

/* ---- Fitting -----------------------------------------------------------------------------------
 */

/* Mean and covariance (divided by the count less 1) of the codes of class k. */
static int fit(decoding *d, const collection *c, const int32_t *labels, size_t k) {
  size_t size = d->code_size, count = 0;
  double *mean = d->means + k * size, *covariance = d->covariances + k * size * size;
  for (size_t i = 0; i < c->count; i++) {
    if (labels[i] != (int32_t)k) continue;
    for (size_t j = 0; j < size; j++) mean[j] += c->codes[i * size + j];
    count++;
  }
  if (count < FEWEST) {
    return ls_fail(LS_INVALID, "decode: class %s has %zu samples (expected %d or more)",
                   d->classes.names[k], count, FEWEST);
  }
  for (size_t j = 0; j < size; j++) mean[j] /= (double)count;
  for (size_t i = 0; i < c->count; i++) {
    const double *code = c->codes + i * size;
    if (labels[i] != (int32_t)k) continue;
    for (size_t a = 0; a < size; a++) {
      double away = (code[a] - mean[a]) / (double)(count - 1);
      for (size_t b = 0; b < size; b++) covariance[a * size + b] += away * (code[b] - mean[b]);
    }
  }
  return LS_OK;
}

/* The lower triangle l with l l^T = a, by rows; columns without variance, up to rounding, are 0. */
static void cholesky(size_t size, const double *a, double *l) {
  double largest = 0;
  for (size_t i = 0; i < size; i++) largest = fmax(largest, a[i * size + i]);
  memset(l, 0, size * size * sizeof *l);
  for (size_t j = 0; j < size; j++) {
    double pivot = a[j * size + j];
    for (size_t k = 0; k < j; k++) pivot -= l[j * size + k] * l[j * size + k];
    if (!(pivot > 1e-12 * largest)) continue;
    double root = sqrt(pivot);
    l[j * size + j] = root;
    for (size_t i = j + 1; i < size; i++) {
      double sum = a[i * size + j];
      for (size_t k = 0; k < j; k++) sum -= l[i * size + k] * l[j * size + k];
      l[i * size + j] = sum / root;
    }
  }
}

/* Draws the codes of class k: mean + l z, z standard normal. */
static void draw(decoding *d, size_t k, double *l, ls_real *z) {
  size_t size = d->code_size, draws = d->options->draws;
  const double *mean = d->means + k * size;
  cholesky(size, d->covariances + k * size * size, l);
  for (size_t n = 0; n < draws; n++) {
    ls_real *code = d->drawn + (k * draws + n) * size;
    ls_stream stream = {d->options->seed, LS_RANDOM_CODE, 0, (uint32_t)k, (uint32_t)n};
    ls_random_normal(stream, 0, size, z);
    for (size_t i = 0; i < size; i++) {
      double sum = mean[i];
      for (size_t j = 0; j <= i; j++) sum += l[i * size + j] * (double)z[j];
      code[i] = (ls_real)sum;
    }
  }
}

/* On one rank. */
static int generate(decoding *d, const collection *c, const int32_t *labels) {
  size_t size = d->code_size, count = d->classes.count * d->options->draws;
  d->means = ls_new(d->classes.count * size, sizeof *d->means);
  d->covariances = ls_new(d->classes.count * size, size * sizeof *d->covariances);
  d->drawn = ls_new(count * size, sizeof *d->drawn);
  d->generated = ls_new(count * d->image_size, sizeof *d->generated);
  double *l = ls_new(size, size * sizeof *l);
  ls_real *z = ls_new(size, sizeof *z);
  bool allocated = d->means && d->covariances && d->drawn && d->generated && l && z;
  int status = allocated ? LS_OK : LS_FAILED;
  for (size_t k = 0; k < d->classes.count && status == LS_OK; k++) {
    status = fit(d, c, labels, k);
    if (status == LS_OK) draw(d, k, l, z);
  }
  if (status == LS_OK) status = decoding_run(d, count, d->drawn, d->generated);
  free(l);
  free(z);
  return status;
}

/* The classes [sample] of the samples, to be freed. */
static int read_labels(const decoding *d, const ls_samples *samples, int32_t **labels) {
  const ls_dataset *dataset = d->model->plan->dataset;
  int32_t *all = ls_new(dataset->count[d->part], sizeof *all);
  *labels = ls_new(samples->count, sizeof **labels);
  int status = all && *labels ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = ls_dataset_labels(dataset, d->part, d->classes.head, all);
  for (size_t i = 0; i < samples->count && status == LS_OK; i++) {
    (*labels)[i] = all[samples->numbers[i]];
  }
  free(all);
  return status;
}

int decoding_generate(decoding *d, const ls_group *world) {
  ls_samples samples = {0};
  ls_part part;
  int32_t *labels = NULL;
  int status = LS_OK;
  if (d->code_size > LARGEST_CODE) {
    status = ls_fail(LS_INVALID, "%s: the codes of '%s' have %zu numbers (expected at most %d)",
                     d->model->path, d->options->layer, d->code_size, LARGEST_CODE);
  }
  if (status == LS_OK) {
    status = ls_trained_samples(&samples, &part, d->model, d->options->split);
  }
  if (status == LS_OK) status = read_labels(d, &samples, &labels);
  status = ls_group_agree(world, status);
  collection c = {.d = d, .count = samples.count};
  if (status == LS_OK) status = collect(&c, &samples, world);
  if (status == LS_OK) {
    status = ls_group_agree(world, world->rank == 0 ? generate(d, &c, labels) : LS_OK);
  }
  free(c.codes);
  free(labels);
  ls_samples_free(&samples);
  return status;
}
