/* An arena is a list of blocks; each is used from its end towards its beginning. */
#include "job/arena.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16384, ALIGNMENT = _Alignof(max_align_t) };

typedef struct ls_arena_block {
  struct ls_arena_block *next;
  _Alignas(max_align_t) char data[];
} ls_arena_block;

void *ls_arena_new(ls_arena *arena, size_t bytes) {
  if (bytes > SIZE_MAX / 2) {
    ls_fail(LS_FAILED, "out of memory: %zu bytes are more than can be addressed", bytes);
    return NULL;
  }
  bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (bytes > arena->left || !arena->blocks) {
    size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    ls_arena_block *block = ls_new(1, sizeof *block + size);
    if (!block) return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->left = size;
  }
  arena->left -= bytes;
  return arena->blocks->data + arena->left;
}

char *ls_arena_text(ls_arena *arena, const char *text, size_t length) {
  char *copy = ls_arena_new(arena, length + 1);
  return copy ? memcpy(copy, text, length) : NULL;
}

void ls_arena_free(ls_arena *arena) {
  while (arena->blocks) {
    ls_arena_block *block = arena->blocks;
    arena->blocks = block->next;
    free(block);
  }
  *arena = (ls_arena){0};
}
