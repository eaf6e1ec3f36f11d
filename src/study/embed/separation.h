/* How well the classes of points in two dimensions are separated: all measures of one projection.
 * On one rank. */
#ifndef LS_STUDY_EMBED_SEPARATION_H
#define LS_STUDY_EMBED_SEPARATION_H

#include "study/embed/projection.h"

/* Areas shared by two classes are [class, class], with the classes' own areas on the diagonal; NaN
 * where a class has no points. */
typedef struct separation {
  double neighbouring_hit, silhouette;
  double hull_overlap, ellipse_overlap; /* shared areas of all pairs by the sum of all areas */
  double *vertices;                     /* of the hulls, one behind another: [vertex, 2] */
  size_t *hull_begin;                   /* [class + 1], in vertices */
  double *hull_areas;                   /* [class, class] */
  ls_ellipse *ellipses;                 /* [class] */
  double *ellipse_areas;                /* [class, class] */
} separation;

int separation_create(separation *s, size_t samples, const double *y, const int32_t *labels,
                      size_t classes, size_t neighbours);
void separation_destroy(separation *s);

#endif
