/* Finding equal items of a long list, in n log n steps. Local. */
#ifndef LS_JOB_TWINS_H
#define LS_JOB_TWINS_H

#include "job/job.h"

#include <stddef.h>

/* An item: a text or, if that is NULL, a number; a digest where neither is set. All items of a list
 * are of one kind. */
typedef struct ls_item {
  const char *text; /* borrowed */
  double number;
  size_t index; /* in the list */
  ls_digest128 digest;
} ls_item;

/* Sorts the items. Returns how many equal an earlier one. If any do, *second is the index of the
 * first of these in the list, and *first the index of the first item that equals it. */
size_t ls_twins_find(ls_item *items, size_t count, size_t *first, size_t *second);

#endif
