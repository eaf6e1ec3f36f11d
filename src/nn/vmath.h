/* exp, tanh and their relatives that a compiler can run on whole vectors: no branches, no calls, no
 * tables.
 *
 * Single precision, errors as tested against libm: exp, expm1, log, log1p and tanh are within 2
 * units in the last place of the true value, turns within 1e-7; exp gives 0 below -87.3 and
 * infinity above 88.7; a NaN stays a NaN. Method: Cody and Waite range reduction and the minimax
 * polynomials of Moshier's Cephes library (expf.c, tanhf.c, sinf.c); polynomials of log1p and the
 * normal distribution are our own fits. Double precision calls libm: that build is for checking,
 * not for speed. */
#ifndef LS_NN_VMATH_H
#define LS_NN_VMATH_H

#include "lockstep/types.h"

#include <math.h>
#include <stdint.h>

#ifdef LS_DOUBLE

static inline double ls_abs(double x) {
  return fabs(x);
}

static inline double ls_exp(double x) {
  return exp(x);
}

static inline double ls_expm1(double x) {
  return expm1(x);
}

static inline double ls_log1p(double x) {
  return log1p(x);
}

static inline double ls_log(double x) {
  return log(x);
}

static inline void ls_turn(int32_t bits, double *cosine, double *sine) {
  *cosine = cos(6.2831853071795865 * bits / (1 << 24));
  *sine = sin(6.2831853071795865 * bits / (1 << 24));
}

static inline double ls_tanh(double x) {
  return tanh(x);
}

static inline double ls_normal_cdf(double x) {
  return erfc(x * -0.70710678118654752) / 2;
}

#else

static inline float ls_abs(float x) {
  return fabsf(x);
}

/* exp(x) = (1 + q) low high: returns q, the powers of 2 being two so that both are in range. */
static inline float ls_exp_parts(float x, float *low, float *high) {
  /* n = round(x / ln 2), by adding 1.5 * 2^23, whose low bits then hold n. */
  union {
    float real;
    int32_t bits;
  } shifted = {x * 1.44269504f + 12582912.0f}, scale;
  float n = shifted.real - 12582912.0f;
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  int32_t power = shifted.bits - 0x4b400000;
  int32_t half = power >> 1;
  scale.bits = (int32_t)((uint32_t)(half + 127) << 23);
  *low = scale.real;
  scale.bits = (int32_t)((uint32_t)(power - half + 127) << 23);
  *high = scale.real;
  return p * r * r + r;
}

static inline float ls_exp(float x) {
  const float lowest = -87.33654f, highest = 88.72283f;
  float clamped = x < lowest ? lowest : x > highest ? highest : x, low, high;
  float p = ls_exp_parts(clamped, &low, &high) + 1.0f;
  p *= low;
  p *= high;
  p = x < lowest ? 0.0f : p;
  return x > highest ? INFINITY : p;
}

/* exp(x) - 1; infinity above 88. */
static inline float ls_expm1(float x) {
  const float lowest = -87.0f, highest = 88.0f;
  float clamped = x < lowest ? lowest : x > highest ? highest : x, low, high;
  float q = ls_exp_parts(clamped, &low, &high);
  float scale = low * high;
  float p = q * scale + (scale - 1.0f);
  return x > highest ? INFINITY : p;
}

/* log(1 + x) for -1/2 <= x <= 1, as the series of 2 artanh(s) with s = x / (2 + x), where
 * 2 s = x - s x; error of the fit 5e-9. */
static inline float ls_log1p(float x) {
  float s = x / (2.0f + x), square = s * s;
  float p = 2.8011989259e-1f;
  p = p * square + 2.8001804676e-1f;
  p = p * square + 4.0021527285e-1f;
  p = p * square + 6.6666416285e-1f;
  return x - s * (x - p * square);
}

/* log(x) for finite x > 0 that are not denormal. */
static inline float ls_log(float x) {
  /* x = 2^n m with m from sqrt(1/2) to sqrt(2), whose bits the constant is. */
  union {
    float real;
    int32_t bits;
  } m = {x};
  int32_t n = (m.bits - 0x3f3504f3) >> 23;
  m.bits -= (int32_t)((uint32_t)n << 23);
  float power = (float)n;
  return power * 0.693359375f + (power * -2.12194440e-4f + ls_log1p(m.real - 1.0f));
}

/* Cosine and sine of bits / 2^24 turns, for 0 <= bits < 2^24. */
static inline void ls_turn(int32_t bits, float *cosine, float *sine) {
  int32_t quarter = (bits + (1 << 21)) >> 22;
  float x = (float)(bits - quarter * (1 << 22)) * 3.74507028e-7f, z = x * x;
  float p = -1.9515295891e-4f;
  p = p * z + 8.3321608736e-3f;
  p = p * z - 1.6666654611e-1f;
  float s = p * z * x + x;
  p = 2.443315711809948e-5f;
  p = p * z - 1.388731625493765e-3f;
  p = p * z + 4.166664568298827e-2f;
  float c = p * z * z + (1.0f - 0.5f * z);
  float a = (quarter & 1) == 0 ? c : s, b = (quarter & 1) == 0 ? s : c;
  *cosine = ((quarter + 1) & 2) == 0 ? a : -a;
  *sine = (quarter & 2) == 0 ? b : -b;
}

static inline float ls_tanh(float x) {
  float size = fabsf(x);
  float far = 1.0f - 2.0f / (ls_exp(2.0f * size) + 1.0f);
  float s = x * x;
  float p = -5.70498872745e-3f;
  p = p * s + 2.06390887954e-2f;
  p = p * s - 5.37397155531e-2f;
  p = p * s + 1.33314422036e-1f;
  p = p * s - 3.33332819422e-1f;
  float near = p * s * size + size;
  return copysignf(size < 0.625f ? near : far, x);
}

/* The share of the normal distribution below x. Its tail is exp(-x^2 / 2) t P(2t - 1) with
 * t = 1 / (1 + |x| / 4); relative error of the fit 4e-8, of all about 5e-7, and x^2 / 2 roundings
 * of the exponent in the far tail. */
static inline float ls_normal_cdf(float x) {
  float t = 1.0f / (1.0f + 0.25f * fabsf(x)), s = 2.0f * t - 1.0f;
  float p = 3.8636660593e-5f;
  p = p * s + 3.1803609523e-5f;
  p = p * s - 3.8964106554e-4f;
  p = p * s - 8.6809071012e-4f;
  p = p * s + 1.8772930293e-3f;
  p = p * s + 1.5098305372e-2f;
  p = p * s + 4.6631824266e-2f;
  p = p * s + 9.6784476909e-2f;
  p = p * s + 1.5197409528e-1f;
  p = p * s + 1.8882127971e-1f;
  float tail = p * t * ls_exp(-0.5f * x * x);
  return x > 0 ? 1.0f - tail : tail;
}

#endif
#endif
