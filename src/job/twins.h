/* Finding equal items of a long list, in n log n steps. Local. */
#ifndef LS_JOB_TWINS_H
#define LS_JOB_TWINS_H

#include <stdbool.h>
#include <stddef.h>

/* An item: a text or, if that is NULL, a number. All items of a list are of one kind. */
typedef struct ls_item {
  const char *text; /* borrowed */
  double number;
  size_t index; /* in the list */
} ls_item;

/* Sorts the items. Returns whether two are equal; then *second is the index of the first one in the
 * list that equals an earlier one, and *first the index of that. */
bool ls_twins_find(ls_item *items, size_t count, size_t *first, size_t *second);

#endif
