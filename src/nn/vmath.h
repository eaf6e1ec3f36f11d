/* exp and tanh that a compiler can run on whole vectors: no branches, no calls, no tables.
 *
 * Single precision: within 2 units in the last place of the true value (tested against libm);
 * exp gives 0 below -87.3 and infinity above 88.7; a NaN stays a NaN. Method: Cody and Waite range
 * reduction and the minimax polynomials of Moshier's Cephes library (expf.c, tanhf.c).
 * Double precision calls libm: that build is for checking, not for speed. */
#ifndef LS_NN_VMATH_H
#define LS_NN_VMATH_H

#include "lockstep/real.h"

#include <math.h>
#include <stdint.h>

#ifdef LS_DOUBLE

static inline double ls_exp(double x) {
  return exp(x);
}

static inline double ls_tanh(double x) {
  return tanh(x);
}

#else

static inline float ls_exp(float x) {
  const float lowest = -87.33654f, highest = 88.72283f;
  float clamped = x < lowest ? lowest : x > highest ? highest : x;
  /* n = round(x / ln 2), by adding 1.5 * 2^23, whose low bits then hold n. */
  union {
    float real;
    int32_t bits;
  } shifted = {clamped * 1.44269504f + 12582912.0f}, scale;
  float n = shifted.real - 12582912.0f;
  float r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  /* 2^n in two steps, so that n = 128 and n = -127 stay within range. */
  int32_t power = shifted.bits - 0x4b400000;
  int32_t half = power >> 1;
  scale.bits = (int32_t)((uint32_t)(half + 127) << 23);
  p *= scale.real;
  scale.bits = (int32_t)((uint32_t)(power - half + 127) << 23);
  p *= scale.real;
  p = x < lowest ? 0.0f : p;
  return x > highest ? INFINITY : p;
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

#endif
#endif
