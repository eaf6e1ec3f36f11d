/* Codes drawn from a Gaussian that is fitted to the codes of each class. */
#include "study/decode/result.h"

#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <string.h>

enum { FEWEST = 3, LARGEST_CODE = 4096 };

/* The samples of the split. */
typedef struct collection {
  const decode_result *r;
  ls_samples samples;
  ls_part part;
  ls_memory memory;
  int32_t *labels; /* [sample] */
  ls_real *codes;  /* [sample, unit] */
} collection;

/* Reads the labels. */
static int prepare(collection *c) {
  const decode_result *r = c->r;
  if (r->code_size > LARGEST_CODE) {
    return ls_fail(LS_INVALID, "%s: the codes of '%s' have %zu numbers (expected at most %d)",
                   r->model->path, r->options->layer, r->code_size, LARGEST_CODE);
  }
  int status = ls_trained_samples(&c->samples, &c->part, r->model, r->options->split);
  if (status != LS_OK) return status;
  c->labels = ls_memory_new(&c->memory, c->samples.count, sizeof *c->labels);
  c->codes = ls_memory_new(&c->memory, c->samples.count * r->code_size, sizeof *c->codes);
  if (ls_memory_status(&c->memory) != LS_OK) return LS_FAILED;
  return ls_samples_labels(c->labels, r->model->plan->dataset, c->part, r->classes.target,
                           &c->samples);
}

/* Mean and covariance (divided by the count less 1) of the codes of class k. */
static int fit(const collection *c, size_t k, double *mean, double *covariance) {
  size_t size = c->r->code_size, count = 0;
  for (size_t i = 0; i < c->samples.count; i++) {
    if (c->labels[i] != (int32_t)k) continue;
    for (size_t j = 0; j < size; j++) mean[j] += (double)c->codes[i * size + j];
    count++;
  }
  if (count < FEWEST) {
    return ls_fail(LS_INVALID, "decode: class %s has %zu samples (expected %d or more)",
                   c->r->classes.names[k], count, FEWEST);
  }
  for (size_t j = 0; j < size; j++) mean[j] /= (double)count;
  for (size_t i = 0; i < c->samples.count; i++) {
    const ls_real *code = c->codes + i * size;
    if (c->labels[i] != (int32_t)k) continue;
    for (size_t a = 0; a < size; a++) {
      double scaled = ((double)code[a] - mean[a]) / (double)(count - 1);
      for (size_t b = 0; b < size; b++) {
        covariance[a * size + b] += scaled * ((double)code[b] - mean[b]);
      }
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

/* Draws the codes of class k: mean + l z, z standard normal. `l` and `z` are working memory. */
static void draw(decode_result *r, size_t k, double *l, ls_real *z) {
  size_t size = r->code_size, draws = r->options->draws;
  const double *mean = r->means + k * size;
  cholesky(size, r->covariances + k * size * size, l);
  for (size_t n = 0; n < draws; n++) {
    ls_real *code = r->drawn + (k * draws + n) * size;
    ls_stream stream = {r->options->seed, LS_RANDOM_CODE, 0, (uint32_t)k, (uint32_t)n};
    ls_random_normal(stream, 0, size, z);
    for (size_t i = 0; i < size; i++) {
      double sum = mean[i];
      for (size_t j = 0; j <= i; j++) sum += l[i * size + j] * (double)z[j];
      code[i] = (ls_real)sum;
    }
  }
}

/* On one rank. */
static int draw_all(decode_result *r, const collection *c) {
  size_t size = r->code_size, classes = r->classes.count;
  r->means = ls_memory_new(&r->memory, classes * size, sizeof *r->means);
  r->covariances = ls_memory_new(&r->memory, classes * size, size * sizeof *r->covariances);
  r->drawn = ls_memory_new(&r->memory, classes * r->options->draws * size, sizeof *r->drawn);
  double *l = ls_memory_new(&r->memory, size, size * sizeof *l);
  ls_real *z = ls_memory_new(&r->memory, size, sizeof *z);
  int status = ls_memory_status(&r->memory);
  for (size_t k = 0; k < classes && status == LS_OK; k++) {
    status = fit(c, k, r->means + k * size, r->covariances + k * size * size);
    if (status == LS_OK) draw(r, k, l, z);
  }
  return status;
}

int decode_draw_codes(decode_result *r, const ls_group *world) {
  collection c = {.r = r};
  int status = ls_group_agree(world, prepare(&c));
  if (status == LS_OK) {
    status = ls_infer_layer(c.codes, r->model, r->layer, c.part, &c.samples, world);
  }
  if (status == LS_OK && world->rank == 0) status = draw_all(r, &c);
  ls_samples_free(&c.samples);
  ls_memory_free(&c.memory);
  return ls_group_agree(world, status);
}
