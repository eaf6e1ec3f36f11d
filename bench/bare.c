/* The minimum of a training step of a dense network: the products by OpenBLAS and a pass over all
 * weights with their momentum. The difference to Lockstep's step is what Lockstep could still gain
 * with the same library.
 *
 * usage: bare BATCH UNITS UNITS..., such as bare 128 784 500 300 10
 *
 * Prints the median milliseconds of a step. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_LAYERS = 16, STEPS = 201 };

/* Values as those of a training run: sums of products neither vanish nor grow. */
static float *make(size_t count, float scale) {
  float *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64);
  for (size_t i = 0; values && i < count; i++) values[i] = scale * ((float)rand() / RAND_MAX - .5f);
  if (!values) exit(1);
  return values;
}

static double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void update(size_t count, float *restrict weights, float *restrict momentum,
                   const float *restrict gradient) {
  for (size_t i = 0; i < count; i++) {
    momentum[i] = 0.9f * momentum[i] - 1e-3f * gradient[i];
    weights[i] += momentum[i];
  }
}

int main(int argc, char **argv) {
  const int batch = argc > 1 ? atoi(argv[1]) : 0, layers = argc - 3;
  int units[MOST_LAYERS + 1];
  float *values[MOST_LAYERS + 1], *errors[MOST_LAYERS + 1];
  size_t offset[MOST_LAYERS + 1] = {0};
  if (batch < 1 || layers < 1 || layers > MOST_LAYERS) {
    fprintf(stderr, "usage: bare BATCH UNITS UNITS...\n");
    return 2;
  }
  for (int l = 0; l <= layers; l++) {
    units[l] = atoi(argv[2 + l]);
    values[l] = make((size_t)batch * (size_t)units[l], 1);
    errors[l] = make((size_t)batch * (size_t)units[l], 1e-3f);
    if (l > 0) offset[l] = offset[l - 1] + (size_t)units[l - 1] * (size_t)units[l];
  }
  const size_t count = offset[layers];
  float *weights = make(count, .1f), *gradient = make(count, 0), *momentum = make(count, 0);
  double times[STEPS];
  openblas_set_num_threads(1);
  for (int step = 0; step < STEPS; step++) {
    const double start = milliseconds();
    for (int l = 0; l < layers; l++) {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, units[l + 1], units[l], 1,
                  values[l], units[l], weights + offset[l], units[l + 1], 0, values[l + 1],
                  units[l + 1]);
    }
    for (int l = layers; l-- > 0;) {
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, units[l], units[l + 1], batch, 1,
                  values[l], units[l], errors[l + 1], units[l + 1], 0, gradient + offset[l],
                  units[l + 1]);
      if (l == 0) break;
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, units[l], units[l + 1], 1,
                  errors[l + 1], units[l + 1], weights + offset[l], units[l + 1], 0, errors[l],
                  units[l]);
    }
    update(count, weights, momentum, gradient);
    times[step] = milliseconds() - start;
  }
  qsort(times, STEPS, sizeof *times, compare);
  printf("%.3f ms\n", times[STEPS / 2]);
  return 0;
}
