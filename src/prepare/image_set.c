/* Labelled images in memory. */
#include "prepare/image_set.h"

#include <stdlib.h>

void ls_image_set_clear(ls_image_set *set) {
  free(set->pixels);
  free(set->labels);
  free(set->values);
  *set = (ls_image_set){0};
}

size_t ls_image_set_classes(const ls_image_set *set) {
  size_t largest = 1;
  for (size_t i = 0; i < set->count; i++) {
    if (set->labels[i] > largest) largest = set->labels[i];
  }
  return largest + 1;
}
