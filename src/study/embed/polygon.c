/* Areas of polygons, and of the intersection of convex ones: Sutherland and Hodgman, "Reentrant
 * polygon clipping", CACM 17 (1974). */
#include "base/memory.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

double ls_polygon_area(size_t count, const double *points) {
  if (count < 3) return NAN;
  double twice = 0;
  for (size_t i = 1; i + 1 < count; i++) { /* triangles from the first point, for precision */
    double ax = points[2 * i] - points[0], ay = points[2 * i + 1] - points[1];
    double bx = points[2 * i + 2] - points[0], by = points[2 * i + 3] - points[1];
    twice += ax * by - ay * bx;
  }
  return twice / 2;
}

/* Above 0 where p is to the left of the line from a to b. */
static double side(const double *a, const double *b, const double *p) {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

/* The part of the polygon on the left of the line from a to b; returns the number of its points. */
static size_t clip(const double *polygon, size_t count, const double *a, const double *b,
                   double *out) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const double *p = polygon + 2 * i, *next = polygon + 2 * ((i + 1) % count);
    double here = side(a, b, p), there = side(a, b, next);
    if (here >= 0) memcpy(out + 2 * kept++, p, 2 * sizeof *p);
    if ((here > 0 && there < 0) || (here < 0 && there > 0)) {
      double fraction = here / (here - there);
      out[2 * kept] = p[0] + fraction * (next[0] - p[0]);
      out[2 * kept + 1] = p[1] + fraction * (next[1] - p[1]);
      kept++;
    }
  }
  return kept;
}

static bool usable(size_t count, const double *points) {
  for (size_t k = 0; k < 2 * count; k++) {
    if (!isfinite(points[k])) return false;
  }
  return count >= 3;
}

int ls_polygon_overlap(size_t count_a, const double *a, size_t count_b, const double *b,
                       double *area) {
  *area = NAN;
  if (!usable(count_a, a) || !usable(count_b, b)) return LS_OK;
  double *left = ls_new(2 * count_a, sizeof *left);
  if (!left) return LS_FAILED;
  size_t count = count_a;
  memcpy(left, a, 2 * count_a * sizeof *left);
  for (size_t i = 0; i < count_b; i++) {
    double *rest = ls_new(4 * count, sizeof *rest); /* a point is kept and a cut made, at most */
    if (!rest) {
      free(left);
      return LS_FAILED;
    }
    count = clip(left, count, b + 2 * i, b + 2 * ((i + 1) % count_b), rest);
    free(left);
    left = rest;
  }
  *area = count < 3 ? 0 : ls_polygon_area(count, left);
  free(left);
  return LS_OK;
}
