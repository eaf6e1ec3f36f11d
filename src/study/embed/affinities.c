/* The affinities of t-SNE: van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 9
 * (2008), with the details of scikit-learn (method="exact"): p(j|i) is proportional to
 * exp(-beta_i d_ij), d the squared distances, and beta_i is found by bisection from 1 on such that
 * the entropy of row i is the logarithm of the perplexity, within 1e-5.
 *
 * Distances come from matrix products of chunks of rows with chunks of columns, in double
 * precision. The least distance of the row is subtracted from all of them, which changes no p(j|i)
 * but keeps exp in range. */
#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { ROWS_CHUNK = 32, COLUMNS_CHUNK = 256, LANES = 16, MOST_STEPS = 100 };

/* Working memory for the rows of a rank. */
typedef struct making {
  const ls_embed_input *input;
  ls_memory memory;
  double *rows, *columns; /* deviations from the mean of a chunk of samples */
  double *mean;           /* [feature] */
  double *norms;          /* [sample], squares */
  double *products;       /* [row of a chunk, column of a chunk] */
  double *least;          /* [sample], the least distance; like the next two finally on all ranks */
  double *beta;           /* [sample] */
  double *sum;            /* [sample], of exp(...) */
} making;

/* ---- Distances ---- */

static void take(const making *m, size_t first, size_t count, double *out) {
  size_t f = m->input->features;
  const ls_real *x = m->input->x + first * f;
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < f; k++) out[i * f + k] = (double)x[i * f + k] - m->mean[k];
  }
}

/* Subtracting the mean keeps the precision of samples that are far from 0. */
static void find_norms(making *m) {
  size_t n = m->input->samples, f = m->input->features;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < f; k++) m->mean[k] += (double)m->input->x[i * f + k];
  }
  for (size_t k = 0; k < f; k++) m->mean[k] /= (double)n;
  for (size_t i = 0; i < n; i++) {
    take(m, i, 1, m->rows);
    for (size_t k = 0; k < f; k++) m->norms[i] += m->rows[k] * m->rows[k];
  }
}

static size_t less(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Squared distances of rows first .. first + count - 1 to all samples, into p [row, stride]. */
static void find_distances(making *m, size_t first, size_t count, size_t stride, float *p) {
  size_t n = m->input->samples, f = m->input->features;
  take(m, first, count, m->rows);
  for (size_t from = 0; from < n; from += COLUMNS_CHUNK) {
    size_t columns = less(COLUMNS_CHUNK, n - from);
    take(m, from, columns, m->columns);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, (int)columns, (int)f, 1,
                m->rows, (int)f, m->columns, (int)f, 0, m->products, (int)columns);
    for (size_t i = 0; i < count; i++) {
      for (size_t j = 0; j < columns; j++) {
        double d = m->norms[first + i] + m->norms[from + j] - 2 * m->products[i * columns + j];
        p[i * stride + from + j] = d > 0 ? (float)d : 0;
      }
    }
  }
}

/* ---- One row ---- */

/* The sum of exp(-beta d) over all samples but i itself, and of its products with d. */
static double sum_row(size_t n, size_t i, const float *d, double least, double beta,
                      double *weighted) {
  double sum = 0, products = 0;
  for (size_t j = 0; j < n; j++) {
    if (j == i) continue;
    double distance = (double)d[j] - least, p = exp(-beta * distance);
    sum += p;
    products += p * distance;
  }
  *weighted = products;
  return sum;
}

static void calibrate(making *m, size_t i, const float *d, double perplexity) {
  size_t n = m->input->samples;
  double least = INFINITY, low = -INFINITY, high = INFINITY, beta = 1, sum = 0, weighted = 0;
  for (size_t j = 0; j < n; j++) {
    if (j != i && (double)d[j] < least) least = (double)d[j];
  }
  for (int step = 0; step < MOST_STEPS; step++) {
    sum = sum_row(n, i, d, least, beta, &weighted);
    double excess = log(sum) + beta * weighted / sum - log(perplexity);
    if (fabs(excess) <= 1e-5 || step == MOST_STEPS - 1) break;
    if (excess > 0) {
      low = beta;
      beta = isinf(high) ? beta * 2 : (beta + high) / 2;
    } else {
      high = beta;
      beta = isinf(low) ? beta / 2 : (beta + low) / 2;
    }
  }
  m->least[i] = least;
  m->beta[i] = beta;
  m->sum[i] = sum;
}

/* Replaces the distances of row i by affinities. */
static void finish_row(const making *m, size_t i, float *p) {
  size_t n = m->input->samples;
  for (size_t j = 0; j < n; j++) {
    double d = (double)p[j];
    double there = exp(-m->beta[i] * (d - m->least[i])) / m->sum[i];
    double back = exp(-m->beta[j] * (d - m->least[j])) / m->sum[j];
    double both = (there + back) / (2 * (double)n);
    p[j] = (float)(both > DBL_EPSILON ? both : DBL_EPSILON);
  }
  p[i] = 0;
}

/* ---- All rows ---- */

/* The first row of a rank, in chunks that are the same for any number of ranks; of the number of
 * ranks, the end. */
static size_t rows_begin(size_t rows, const ls_peers *peers, int rank) {
  size_t chunks = (rows + ROWS_CHUNK - 1) / ROWS_CHUNK;
  size_t row = ROWS_CHUNK * ls_partition_begin(chunks, (size_t)peers->size, (size_t)rank);
  return row < rows ? row : rows;
}

static int allocate(making *m, ls_affinities *out) {
  size_t n = m->input->samples, f = m->input->features;
  out->p = ls_new(out->count * out->stride, sizeof *out->p);
  m->rows = ls_memory_new(&m->memory, ROWS_CHUNK * f, sizeof *m->rows);
  m->columns = ls_memory_new(&m->memory, COLUMNS_CHUNK * f, sizeof *m->columns);
  m->mean = ls_memory_new(&m->memory, f, sizeof *m->mean);
  m->norms = ls_memory_new(&m->memory, n, sizeof *m->norms);
  m->products = ls_memory_new(&m->memory, ROWS_CHUNK * COLUMNS_CHUNK, sizeof *m->products);
  m->least = ls_memory_new(&m->memory, 3 * n, sizeof *m->least); /* summed over ranks at once */
  if (!out->p || ls_memory_status(&m->memory) != LS_OK) return LS_FAILED;
  m->beta = m->least + n;
  m->sum = m->beta + n;
  return LS_OK;
}

static void measure_rows(making *m, double perplexity, const ls_affinities *out) {
  for (size_t at = 0; at < out->count; at += ROWS_CHUNK) {
    size_t count = less(ROWS_CHUNK, out->count - at);
    float *p = out->p + at * out->stride;
    find_distances(m, out->first + at, count, out->stride, p);
    for (size_t i = 0; i < count; i++) {
      calibrate(m, out->first + at + i, p + i * out->stride, perplexity);
    }
  }
}

int ls_affinities_create(const ls_peers *peers, const ls_embed_input *input, double perplexity,
                         ls_affinities *out) {
  size_t n = input->samples;
  if (!(perplexity > 1 && perplexity < (double)n)) {
    return ls_fail(
        LS_INVALID,
        "t-SNE: perplexity %g is not possible with %zu samples (expected more than 1 and less "
        "than the samples)",
        perplexity, n);
  }
  size_t first = rows_begin(n, peers, peers->rank);
  *out = (ls_affinities){.samples = n,
                         .stride = (n + LANES - 1) / LANES * LANES,
                         .first = first,
                         .count = rows_begin(n, peers, peers->rank + 1) - first};
  making m = {.input = input};
  int status = peers->agree(peers->context, allocate(&m, out));
  if (status == LS_OK) {
    find_norms(&m);
    measure_rows(&m, perplexity, out);
    status = peers->sum(peers->context, m.least, 3 * n);
  }
  for (size_t i = 0; status == LS_OK && i < out->count; i++) {
    finish_row(&m, out->first + i, out->p + i * out->stride);
  }
  ls_memory_free(&m.memory);
  if (status != LS_OK) {
    free(out->p);
    out->p = NULL;
  }
  return status;
}
