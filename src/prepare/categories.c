/* A set of distinct texts: a list, and a hash table with linear probing over it. */
#include "prepare/categories.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The slot that has the text, or the empty one where it belongs. */
static size_t find_slot(const categories *set, const char *text) {
  size_t slot = XXH3_64bits(text, strlen(text)) % set->slot_count;
  while (set->slots[slot] > 0 && strcmp(set->texts[set->slots[slot] - 1], text) != 0) {
    slot = (slot + 1) % set->slot_count;
  }
  return slot;
}

size_t categories_find(const categories *set, const char *text) {
  if (set->slot_count == 0) return SIZE_MAX;
  size_t slot = find_slot(set, text);
  return set->slots[slot] > 0 ? set->slots[slot] - 1 : SIZE_MAX;
}

/* Fills a table of `slot_count` slots, which may be the present number. */
static int rebuild(categories *set, size_t slot_count) {
  size_t *slots = ls_new(slot_count, sizeof *slots);
  if (!slots) return LS_FAILED;
  free(set->slots);
  set->slots = slots;
  set->slot_count = slot_count;
  for (size_t i = 0; i < set->count; i++) slots[find_slot(set, set->texts[i])] = i + 1;
  return LS_OK;
}

static int grow(categories *set) {
  size_t capacity = set->capacity > 0 ? 2 * set->capacity : 16;
  char **texts = realloc(set->texts, capacity * sizeof *texts);
  if (!texts) return ls_fail(LS_FAILED, "out of memory for %zu categories", capacity);
  set->texts = texts;
  set->capacity = capacity;
  return rebuild(set, 2 * capacity);
}

int categories_add(categories *set, const char *text) {
  if (categories_find(set, text) != SIZE_MAX) return LS_OK;
  int status = set->count == set->capacity ? grow(set) : LS_OK;
  if (status != LS_OK) return status;
  char *copy = ls_copy_text(text);
  if (!copy) return LS_FAILED;
  set->slots[find_slot(set, text)] = set->count + 1;
  set->texts[set->count++] = copy;
  return LS_OK;
}

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

int categories_sort(categories *set) {
  if (set->count == 0) return LS_OK;
  qsort(set->texts, set->count, sizeof *set->texts, compare);
  return rebuild(set, set->slot_count);
}

void categories_free(categories *set) {
  for (size_t i = 0; i < set->count; i++) free(set->texts[i]);
  free(set->texts);
  free(set->slots);
  *set = (categories){0};
}
