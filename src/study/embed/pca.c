/* Principal components of samples: their scores.
 *
 * With fewer features than samples, from the covariance [feature, feature], a sum over chunks of
 * samples; otherwise from the inner products [sample, sample], a sum over chunks of features. Both
 * have the same eigenvalues, apart from the divisor n - 1; scores are the eigenvectors of the
 * latter times the roots of their eigenvalues. Chunks are added in their order; rank 0 finds the
 * eigenvectors. */
#include "base/memory.h"
#include "data/eigen.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256, LARGEST = 4096 }; /* the matrix is then 128 MiB */

typedef struct projection {
  const ls_peers *peers;
  const ls_embed_input *input;
  size_t components;
  size_t size; /* of the matrix */
  ls_memory memory;
  double *mean;  /* [feature] */
  double *total; /* the matrix, then the sums of its deviations [feature] */
  double *part;  /* the same of one chunk */
  double *block; /* deviations of a chunk */
  double *values, *vectors;
} projection;

static int allocate(projection *p) {
  const ls_embed_input *in = p->input;
  size_t count = p->size * p->size + in->features;
  size_t block = CHUNK * (p->size > in->features ? p->size : in->features);
  p->mean = ls_memory_new(&p->memory, in->features, sizeof *p->mean);
  p->total = ls_memory_new(&p->memory, count, sizeof *p->total);
  p->part = ls_memory_new(&p->memory, count, sizeof *p->part);
  p->block = ls_memory_new(&p->memory, block, sizeof *p->block);
  p->values = ls_memory_new(&p->memory, p->components, sizeof *p->values);
  p->vectors = ls_memory_new(&p->memory, p->components * p->size, sizeof *p->vectors);
  return ls_memory_status(&p->memory);
}

/* The same on every rank. */
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

static void multiply_chunk(projection *p, bool by_samples, size_t first, size_t end) {
  int size = (int)p->size, count = (int)(end - first);
  if (by_samples) {
    take(p, first, end, 0, p->input->features);
  } else {
    take(p, 0, p->input->samples, first, end);
  }
  cblas_dsyrk(CblasRowMajor, CblasUpper, by_samples ? CblasTrans : CblasNoTrans, size, count, 1,
              p->block, by_samples ? size : count, 0, p->part, size);
  double *sums = p->part + p->size * p->size;
  for (size_t i = 0; by_samples && i < end - first; i++) {
    for (size_t k = 0; k < p->size; k++) sums[k] += p->block[i * p->size + k];
  }
}

/* Collective: the matrix of all chunks, on all ranks. */
static int multiply(projection *p, bool by_samples) {
  const ls_peers *peers = p->peers;
  size_t length = by_samples ? p->input->samples : p->input->features;
  size_t chunks = (length + CHUNK - 1) / CHUNK, count = p->size * p->size + p->input->features;
  int status = LS_OK;
  for (size_t i = 0; i < chunks && status == LS_OK; i++) {
    size_t end = (i + 1) * CHUNK < length ? (i + 1) * CHUNK : length;
    memset(p->part, 0, count * sizeof *p->part);
    if (i % (size_t)peers->size == (size_t)peers->rank) {
      multiply_chunk(p, by_samples, i * CHUNK, end);
    }
    status = peers->sum(peers->context, p->part, count);
    for (size_t k = 0; k < count; k++) p->total[k] += p->part[k];
  }
  return status;
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

/* On one rank: scores and fractions of the variance, from the matrix. */
static int solve(projection *p, bool by_samples, double *scores, double *fractions) {
  double variance = 0;
  if (by_samples) {
    ls_eigen_covariance(p->input->samples, p->size, p->total + p->size * p->size, p->total);
  } else {
    for (size_t k = 0; k < p->size * p->size; k++) p->total[k] /= (double)(p->size - 1);
  }
  for (size_t k = 0; k < p->size; k++) variance += p->total[k * p->size + k];
  int status = ls_eigen_largest("pca", p->size, p->total, p->components, p->values, p->vectors);
  if (status != LS_OK) return status;
  for (size_t c = 0; c < p->components; c++) fractions[c] = p->values[c] / variance;
  if (by_samples) {
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

int ls_embed_pca(const ls_peers *peers, const ls_embed_input *input, size_t components,
                 double *scores, double *fractions) {
  bool by_samples = input->features <= input->samples;
  projection p = {.peers = peers, .input = input, .components = components};
  p.size = by_samples ? input->features : input->samples;
  int status = check(input, components, p.size);
  if (status != LS_OK) return status;
  status = peers->agree(peers->context, allocate(&p));
  if (status == LS_OK) {
    find_mean(&p);
    status = multiply(&p, by_samples);
  }
  if (status == LS_OK) {
    memset(scores, 0, input->samples * components * sizeof *scores);
    memset(fractions, 0, components * sizeof *fractions);
    int solved = peers->rank == 0 ? solve(&p, by_samples, scores, fractions) : LS_OK;
    status = peers->agree(peers->context, solved);
  }
  if (status == LS_OK) status = peers->sum(peers->context, scores, input->samples * components);
  if (status == LS_OK) status = peers->sum(peers->context, fractions, components);
  ls_memory_free(&p.memory);
  return status;
}
