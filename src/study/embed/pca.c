/* Principal components of samples: their scores.
 *
 * With at most as many features as samples, from the covariance [feature, feature], a sum over
 * chunks of samples; otherwise from the inner products [sample, sample], a sum over chunks of
 * features. Both have the same eigenvalues, apart from the divisor n - 1; scores are the
 * eigenvectors of the latter times the roots of their eigenvalues. */
#include "base/memory.h"
#include "data/eigen.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>

enum { CHUNK = 256, LARGEST = 4096 }; /* the matrix is then 128 MiB */

typedef struct projection {
  const ls_embed_input *input;
  size_t components;
  bool by_samples; /* the matrix is a sum over samples */
  size_t size;     /* of the matrix */
  ls_memory memory;
  double *mean;   /* [feature] */
  double *matrix; /* [size, size], its upper triangle */
  double *sums;   /* [feature], of the deviations */
  double *block;  /* deviations of a chunk */
  double *values, *vectors;
} projection;

static int allocate(projection *p) {
  const ls_embed_input *in = p->input;
  size_t block = CHUNK * (p->size > in->features ? p->size : in->features);
  p->mean = ls_memory_new(&p->memory, in->features, sizeof *p->mean);
  p->matrix = ls_memory_new(&p->memory, p->size * p->size, sizeof *p->matrix);
  p->sums = ls_memory_new(&p->memory, in->features, sizeof *p->sums);
  p->block = ls_memory_new(&p->memory, block, sizeof *p->block);
  p->values = ls_memory_new(&p->memory, p->components, sizeof *p->values);
  p->vectors = ls_memory_new(&p->memory, p->components * p->size, sizeof *p->vectors);
  return ls_memory_status(&p->memory);
}

static void find_mean(projection *p) {
  const ls_embed_input *in = p->input;
  for (size_t i = 0; i < in->samples; i++) {
    for (size_t k = 0; k < in->features; k++) p->mean[k] += (double)in->x[i * in->features + k];
  }
  for (size_t k = 0; k < in->features; k++) p->mean[k] /= (double)in->samples;
}

/* Sets the block [sample, feature] to deviations: samples and features from the first to the end.
 */
static void take(const projection *p, size_t sample, size_t sample_end, size_t feature,
                 size_t feature_end) {
  double *next = p->block;
  for (size_t i = sample; i < sample_end; i++) {
    const ls_real *x = p->input->x + i * p->input->features;
    for (size_t k = feature; k < feature_end; k++) *next++ = (double)x[k] - p->mean[k];
  }
}

/* Adds a chunk of samples or of features. */
static void add_chunk(projection *p, size_t first, size_t end) {
  int size = (int)p->size, count = (int)(end - first);
  if (p->by_samples) {
    take(p, first, end, 0, p->size);
  } else {
    take(p, 0, p->size, first, end);
  }
  cblas_dsyrk(CblasRowMajor, CblasUpper, p->by_samples ? CblasTrans : CblasNoTrans, size, count, 1,
              p->block, p->by_samples ? size : count, 1, p->matrix, size);
  for (size_t k = 0; p->by_samples && k < p->size; k++) {
    double sum = 0;
    for (size_t i = 0; i < end - first; i++) sum += p->block[i * p->size + k];
    p->sums[k] += sum;
  }
}

static void score_by_features(const projection *p, double *scores) {
  size_t f = p->input->features;
  for (size_t i = 0; i < p->input->samples; i++) {
    take(p, i, i + 1, 0, f);
    for (size_t c = 0; c < p->components; c++) {
      double sum = 0;
      for (size_t k = 0; k < f; k++) sum += p->block[k] * p->vectors[c * f + k];
      scores[i * p->components + c] = sum;
    }
  }
}

static void score_by_samples(const projection *p, double *scores) {
  size_t n = p->size;
  for (size_t c = 0; c < p->components; c++) {
    double length = p->values[c] > 0 ? sqrt(p->values[c] * (double)(n - 1)) : 0;
    for (size_t i = 0; i < n; i++) {
      scores[i * p->components + c] = 0 + length * p->vectors[c * n + i]; /* no -0 */
    }
  }
}

/* Scores and fractions of the variance, from the matrix. */
static int solve(projection *p, double *scores, double *fractions) {
  double variance = 0;
  if (p->by_samples) {
    ls_eigen_covariance(p->input->samples, p->size, p->sums, p->matrix);
  } else {
    for (size_t k = 0; k < p->size * p->size; k++) p->matrix[k] /= (double)(p->size - 1);
  }
  for (size_t k = 0; k < p->size; k++) variance += p->matrix[k * p->size + k];
  int status = ls_eigen_largest("pca", p->size, p->matrix, p->components, p->values, p->vectors);
  if (status != LS_OK) return status;
  for (size_t c = 0; c < p->components; c++) fractions[c] = p->values[c] / variance;
  if (p->by_samples) {
    score_by_features(p, scores);
  } else {
    score_by_samples(p, scores);
  }
  return LS_OK;
}

static int check(const ls_embed_input *in, size_t components, size_t size) {
  if (in->samples < 2 || size < components) {
    return ls_fail(
        LS_INVALID,
        "pca: %zu components are not available from %zu samples of %zu features (expected at "
        "most as many as either, and 2 samples)",
        components, in->samples, in->features);
  }
  if (size > LARGEST) {
    return ls_fail(LS_INVALID,
                   "pca: %zu samples of %zu features are too many (expected at most %d samples or "
                   "at most as many features)",
                   in->samples, in->features, LARGEST);
  }
  return LS_OK;
}

int ls_embed_pca(const ls_embed_input *input, size_t components, double *scores,
                 double *fractions) {
  projection p = {.input = input, .components = components};
  p.by_samples = input->features <= input->samples;
  p.size = p.by_samples ? input->features : input->samples;
  size_t length = p.by_samples ? input->samples : input->features;
  int status = check(input, components, p.size);
  if (status == LS_OK) status = allocate(&p);
  if (status == LS_OK) {
    find_mean(&p);
    for (size_t first = 0; first < length; first += CHUNK) {
      add_chunk(&p, first, first + CHUNK < length ? first + CHUNK : length);
    }
    status = solve(&p, scores, fractions);
  }
  ls_memory_free(&p.memory);
  return status;
}
