/* Convex hulls, by Qhull: Barber, Dobkin and Huhdanpaa, "The quickhull algorithm for convex hulls",
 * ACM TOMS 22 (1996). */
#include "base/memory.h"
#include "lockstep/error.h"
#include "study/embed/projection.h"

#include <errno.h>
#include <libqhull_r/libqhull_r.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct corner {
  double angle, point[2];
} corner;

static int by_angle(const void *a, const void *b) {
  double first = ((const corner *)a)->angle, second = ((const corner *)b)->angle;
  return (first > second) - (first < second);
}

/* Sorts the vertices around their mean, which is inside. */
static int sort_vertices(double *vertices, size_t count) {
  corner *corners = ls_new(count, sizeof *corners);
  if (!corners) return LS_FAILED;
  double mean[2] = {0, 0};
  for (size_t i = 0; i < count; i++) {
    mean[0] += vertices[2 * i] / (double)count;
    mean[1] += vertices[2 * i + 1] / (double)count;
  }
  for (size_t i = 0; i < count; i++) {
    const double *v = vertices + 2 * i;
    corners[i] = (corner){atan2(v[1] - mean[1], v[0] - mean[0]), {v[0], v[1]}};
  }
  qsort(corners, count, sizeof *corners, by_angle);
  for (size_t i = 0; i < count; i++) memcpy(vertices + 2 * i, corners[i].point, 2 * sizeof(double));
  free(corners);
  return LS_OK;
}

/* Runs Qhull, which writes messages to `messages`; sets the vertices, in any order. Returns Qhull's
 * status. */
static int run_qhull(size_t samples, double *points, FILE *messages, double *vertices,
                     size_t *count) {
  qhT state, *qh = &state;
  char command[] = "qhull";
  int not_freed = 0, blocks = 0;
  qh_zero(qh, messages);
  int code = qh_new_qhull(qh, 2, (int)samples, points, False, command, NULL, messages);
  if (code == qh_ERRnone) {
    vertexT *vertex;
    FORALLvertices {
      memcpy(vertices + 2 * *count, vertex->point, 2 * sizeof(double));
      ++*count;
    }
  }
  qh_freeqhull(qh, !qh_ALL);
  qh_memfreeshort(qh, &not_freed, &blocks);
  return code;
}

int ls_convex_hull(size_t samples, const double *y, double *vertices, size_t *count) {
  *count = 0;
  if (samples < 3) return LS_OK;
  double *points = ls_new(2 * samples, sizeof *points); /* Qhull may write to them */
  if (!points) return LS_FAILED;
  memcpy(points, y, 2 * samples * sizeof *points);
  FILE *messages = tmpfile();
  int status = LS_OK;
  if (!messages) {
    status = ls_fail(LS_FAILED, "cannot write a temporary file: %s", strerror(errno));
  } else {
    int code = run_qhull(samples, points, messages, vertices, count);
    fclose(messages);
    if (code == qh_ERRmem) status = ls_fail(LS_FAILED, "out of memory");
    if (code != qh_ERRnone) *count = 0; /* on a line, or not finite */
  }
  free(points);
  return status == LS_OK ? sort_vertices(vertices, *count) : status;
}
