/* All measures of separation of one projection. */
#include "study/embed/separation.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The points of one class; returns how many. */
static size_t take_class(size_t samples, const double *y, const int32_t *labels, size_t class_index,
                         double *out) {
  size_t count = 0;
  for (size_t i = 0; i < samples; i++) {
    if ((size_t)labels[i] == class_index) memcpy(out + 2 * count++, y + 2 * i, 2 * sizeof *y);
  }
  return count;
}

/* Hulls, ellipses, and these as polygons [class, LS_ELLIPSE_POINTS, 2]. */
static int outline(separation *s, size_t samples, const double *y, const int32_t *labels,
                   size_t classes, double *polygons) {
  double *points = ls_new(2 * samples, sizeof *points);
  int status = points ? LS_OK : LS_FAILED;
  for (size_t c = 0; c < classes && status == LS_OK; c++) {
    size_t count = take_class(samples, y, labels, c, points), corners = 0;
    status = ls_convex_hull(count, points, s->vertices + 2 * s->hull_begin[c], &corners);
    s->hull_begin[c + 1] = s->hull_begin[c] + corners;
    s->ellipses[c] = ls_ellipse_fit(count, points);
    ls_ellipse_polygon(&s->ellipses[c], polygons + c * 2 * LS_ELLIPSE_POINTS);
  }
  free(points);
  return status;
}

static int share_areas(separation *s, size_t classes, const double *polygons) {
  int status = LS_OK;
  for (size_t k = 0; k < classes * classes && status == LS_OK; k++) {
    size_t a = k / classes, b = k % classes, *begin = s->hull_begin;
    const double *hulls = s->vertices;
    if (b < a) { /* the same bits both ways */
      s->hull_areas[k] = s->hull_areas[b * classes + a];
      s->ellipse_areas[k] = s->ellipse_areas[b * classes + a];
      continue;
    }
    status = ls_polygon_overlap(begin[a + 1] - begin[a], hulls + 2 * begin[a],
                                begin[b + 1] - begin[b], hulls + 2 * begin[b], &s->hull_areas[k]);
    if (status != LS_OK) return status;
    status = ls_polygon_overlap(LS_ELLIPSE_POINTS, polygons + 2 * LS_ELLIPSE_POINTS * a,
                                LS_ELLIPSE_POINTS, polygons + 2 * LS_ELLIPSE_POINTS * b,
                                &s->ellipse_areas[k]);
  }
  return status;
}

/* Of the classes that have points. */
static double find_overlap(size_t samples, const int32_t *labels, size_t classes,
                           const double *areas, bool *present) {
  double shared = 0, all = 0;
  memset(present, 0, classes * sizeof *present);
  for (size_t i = 0; i < samples; i++) present[labels[i]] = true;
  for (size_t a = 0; a < classes; a++) {
    if (!present[a]) continue;
    all += areas[a * classes + a];
    for (size_t b = 0; b < a; b++) {
      if (present[b]) shared += areas[a * classes + b];
    }
  }
  return shared / all;
}

static int allocate(separation *s, size_t samples, size_t classes) {
  s->vertices = ls_new(2 * samples, sizeof *s->vertices);
  s->hull_begin = ls_new(classes + 1, sizeof *s->hull_begin);
  s->hull_areas = ls_new(classes * classes, sizeof *s->hull_areas);
  s->ellipses = ls_new(classes, sizeof *s->ellipses);
  s->ellipse_areas = ls_new(classes * classes, sizeof *s->ellipse_areas);
  bool done = s->vertices && s->hull_begin && s->hull_areas && s->ellipses && s->ellipse_areas;
  return done ? LS_OK : LS_FAILED;
}

int separation_create(separation *s, size_t samples, const double *y, const int32_t *labels,
                      size_t classes, size_t neighbours) {
  *s = (separation){0};
  double *polygons = ls_new(classes * 2 * LS_ELLIPSE_POINTS, sizeof *polygons);
  bool *present = ls_new(classes, sizeof *present);
  int status = polygons && present ? allocate(s, samples, classes) : LS_FAILED;
  if (status == LS_OK) status = outline(s, samples, y, labels, classes, polygons);
  if (status == LS_OK) status = share_areas(s, classes, polygons);
  if (status == LS_OK) {
    s->neighbouring_hit = ls_neighbouring_hit(samples, y, labels, neighbours);
    s->silhouette = ls_silhouette(samples, y, labels, classes);
    s->hull_overlap = find_overlap(samples, labels, classes, s->hull_areas, present);
    s->ellipse_overlap = find_overlap(samples, labels, classes, s->ellipse_areas, present);
  }
  free(polygons);
  free(present);
  return status;
}

void separation_destroy(separation *s) {
  free(s->vertices);
  free(s->hull_begin);
  free(s->hull_areas);
  free(s->ellipses);
  free(s->ellipse_areas);
  *s = (separation){0};
}
