/* Partition of n items into equal parts: of samples into shards, shards among ranks, blocks among
 * ranks. Part i of `parts` is [n i / parts, n (i + 1) / parts), rounded down: sizes
 * differ by one at most, parts may be empty, and every item is in exactly one. Local, pure. */
#ifndef LS_BASE_PARTITION_H
#define LS_BASE_PARTITION_H

#include <stddef.h>

/* The first item of part i; for i = parts, the end. n * parts must fit a size_t. */
static inline size_t ls_partition_begin(size_t n, size_t parts, size_t i) {
  return n * i / parts;
}

/* The part of item k < n. */
static inline size_t ls_partition_of(size_t n, size_t parts, size_t k) {
  return (parts * (k + 1) - 1) / n;
}

/* The size of the largest part: n over `parts`, rounded up. */
static inline size_t ls_partition_largest(size_t n, size_t parts) {
  return (n + parts - 1) / parts;
}

#endif
