/* Checked allocation. */
#include "base/memory.h"

#include "lockstep/error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64 };

/* Memory of a large array: whole huge pages, as far as the system provides them. Failure leaves
 * pages of the usual size. */
static void *allocate_large(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, LS_HUGE_PAGE, bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
  (void)madvise(memory, bytes / LS_HUGE_PAGE * LS_HUGE_PAGE, MADV_HUGEPAGE);
#endif
  return memory;
}

void *ls_new(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT) {
    ls_fail(LS_FAILED, "out of memory: %zu items of %zu bytes are more than can be addressed",
            count, size);
    return NULL;
  }
  size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  void *memory = rounded < LS_HUGE_ARRAY
                     ? aligned_alloc(ALIGNMENT, rounded > 0 ? rounded : ALIGNMENT)
                     : allocate_large(rounded);
  if (!memory) {
    ls_fail(LS_FAILED, "out of memory: cannot allocate %zu bytes", bytes);
    return NULL;
  }
  return memset(memory, 0, rounded);
}

int ls_memory_check(size_t bytes, const char *what) {
  void *probe =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) {
    return ls_fail(LS_FAILED, "out of memory: cannot map %zu MiB for %s", bytes >> 20, what);
  }
  munmap(probe, bytes);
  return LS_OK;
}

char *ls_copy_text(const char *text) {
  size_t length = strlen(text) + 1;
  char *copy = ls_new(length, 1);
  return copy ? memcpy(copy, text, length) : NULL;
}

/* Makes room for one more block, twice as much as before where there is none. */
static bool make_room(ls_memory *memory) {
  if (memory->count < memory->capacity) return true;
  const size_t capacity = 2 * memory->capacity + 8;
  void **blocks = realloc(memory->blocks, capacity * sizeof *blocks);
  if (!blocks) return false;
  memory->blocks = blocks;
  memory->capacity = capacity;
  return true;
}

void *ls_memory_keep(ls_memory *memory, void *block) {
  if (!block || !make_room(memory)) {
    if (block) ls_fail(LS_FAILED, "out of memory");
    free(block);
    memory->failed = true;
    return NULL;
  }
  return memory->blocks[memory->count++] = block;
}

void *ls_memory_new(ls_memory *memory, size_t count, size_t size) {
  return memory->failed ? NULL : ls_memory_keep(memory, ls_new(count, size));
}

char *ls_memory_text_v(ls_memory *memory, const char *format, va_list args) {
  char *text = NULL;
  if (memory->failed) return NULL;
  if (vasprintf(&text, format, args) < 0) {
    ls_fail(LS_FAILED, "out of memory");
    text = NULL;
  }
  return ls_memory_keep(memory, text);
}

char *ls_memory_text(ls_memory *memory, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = ls_memory_text_v(memory, format, args);
  va_end(args);
  return text;
}

int ls_memory_status(const ls_memory *memory) {
  return memory->failed ? LS_FAILED : LS_OK;
}

void ls_memory_free(ls_memory *memory) {
  for (size_t i = 0; i < memory->count; i++) free(memory->blocks[i]);
  free(memory->blocks);
  *memory = (ls_memory){0};
}
