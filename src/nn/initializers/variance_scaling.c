/* glorot and he, uniform and normal: zero mean, variance scale / fan, as Keras's VarianceScaling.
 * Glorot and Bengio 2010 (fan the mean of both), He et al. 2015 (fan in, scale 2). The normal ones
 * are cut at two standard deviations and widened to keep the variance, as in Keras. */
#include "lockstep/layer.h"
#include "lockstep/random.h"

#include <math.h>

static const ls_arg args[] = {{NULL}};

static ls_stream stream_of(const ls_init *init) {
  return (ls_stream){init->seed, LS_RANDOM_INITIALIZER, 0, init->index, 0};
}

static void fill_uniform(const ls_init *init, double variance, size_t count, ls_real *values) {
  ls_real limit = (ls_real)sqrt(3 * variance);
  ls_random_uniform(stream_of(init), 0, count, values);
  for (size_t i = 0; i < count; i++) values[i] = (2 * values[i] - 1) * limit;
}

/* Element i takes the first of the numbers i, i + count, i + 2 count, ... that is within the cut.
 */
static void fill_normal(const ls_init *init, double variance, size_t count, ls_real *values) {
  const double kept_deviation = 0.87962566103423978; /* of a standard normal cut at 2 */
  ls_real deviation = (ls_real)(sqrt(variance) / kept_deviation);
  ls_random_normal(stream_of(init), 0, count, values);
  for (size_t i = 0; i < count; i++) {
    for (uint64_t again = 1; !(values[i] >= -2 && values[i] <= 2); again++) {
      ls_random_normal(stream_of(init), again * count + i, 1, &values[i]);
    }
    values[i] *= deviation;
  }
}

static double glorot_variance(const ls_init *init) {
  return 2.0 / (double)(init->fan_in + init->fan_out);
}

static double he_variance(const ls_init *init) {
  return 2.0 / (double)init->fan_in;
}

static void glorot_uniform(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a;
  fill_uniform(init, glorot_variance(init), count, values);
}

static void glorot_normal(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a;
  fill_normal(init, glorot_variance(init), count, values);
}

static void he_uniform(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a;
  fill_uniform(init, he_variance(init), count, values);
}

static void he_normal(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a;
  fill_normal(init, he_variance(init), count, values);
}

const ls_initializer_type ls_initializer_glorot_uniform = {
    {"glorot_uniform", "uniform, variance 2 / (fan in + fan out)", 0, args}, glorot_uniform};
const ls_initializer_type ls_initializer_glorot_normal = {
    {"glorot_normal", "cut normal, variance 2 / (fan in + fan out)", 0, args}, glorot_normal};
const ls_initializer_type ls_initializer_he_uniform = {
    {"he_uniform", "uniform, variance 2 / fan in", 0, args}, he_uniform};
const ls_initializer_type ls_initializer_he_normal = {
    {"he_normal", "cut normal, variance 2 / fan in", 0, args}, he_normal};
