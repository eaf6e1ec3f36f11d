/* Principal components of the samples themselves: their scores.
 *
 * Of fewer features than samples the covariance [feature, feature] is made of pieces of samples;
 * otherwise the inner products [sample, sample] of pieces of features: both have the same
 * eigenvalues (but for the divisor n - 1), and scores are the latter's eigenvectors times the roots
 * of their eigenvalues. Pieces are added up in their order; eigenvectors are found on rank 0. */
#include "base/memory.h"
#include "data/eigen.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 256, LARGEST = 4096 }; /* the matrix is then 128 MiB */

typedef struct projection {
  const ls_peers *peers;
  const ls_embed_input *input;
  size_t components;
  size_t size;   /* of the matrix */
  double *mean;  /* [feature] */
  double *total; /* the matrix, then the sums of its deviations [feature] */
  double *part;  /* of one piece */
  double *block; /* deviations of a piece */
  double *values, *vectors;
} projection;

static void free_all(projection *p) {
  double *const all[] = {p->mean, p->total, p->part, p->block, p->values, p->vectors};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static int allocate(projection *p) {
  const ls_embed_input *in = p->input;
  size_t count = p->size * p->size + in->features;
  p->mean = ls_new(in->features, sizeof *p->mean);
  p->total = ls_new(count, sizeof *p->total);
  p->part = ls_new(count, sizeof *p->part);
  p->block = ls_new(PIECE * (p->size > in->features ? p->size : in->features), sizeof *p->block);
  p->values = ls_new(p->components, sizeof *p->values);
  p->vectors = ls_new(p->components * p->size, sizeof *p->vectors);
  bool done = p->mean && p->total && p->part && p->block && p->values && p->vectors;
  return done ? LS_OK : LS_FAILED;
}

/* The same on every rank: one pass over memory. */
static void find_mean(projection *p) {
  const ls_embed_input *in = p->input;
  for (size_t i = 0; i < in->samples; i++) {
    for (size_t k = 0; k < in->features; k++) p->mean[k] += (double)in->x[i * in->features + k];
  }
  for (size_t k = 0; k < in->features; k++) p->mean[k] /= (double)in->samples;
}

/* The deviations of samples first .. end - 1, [sample, feature]. */
static void take_samples(const projection *p, size_t first, size_t end) {
  size_t f = p->input->features;
  for (size_t i = first; i < end; i++) {
    for (size_t k = 0; k < f; k++) {
      p->block[(i - first) * f + k] = (double)p->input->x[i * f + k] - p->mean[k];
    }
  }
}

/* The deviations in features first .. end - 1, [sample, feature]. */
static void take_features(const projection *p, size_t first, size_t end) {
  size_t f = p->input->features;
  for (size_t i = 0; i < p->input->samples; i++) {
    for (size_t k = first; k < end; k++) {
      p->block[i * (end - first) + k - first] = (double)p->input->x[i * f + k] - p->mean[k];
    }
  }
}

static void multiply_piece(projection *p, bool by_samples, size_t first, size_t end) {
  int size = (int)p->size, count = (int)(end - first);
  if (by_samples) {
    take_samples(p, first, end);
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, size, count, 1, p->block, size, 0, p->part,
                size);
    double *sums = p->part + p->size * p->size;
    for (size_t i = 0; i < end - first; i++) {
      for (size_t k = 0; k < p->size; k++) sums[k] += p->block[i * p->size + k];
    }
  } else {
    take_features(p, first, end);
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, size, count, 1, p->block, count, 0,
                p->part, size);
  }
}

/* Collective: the matrix of all pieces, on all ranks. */
static int multiply(projection *p, bool by_samples) {
  const ls_peers *peers = p->peers;
  size_t length = by_samples ? p->input->samples : p->input->features;
  size_t pieces = (length + PIECE - 1) / PIECE, count = p->size * p->size + p->input->features;
  int status = LS_OK;
  for (size_t i = 0; i < pieces && status == LS_OK; i++) {
    size_t end = (i + 1) * PIECE < length ? (i + 1) * PIECE : length;
    memset(p->part, 0, count * sizeof *p->part);
    if (i % (size_t)peers->size == (size_t)peers->rank) {
      multiply_piece(p, by_samples, i * PIECE, end);
    }
    status = peers->sum(peers->context, p->part, count);
    for (size_t k = 0; k < count; k++) p->total[k] += p->part[k];
  }
  return status;
}

static void score_by_features(const projection *p, double *scores) {
  size_t f = p->input->features;
  for (size_t i = 0; i < p->input->samples; i++) {
    take_samples(p, i, i + 1);
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

/* On one rank: what the matrix says. */
static int solve(projection *p, bool by_samples, double *scores, double *shares) {
  double variance = 0;
  if (by_samples) {
    ls_eigen_covariance(p->input->samples, p->size, p->total + p->size * p->size, p->total);
  } else {
    for (size_t k = 0; k < p->size * p->size; k++) p->total[k] /= (double)(p->size - 1);
  }
  for (size_t k = 0; k < p->size; k++) variance += p->total[k * p->size + k];
  int status = ls_eigen_largest("pca", p->size, p->total, p->components, p->values, p->vectors);
  if (status != LS_OK) return status;
  for (size_t c = 0; c < p->components; c++) shares[c] = p->values[c] / variance;
  if (by_samples) {
    score_by_features(p, scores);
  } else {
    score_by_samples(p, scores);
  }
  return LS_OK;
}

static int check(const ls_embed_input *in, size_t components, size_t size) {
  if (in->samples < 2 || size < components) {
    return ls_fail(LS_INVALID,
                   "pca: %zu components can't be had of %zu samples of %zu features (expected at "
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
                 double *scores, double *shares) {
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
    memset(shares, 0, components * sizeof *shares);
    int solved = peers->rank == 0 ? solve(&p, by_samples, scores, shares) : LS_OK;
    status = peers->agree(peers->context, solved);
  }
  if (status == LS_OK) status = peers->sum(peers->context, scores, input->samples * components);
  if (status == LS_OK) status = peers->sum(peers->context, shares, components);
  free_all(&p);
  return status;
}
