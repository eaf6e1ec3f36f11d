/* Checked allocation. */
#include "base/memory.h"

#include "lockstep/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

void *ls_new(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT) {
    ls_fail(LS_FAILED, "out of memory: %zu items of %zu bytes are more than can be addressed",
            count, size);
    return NULL;
  }
  size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  void *memory = aligned_alloc(ALIGNMENT, rounded > 0 ? rounded : ALIGNMENT);
  if (!memory) {
    ls_fail(LS_FAILED, "out of memory: no %zu bytes to be had", bytes);
    return NULL;
  }
  return memset(memory, 0, rounded);
}

char *ls_copy_text(const char *text) {
  size_t length = strlen(text) + 1;
  char *copy = ls_new(length, 1);
  return copy ? memcpy(copy, text, length) : NULL;
}
