/* Measures of how well classes are separated in each projection. */
#include "study/embed/result.h"

#include "lockstep/error.h"

#include <string.h>

/* A polygon of `count` points, [point, 2]. */
typedef struct outline {
  size_t count;
  const double *points;
} outline;

/* Copies the points of one class; returns their number. */
static size_t take_class(const embed_result *r, const double *y, size_t class_index, double *out) {
  size_t count = 0;
  for (size_t i = 0; i < r->samples.count; i++) {
    if ((size_t)r->labels[i] == class_index) memcpy(out + 2 * count++, y + 2 * i, 2 * sizeof *y);
  }
  return count;
}

/* Appends the hull of class c of projection i to the vertices, and fits its ellipse. */
static int outline_class(embed_result *r, size_t i, size_t c, double *points) {
  size_t k = i * r->classes.count + c, begin = r->hull_begin[k], corners = 0;
  size_t count = take_class(r, r->positions + i * 2 * r->samples.count, c, points);
  int status = ls_convex_hull(count, points, r->vertices + 2 * begin, &corners);
  r->hull_begin[k + 1] = begin + corners;
  for (size_t v = begin; v < begin + corners; v++) {
    r->vertex_projection[v] = (int32_t)i;
    r->vertex_class[v] = (int32_t)c;
  }
  r->ellipses[k] = ls_ellipse_fit(count, points);
  return status;
}

/* The areas [class, class] that outlines share: the same bits both ways. */
static int share_areas(const outline *outlines, size_t classes, double *areas) {
  int status = LS_OK;
  for (size_t k = 0; k < classes * classes && status == LS_OK; k++) {
    const outline *a = &outlines[k / classes], *b = &outlines[k % classes];
    if (b < a) {
      areas[k] = areas[(size_t)(b - outlines) * classes + (size_t)(a - outlines)];
    } else {
      status = ls_polygon_overlap(a->count, a->points, b->count, b->points, &areas[k]);
    }
  }
  return status;
}

/* The shared areas of all pairs of classes by the sum of all areas; of classes that have points. */
static double find_overlap(const embed_result *r, const double *areas, bool *present) {
  size_t classes = r->classes.count;
  double shared = 0, all = 0;
  for (size_t i = 0; i < r->samples.count; i++) present[r->labels[i]] = true;
  for (size_t a = 0; a < classes; a++) {
    if (!present[a]) continue;
    all += areas[a * classes + a];
    for (size_t b = 0; b < a; b++) {
      if (present[b]) shared += areas[a * classes + b];
    }
  }
  return shared / all;
}

/* Working memory for one projection. */
typedef struct work {
  double *points;            /* [sample, 2] */
  double *polygons;          /* of ellipses, [class, LS_ELLIPSE_POINTS, 2] */
  outline *hulls, *ellipses; /* [class] */
  bool *present;             /* [class] */
} work;

static int separate(embed_result *r, size_t i, const work *w) {
  size_t classes = r->classes.count, n = r->samples.count;
  embed_projection *p = &r->projections[i];
  const double *y = r->positions + i * 2 * n;
  double *hull_areas = r->hull_areas + i * classes * classes;
  double *ellipse_areas = r->ellipse_areas + i * classes * classes;
  int status = LS_OK;
  for (size_t c = 0; c < classes && status == LS_OK; c++) {
    size_t k = i * classes + c;
    double *polygon = w->polygons + c * 2 * LS_ELLIPSE_POINTS;
    status = outline_class(r, i, c, w->points);
    ls_ellipse_polygon(&r->ellipses[k], polygon);
    w->ellipses[c] = (outline){LS_ELLIPSE_POINTS, polygon};
    w->hulls[c] =
        (outline){r->hull_begin[k + 1] - r->hull_begin[k], r->vertices + 2 * r->hull_begin[k]};
  }
  if (status == LS_OK) status = share_areas(w->hulls, classes, hull_areas);
  if (status == LS_OK) status = share_areas(w->ellipses, classes, ellipse_areas);
  if (status != LS_OK) return status;
  p->neighbouring_hit = ls_neighbouring_hit(n, y, r->labels, r->options->neighbours);
  p->silhouette = ls_silhouette(n, y, r->labels, classes);
  p->hull_overlap = find_overlap(r, hull_areas, w->present);
  p->ellipse_overlap = find_overlap(r, ellipse_areas, w->present);
  return LS_OK;
}

int embed_separate(embed_result *r) {
  ls_memory *m = &r->memory;
  size_t classes = r->classes.count, n = r->samples.count, most = r->count * n;
  r->hull_areas = ls_memory_new(m, r->count * classes, classes * sizeof *r->hull_areas);
  r->ellipse_areas = ls_memory_new(m, r->count * classes, classes * sizeof *r->ellipse_areas);
  r->ellipses = ls_memory_new(m, r->count * classes, sizeof *r->ellipses);
  r->hull_begin = ls_memory_new(m, r->count * classes + 1, sizeof *r->hull_begin);
  r->vertices = ls_memory_new(m, most, 2 * sizeof *r->vertices);
  r->vertex_projection = ls_memory_new(m, most, sizeof *r->vertex_projection);
  r->vertex_class = ls_memory_new(m, most, sizeof *r->vertex_class);
  work w = {.points = ls_memory_new(m, n, 2 * sizeof *w.points),
            .polygons = ls_memory_new(m, classes * LS_ELLIPSE_POINTS, 2 * sizeof *w.polygons),
            .hulls = ls_memory_new(m, classes, sizeof *w.hulls),
            .ellipses = ls_memory_new(m, classes, sizeof *w.ellipses),
            .present = ls_memory_new(m, classes, sizeof *w.present)};
  int status = ls_memory_status(m);
  for (size_t i = 0; i < r->count && status == LS_OK; i++) status = separate(r, i, &w);
  return status;
}
