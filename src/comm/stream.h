/* Non-temporal stores, which bypass the caches, for memory that other ranks read next.
 *
 * An ordinary store to a line that another core has in its cache first has to invalidate it there,
 * and the reader then fetches the line from this core's cache; between two dies of a processor, or
 * two sockets, each takes hundreds of nanoseconds, few at a time. A whole line written by
 * non-temporal stores is just sent to memory (Intel 64 and IA-32 Architectures
 * Software Developer's Manual, volume 1, 10.4.6.2, "Caching of Temporal vs. Non-Temporal Data"). */
#ifndef LS_COMM_STREAM_H
#define LS_COMM_STREAM_H

#include "lockstep/types.h"

#include <stddef.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* Copies n elements: whole cache lines of 64 bytes, aligned to them. */
static inline void stream_copy(ls_real *to, const ls_real *from, size_t n) {
#if defined(__AVX512F__)
  for (size_t i = 0; i < n * sizeof *to / 64; i++) {
    _mm512_stream_si512((__m512i *)(void *)to + i,
                        _mm512_loadu_si512((const __m512i *)(const void *)from + i));
  }
#elif defined(__SSE2__)
  for (size_t i = 0; i < n * sizeof *to / 16; i++) {
    _mm_stream_si128((__m128i *)(void *)to + i,
                     _mm_loadu_si128((const __m128i *)(const void *)from + i));
  }
#else
  memcpy(to, from, n * sizeof *to);
#endif
}

/* To be called before other ranks learn that the copies are complete. */
static inline void stream_end(void) {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

#endif
