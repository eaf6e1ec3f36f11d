/* Holm's method: steps down from the smallest probability. */
#include "base/holm.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
  double x = **(double *const *)a, y = **(double *const *)b;
  return (x > y) - (x < y);
}

void ls_holm(double **p, size_t count) {
  size_t made = 0;
  for (size_t i = 0; i < count; i++) {
    if (!isnan(*p[i])) p[made++] = p[i];
  }
  if (made > 0) qsort(p, made, sizeof *p, compare); /* p may be NULL */
  double reached = 0;                               /* a larger p never becomes the smaller one */
  for (size_t i = 0; i < made; i++) {
    reached = fmax(reached, fmin(1, (double)(made - i) * *p[i]));
    *p[i] = reached;
  }
}
