/* Memory that is released all at once: the nodes and texts of a job. Local. */
#ifndef LS_JOB_ARENA_H
#define LS_JOB_ARENA_H

#include <stddef.h>

/* Start from {0}. */
typedef struct ls_arena {
  struct ls_arena_block *blocks;
  size_t left; /* bytes free at the end of the newest block */
} ls_arena;

/* Zeroed memory, aligned for any type, or NULL with the error recorded. */
void *ls_arena_new(ls_arena *arena, size_t bytes);

/* A NUL-terminated copy of the first `length` bytes of `text`, or NULL with the error recorded. */
char *ls_arena_text(ls_arena *arena, const char *text, size_t length);

/* Releases everything; the arena is empty afterwards. */
void ls_arena_free(ls_arena *arena);

#endif
