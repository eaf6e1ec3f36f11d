/* glorot, he and lecun, uniform and normal: zero mean, variance scale / fan, as Keras's
 * VarianceScaling. Glorot and Bengio 2010 (fan the mean of both), He et al. 2015 (fan in, scale 2),
 * LeCun et al. 1998 (fan in). The normal ones are cut at two standard deviations and widened to
 * keep the variance, as in Keras. */
#include "nn/initializers/draws.h"

#include <math.h>

static const ls_arg args[] = {{NULL}};

static void fill_uniform(const ls_init *init, double variance, size_t count, ls_real *values) {
  ls_real limit = (ls_real)sqrt(3 * variance);
  ls_random_uniform(draw_stream(init), 0, count, values);
  for (size_t i = 0; i < count; i++) values[i] = (2 * values[i] - 1) * limit;
}

static void fill_normal(const ls_init *init, double variance, size_t count, ls_real *values) {
  const double kept_deviation = 0.87962566103423978; /* of a standard normal cut at 2 */
  ls_real deviation = (ls_real)(sqrt(variance) / kept_deviation);
  draw_cut_normal(init, count, values);
  for (size_t i = 0; i < count; i++) values[i] *= deviation;
}

static double glorot_variance(const ls_init *init) {
  return 2.0 / (double)(init->fan_in + init->fan_out);
}

static double he_variance(const ls_init *init) {
  return 2.0 / (double)init->fan_in;
}

static double lecun_variance(const ls_init *init) {
  return 1.0 / (double)init->fan_in;
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

static void lecun_uniform(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a;
  fill_uniform(init, lecun_variance(init), count, values);
}

static void lecun_normal(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a;
  fill_normal(init, lecun_variance(init), count, values);
}

const ls_initializer_type ls_initializer_glorot_uniform = {
    {"glorot_uniform", "uniform, variance 2 / (fan in + fan out)", 0, args}, glorot_uniform};
const ls_initializer_type ls_initializer_glorot_normal = {
    {"glorot_normal", "truncated normal, variance 2 / (fan in + fan out)", 0, args}, glorot_normal};
const ls_initializer_type ls_initializer_he_uniform = {
    {"he_uniform", "uniform, variance 2 / fan in", 0, args}, he_uniform};
const ls_initializer_type ls_initializer_he_normal = {
    {"he_normal", "truncated normal, variance 2 / fan in", 0, args}, he_normal};
const ls_initializer_type ls_initializer_lecun_uniform = {
    {"lecun_uniform", "uniform, variance 1 / fan in", 0, args}, lecun_uniform};
const ls_initializer_type ls_initializer_lecun_normal = {
    {"lecun_normal", "truncated normal, variance 1 / fan in", 0, args}, lecun_normal};
