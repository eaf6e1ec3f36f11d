/* A set of distinct texts, numbered in the order in which they were added, or sorted. Local. */
#ifndef LS_PREPARE_CATEGORIES_H
#define LS_PREPARE_CATEGORIES_H

#include <stdbool.h>
#include <stddef.h>

/* Start from {0}. */
typedef struct categories {
  char **texts; /* [count] */
  size_t count, capacity;
  size_t *slots; /* [slot_count] of the hash table: number + 1, or 0 */
  size_t slot_count;
} categories;

/* Returns the number of a text, or SIZE_MAX if it is not in the set. */
size_t categories_find(const categories *set, const char *text);

/* Adds a text if it is not in the set. LS_FAILED without memory. */
int categories_add(categories *set, const char *text);

/* Sorts the texts by their bytes and numbers them anew. */
int categories_sort(categories *set);

void categories_free(categories *set);

#endif
