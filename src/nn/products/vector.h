/* A vector of as many reals as the processor computes with at once, and the operations that
 * kernels need beside +, - and *, which compilers have for vectors. Which instructions they are is
 * decided by the flags with which the including file is compiled. Each multiply-add is fused: it
 * rounds once. */
#ifndef LS_NN_PRODUCTS_VECTOR_H
#define LS_NN_PRODUCTS_VECTOR_H

#include "lockstep/types.h"

#include <stddef.h>
#include <string.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#define LS_VECTOR_NAME "x86-64-v4"
#define LS_VECTOR_REGISTERS 32
#ifdef LS_DOUBLE
typedef __m512d ls_vector;
#define LS_VECTOR_OP(name) _mm512_##name##_pd
#else
typedef __m512 ls_vector;
#define LS_VECTOR_OP(name) _mm512_##name##_ps
#endif

#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define LS_VECTOR_NAME "x86-64-v3"
#define LS_VECTOR_REGISTERS 16
#ifdef LS_DOUBLE
typedef __m256d ls_vector;
#define LS_VECTOR_OP(name) _mm256_##name##_pd
#else
typedef __m256 ls_vector;
#define LS_VECTOR_OP(name) _mm256_##name##_ps
#endif

#elif defined(__aarch64__)
#include <arm_neon.h>
#define LS_VECTOR_NAME "aarch64"
#define LS_VECTOR_REGISTERS 32
#ifdef LS_DOUBLE
typedef float64x2_t ls_vector;
#define LS_VECTOR_OP(name) v##name##_f64
#else
typedef float32x4_t ls_vector;
#define LS_VECTOR_OP(name) v##name##_f32
#endif

#else
#include <math.h>
#define LS_VECTOR_NAME "portable"
#define LS_VECTOR_REGISTERS 16
typedef ls_real ls_vector __attribute__((vector_size(4 * sizeof(ls_real))));
#endif

enum { LS_LANES = sizeof(ls_vector) / sizeof(ls_real) };

#define INLINE static inline __attribute__((always_inline))

#if defined(LS_VECTOR_OP) && defined(__aarch64__)

static inline ls_vector ls_vector_load(const ls_real *from) {
  return LS_VECTOR_OP(ld1q)(from);
}

static inline void ls_vector_store(ls_real *to, ls_vector v) {
  LS_VECTOR_OP(st1q)(to, v);
}

static inline ls_vector ls_vector_all(ls_real value) {
  return LS_VECTOR_OP(dupq_n)(value);
}

/* a b + c */
static inline ls_vector ls_vector_fma(ls_vector a, ls_vector b, ls_vector c) {
  return LS_VECTOR_OP(fmaq)(c, a, b);
}

#elif defined(LS_VECTOR_OP)

static inline ls_vector ls_vector_load(const ls_real *from) {
  return LS_VECTOR_OP(loadu)(from);
}

static inline void ls_vector_store(ls_real *to, ls_vector v) {
  LS_VECTOR_OP(storeu)(to, v);
}

static inline ls_vector ls_vector_all(ls_real value) {
  return LS_VECTOR_OP(set1)(value);
}

/* a b + c */
static inline ls_vector ls_vector_fma(ls_vector a, ls_vector b, ls_vector c) {
  return LS_VECTOR_OP(fmadd)(a, b, c);
}

#else

static inline ls_vector ls_vector_load(const ls_real *from) {
  ls_vector v;
  for (int i = 0; i < LS_LANES; i++) v[i] = from[i];
  return v;
}

static inline void ls_vector_store(ls_real *to, ls_vector v) {
  for (int i = 0; i < LS_LANES; i++) to[i] = v[i];
}

static inline ls_vector ls_vector_all(ls_real value) {
  ls_vector v;
  for (int i = 0; i < LS_LANES; i++) v[i] = value;
  return v;
}

/* a b + c */
static inline ls_vector ls_vector_fma(ls_vector a, ls_vector b, ls_vector c) {
  for (int i = 0; i < LS_LANES; i++) {
#ifdef LS_DOUBLE
    c[i] = fma(a[i], b[i], c[i]);
#else
    c[i] = fmaf(a[i], b[i], c[i]);
#endif
  }
  return c;
}

#endif

/* The first `count` lanes, 0 to LS_LANES; the others are loaded as 0. */
#if defined(__AVX512F__)

static inline ls_vector ls_vector_load_first(const ls_real *from, size_t count) {
  return LS_VECTOR_OP(maskz_loadu)((__mmask16)((1u << count) - 1), from);
}

static inline void ls_vector_store_first(ls_real *to, ls_vector v, size_t count) {
  LS_VECTOR_OP(mask_storeu)(to, (__mmask16)((1u << count) - 1), v);
}

#else

static inline ls_vector ls_vector_load_first(const ls_real *from, size_t count) {
  ls_real lanes[LS_LANES] = {0};
  memcpy(lanes, from, count * sizeof *from);
  return ls_vector_load(lanes);
}

static inline void ls_vector_store_first(ls_real *to, ls_vector v, size_t count) {
  ls_real lanes[LS_LANES];
  ls_vector_store(lanes, v);
  memcpy(to, lanes, count * sizeof *to);
}

#endif

/* Whether all lanes are asked for. Where there are masks, only if that is known when the function
 * is inlined, since a mask takes no longer than a branch. */
#if defined(__AVX512F__)
#define LS_VECTOR_WHOLE(lanes) (__builtin_constant_p(lanes) && (lanes) == LS_LANES)
#else
#define LS_VECTOR_WHOLE(lanes) ((lanes) == LS_LANES)
#endif

/* `lanes` reals, 0 to LS_LANES; the other lanes are loaded as 0. */

static inline ls_vector ls_vector_load_lanes(const ls_real *from, size_t lanes) {
  return LS_VECTOR_WHOLE(lanes) ? ls_vector_load(from) : ls_vector_load_first(from, lanes);
}

static inline void ls_vector_store_lanes(ls_real *to, ls_vector v, size_t lanes) {
  if (LS_VECTOR_WHOLE(lanes)) {
    ls_vector_store(to, v);
  } else {
    ls_vector_store_first(to, v, lanes);
  }
}

#endif
