/* Separation by distances between points: neighbouring hit and silhouette.
 *
 * Neighbouring hit: Paulovich, Nonato, Minghim and Levkowitz, "Least square projection", IEEE TVCG
 * 14 (2008). Silhouette: Rousseeuw, "Silhouettes: a graphical aid to the interpretation and
 * validation of cluster analysis", J. Comput. Appl. Math. 20 (1987), with Euclidean distances. */
#include "base/memory.h"
#include "study/embed/projection.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static double square_distance(const double *a, const double *b) {
  double dx = a[0] - b[0], dy = a[1] - b[1];
  return dx * dx + dy * dy;
}

typedef struct neighbour {
  double distance;
  size_t number;
} neighbour;

/* Inserts one into the nearest k, in order, of which there are `count`; returns the new count. */
static size_t insert(neighbour *nearest, size_t count, size_t k, neighbour one) {
  if (count == k && !(one.distance < nearest[k - 1].distance)) return count;
  size_t at = count < k ? count : k - 1;
  for (; at > 0 && one.distance < nearest[at - 1].distance; at--) nearest[at] = nearest[at - 1];
  nearest[at] = one;
  return count < k ? count + 1 : k;
}

static size_t count_hits(size_t samples, const double *y, const int32_t *labels, size_t k, size_t i,
                         neighbour *nearest) {
  size_t found = 0, hits = 0;
  for (size_t j = 0; j < samples; j++) {
    if (j == i) continue;
    found = insert(nearest, found, k, (neighbour){square_distance(y + 2 * i, y + 2 * j), j});
  }
  for (size_t r = 0; r < found; r++) hits += labels[nearest[r].number] == labels[i];
  return hits;
}

static bool all_finite(size_t samples, const double *y) {
  for (size_t i = 0; i < 2 * samples; i++) {
    if (!isfinite(y[i])) return false;
  }
  return true;
}

double ls_neighbouring_hit(size_t samples, const double *y, const int32_t *labels, size_t k) {
  if (k < 1 || k >= samples || !all_finite(samples, y)) return NAN;
  neighbour *nearest = ls_new(k, sizeof *nearest);
  if (!nearest) return NAN;
  size_t hits = 0;
  for (size_t i = 0; i < samples; i++) hits += count_hits(samples, y, labels, k, i, nearest);
  free(nearest);
  return (double)hits / ((double)samples * (double)k);
}

/* The silhouette of point i; `sums` [class] is working memory. */
static double silhouette(size_t samples, const double *y, const int32_t *labels, size_t classes,
                         const size_t *counts, size_t i, double *sums) {
  size_t own = (size_t)labels[i];
  if (counts[own] < 2) return 0;
  memset(sums, 0, classes * sizeof *sums);
  for (size_t j = 0; j < samples; j++) {
    sums[labels[j]] += sqrt(square_distance(y + 2 * i, y + 2 * j));
  }
  double within = sums[own] / (double)(counts[own] - 1), between = INFINITY;
  for (size_t c = 0; c < classes; c++) {
    if (c != own && counts[c] > 0) between = fmin(between, sums[c] / (double)counts[c]);
  }
  double larger = fmax(within, between);
  return larger > 0 ? (between - within) / larger : 0;
}

double ls_silhouette(size_t samples, const double *y, const int32_t *labels, size_t classes) {
  size_t *counts = ls_new(classes, sizeof *counts), present = 0;
  double *sums = ls_new(classes, sizeof *sums), total = NAN;
  if (counts && sums && all_finite(samples, y)) {
    for (size_t i = 0; i < samples; i++) counts[labels[i]]++;
    for (size_t c = 0; c < classes; c++) present += counts[c] > 0;
    if (present > 1 && present < samples) total = 0;
    for (size_t i = 0; total == total && i < samples; i++) {
      total += silhouette(samples, y, labels, classes, counts, i, sums);
    }
  }
  free(counts);
  free(sums);
  return total / (double)samples;
}
