/* t-SNE by gradient descent, exactly: van der Maaten and Hinton, "Visualizing data using t-SNE",
 * JMLR 9 (2008), with the details of scikit-learn (method="exact"): for 250 iterations
 * affinities are exaggerated 12 times and the momentum is 0.5, then 0.8 from zero momentum; the
 * learning rate is n / 48, at least 50; each coordinate has a gain, 0.2 more where the gradient and
 * the last step disagree and 0.8 times as much where they agree. It runs all iterations that are
 * asked for.
 *
 * Every rank finds the forces on its points, summed over the others in blocks of floats whose sums
 * are doubles. Forces then go to all ranks, and each moves all points, in the same way. */
#include "base/memory.h"
#include "lockstep/error.h"
#include "lockstep/random.h"
#include "study/embed/projection.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 16, BLOCK = 64 * LANES, EARLY = 250 };
static const double EXAGGERATION = 12, FIRST_DEVIATION = 1e-4;

/* A vector of floats; compilers map it to the vectors of the processor. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), may_alias));

/* Attraction and repulsion of a point, and the sum of q: 1 / (1 + squared distance) over others. */
typedef struct forces {
  double pull[2], push[2], q;
} forces;

typedef struct descent {
  const ls_peers *peers;
  const ls_affinities *affinities;
  size_t n;
  ls_memory memory;
  float *x[2];   /* coordinates of all points, then of padding far away */
  double *y;     /* [point, 2], in double precision */
  forces *all;   /* [point] */
  double *step;  /* [point, 2], the last */
  double *gains; /* [point, 2] */
  double rate;
} descent;

static double sum_lanes(const lanes *v) {
  double sum = 0;
  for (int k = 0; k < LANES; k++) sum += (double)(*v)[k];
  return sum;
}

/* Adds the forces of points first .. end - 1, a block, on one at (x, y) with affinities p. */
static void add_block(const descent *d, const float *p, size_t first, size_t end, float x, float y,
                      forces *out) {
  const lanes *all_x = (const lanes *)d->x[0], *all_y = (const lanes *)d->x[1],
              *all_p = (const lanes *)p;
  lanes sum = {0}, pull_x = {0}, pull_y = {0}, push_x = {0}, push_y = {0};
  for (size_t j = first / LANES; j < end / LANES; j++) {
    lanes dx = x - all_x[j], dy = y - all_y[j];
    lanes q = 1.0f / (1.0f + (dx * dx + dy * dy));
    lanes pq = all_p[j] * q, qq = q * q;
    sum += q;
    pull_x += pq * dx;
    pull_y += pq * dy;
    push_x += qq * dx;
    push_y += qq * dy;
  }
  out->q += sum_lanes(&sum);
  out->pull[0] += sum_lanes(&pull_x);
  out->pull[1] += sum_lanes(&pull_y);
  out->push[0] += sum_lanes(&push_x);
  out->push[1] += sum_lanes(&push_y);
}

/* Collective: the forces on all points; returns the sum of q through `total`. */
static int find_forces(descent *d, double *total) {
  const ls_affinities *a = d->affinities;
  memset(d->all, 0, d->n * sizeof *d->all);
  for (size_t i = 0; i < d->n; i++) {
    for (int c = 0; c < 2; c++) d->x[c][i] = (float)d->y[2 * i + c];
  }
  for (size_t row = 0; row < a->count; row++) {
    size_t i = a->first + row;
    forces sum = {.q = -1}; /* the point itself is among the others */
    for (size_t first = 0; first < a->stride; first += BLOCK) {
      size_t end = first + BLOCK < a->stride ? first + BLOCK : a->stride;
      add_block(d, a->p + row * a->stride, first, end, d->x[0][i], d->x[1][i], &sum);
    }
    d->all[i] = sum;
  }
  int status =
      d->peers->sum(d->peers->context, (double *)d->all, d->n * (sizeof *d->all / sizeof(double)));
  *total = 0;
  for (size_t i = 0; i < d->n; i++) *total += d->all[i].q;
  return status;
}

static void move(descent *d, double total, double exaggeration, double momentum) {
  for (size_t k = 0; k < 2 * d->n; k++) {
    const forces *f = &d->all[k / 2];
    double gradient = 4 * (exaggeration * f->pull[k % 2] - f->push[k % 2] / total);
    double gain = d->step[k] * gradient < 0 ? d->gains[k] + 0.2 : d->gains[k] * 0.8;
    d->gains[k] = gain > 0.01 ? gain : 0.01;
    d->step[k] = momentum * d->step[k] - d->rate * d->gains[k] * gradient;
    d->y[k] += d->step[k];
  }
}

/* Collective: descends for a number of iterations, from zero momentum. */
static int descend(descent *d, size_t iterations, double exaggeration, double momentum) {
  int status = LS_OK;
  for (size_t k = 0; k < 2 * d->n; k++) {
    d->step[k] = 0;
    d->gains[k] = 1;
  }
  for (size_t i = 0; i < iterations && status == LS_OK; i++) {
    double total = 0;
    status = find_forces(d, &total);
    if (status == LS_OK) move(d, total, exaggeration, momentum);
  }
  return status;
}

/* Collective: sum of p log(p / q), q being its fraction of the total. */
static int find_divergence(descent *d, double *kl) {
  const ls_affinities *a = d->affinities;
  double total = 0, *sums = d->step; /* no longer needed */
  int status = find_forces(d, &total);
  if (status != LS_OK) return status;
  memset(sums, 0, d->n * sizeof *sums);
  for (size_t row = 0; row < a->count; row++) {
    size_t i = a->first + row;
    for (size_t j = 0; j < d->n; j++) {
      if (j == i) continue;
      double dx = d->y[2 * i] - d->y[2 * j], dy = d->y[2 * i + 1] - d->y[2 * j + 1];
      double q = 1 / (1 + dx * dx + dy * dy) / total, p = (double)a->p[row * a->stride + j];
      sums[i] += p * log(p / (q < DBL_EPSILON ? DBL_EPSILON : q));
    }
  }
  status = d->peers->sum(d->peers->context, sums, d->n);
  *kl = 0;
  for (size_t i = 0; i < d->n; i++) *kl += sums[i];
  return status;
}

static int allocate(descent *d) {
  size_t stride = d->affinities->stride;
  for (int c = 0; c < 2; c++) d->x[c] = ls_memory_new(&d->memory, stride, sizeof *d->x[c]);
  d->all = ls_memory_new(&d->memory, d->n, sizeof *d->all);
  d->step = ls_memory_new(&d->memory, 2 * d->n, sizeof *d->step);
  d->gains = ls_memory_new(&d->memory, 2 * d->n, sizeof *d->gains);
  if (ls_memory_status(&d->memory) != LS_OK) return LS_FAILED;
  for (size_t i = d->n; i < stride; i++) d->x[0][i] = d->x[1][i] = 1e18f;
  return LS_OK;
}

static int run(descent *d, size_t iterations, double *kl) {
  size_t early = iterations < EARLY ? iterations : EARLY;
  int status = d->peers->agree(d->peers->context, allocate(d));
  if (status == LS_OK) status = descend(d, early, EXAGGERATION, 0.5);
  if (status == LS_OK) status = descend(d, iterations - early, 1, 0.8);
  if (status == LS_OK) status = find_divergence(d, kl);
  ls_memory_free(&d->memory);
  return status;
}

int ls_tsne(const ls_peers *peers, const ls_embed_input *input, const ls_tsne_options *options,
            double *y, double *kl) {
  ls_affinities affinities;
  int status = ls_affinities_create(peers, input, options->perplexity, &affinities);
  if (status != LS_OK) return status;
  double n = (double)input->samples;
  descent d = {.peers = peers, .affinities = &affinities, .n = input->samples, .y = y};
  d.rate = n / EXAGGERATION / 4 > 50 ? n / EXAGGERATION / 4 : 50;
  status = run(&d, options->iterations, kl);
  free(affinities.p);
  return status;
}

/* ---- Initial positions ---- */

void ls_tsne_scale(size_t samples, double *y) {
  double n = (double)samples, mean = 0, squares = 0;
  for (size_t i = 0; i < samples; i++) mean += y[2 * i] / n;
  for (size_t i = 0; i < samples; i++) squares += (y[2 * i] - mean) * (y[2 * i] - mean) / n;
  if (!(squares > 0)) return;
  double factor = FIRST_DEVIATION / sqrt(squares);
  for (size_t k = 0; k < 2 * samples; k++) y[k] *= factor;
}

int ls_tsne_scatter(size_t samples, uint64_t seed, double *y) {
  ls_real *numbers = ls_new(2 * samples, sizeof *numbers);
  if (!numbers) return LS_FAILED;
  ls_stream stream = {.seed = seed, .purpose = LS_RANDOM_EMBEDDING};
  ls_random_normal(stream, 0, 2 * samples, numbers);
  for (size_t k = 0; k < 2 * samples; k++) y[k] = FIRST_DEVIATION * (double)numbers[k];
  free(numbers);
  return LS_OK;
}
