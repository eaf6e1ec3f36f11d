/* Cutting n things into equal parts: the one rule by which samples go to shards, shards to ranks,
 * parameters to ranks. Part i of `parts` is [n i / parts, n (i + 1) / parts), rounded down: sizes
 * differ by one at most, parts may be empty, together they are everything once. Local, pure. */
#ifndef LS_BASE_PARTITION_H
#define LS_BASE_PARTITION_H

#include <stddef.h>

/* First thing of part i; of i = parts, the end. n * parts must fit a size_t. */
static inline size_t ls_partition_begin(size_t n, size_t parts, size_t i) {
  return n * i / parts;
}

/* The part that thing k < n belongs to. */
static inline size_t ls_partition_of(size_t n, size_t parts, size_t k) {
  return (parts * (k + 1) - 1) / n;
}

/* The most things that any part has: n over `parts`, rounded up. */
static inline size_t ls_partition_largest(size_t n, size_t parts) {
  return (n + parts - 1) / parts;
}

#endif
