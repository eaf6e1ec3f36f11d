/* Finding equal items. */
#include "job/twins.h"

#include "job/tree_digest.h"

#include <stdlib.h>
#include <string.h>

static int compare_values(const ls_item *a, const ls_item *b) {
  if (a->text) return strcmp(a->text, b->text);
  if (a->number != b->number) return a->number < b->number ? -1 : 1;
  return ls_digest_compare(a->digest, b->digest);
}

static int compare(const void *a, const void *b) {
  const ls_item *x = a, *y = b;
  int order = compare_values(x, y);
  return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

size_t ls_twins_find(ls_item *items, size_t count, size_t *first, size_t *second) {
  size_t found = 0;
  qsort(items, count, sizeof *items, compare);
  for (size_t i = 0, same = 0; i < count; i++) {
    if (i == 0 || compare_values(&items[i], &items[same]) != 0) {
      same = i; /* the first of those that are equal to it */
    } else if (found++ == 0 || items[i].index < *second) {
      *first = items[same].index;
      *second = items[i].index;
    }
  }
  return found;
}
