/* Areas of polygons, and of the intersection of convex ones: Sutherland and Hodgman, "Reentrant
 * polygon clipping", CACM 17 (1974). */
#include "base/memory.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <math.h>
#include <stdbool.h>
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
  ls_memory memory = {0};
  const double *left = a;
  size_t count = count_a;
  for (size_t i = 0; left && i < count_b; i++) {
    /* For each point: it is kept and a cut made, at most. */
    double *rest = ls_memory_new(&memory, 4 * count, sizeof *rest);
    if (rest) count = clip(left, count, b + 2 * i, b + 2 * ((i + 1) % count_b), rest);
    left = rest;
  }
  if (left) *area = count < 3 ? 0 : ls_polygon_area(count, left);
  int status = ls_memory_status(&memory);
  ls_memory_free(&memory);
  return status;
}
