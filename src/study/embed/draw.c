/* What people see of an embedding: scatter plots with hulls and with ellipses, and a table. */
#include "study/embed/embedding.h"
#include "study/model/inspection.h"

#include "base/memory.h"
#include "figure/figure.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Figures -----------------------------------------------------------------------------------
 */

/* The panels of both figures, and what is drawn in them. */
typedef struct drawing {
  const embedding *e;
  size_t classes;
  ls_figure_scatter *panels;   /* [projection] */
  ls_figure_polygon *polygons; /* [projection, class] */
  ls_figure_ellipse *ellipses; /* [projection, class] */
  char (*titles)[2][80];       /* [projection], of axes */
} drawing;

static int allocate(drawing *d) {
  size_t count = d->e->count;
  d->panels = ls_new(count, sizeof *d->panels);
  d->polygons = ls_new(count * d->classes, sizeof *d->polygons);
  d->ellipses = ls_new(count * d->classes, sizeof *d->ellipses);
  d->titles = ls_new(count, sizeof *d->titles);
  return d->panels && d->polygons && d->ellipses && d->titles ? LS_OK : LS_FAILED;
}

static void title_axes(char titles[2][80], const projection *p) {
  for (int c = 0; c < 2; c++) {
    if (p->method == LS_EMBED_PCA) {
      snprintf(titles[c], sizeof titles[c], "principal component %d (%.1f %% of the variance)",
               c + 1, 100 * p->shares[c]);
    } else {
      snprintf(titles[c], sizeof titles[c], "t-SNE coordinate %d", c + 1);
    }
  }
}

static size_t take_polygons(const drawing *d, const separation *s, ls_figure_polygon *out) {
  size_t count = 0;
  for (size_t c = 0; c < d->classes; c++) {
    size_t first = s->hull_begin[c], corners = s->hull_begin[c + 1] - first;
    if (corners == 0) continue;
    out[count++] = (ls_figure_polygon){c, s->vertices + 2 * first, corners};
  }
  return count;
}

static size_t take_ellipses(const drawing *d, const separation *s, ls_figure_ellipse *out) {
  size_t count = 0;
  for (size_t c = 0; c < d->classes; c++) {
    const ls_ellipse *e = &s->ellipses[c];
    if (!isfinite(e->area)) continue;
    out[count++] = (ls_figure_ellipse){
        c, {e->center[0], e->center[1]}, {e->half_axes[0], e->half_axes[1]}, e->angle};
  }
  return count;
}

/* Panels with hulls, or with ellipses. */
static void set_panels(drawing *d, bool hulls) {
  for (size_t i = 0; i < d->e->count; i++) {
    const projection *p = &d->e->projections[i];
    ls_figure_polygon *polygons = d->polygons + i * d->classes;
    ls_figure_ellipse *ellipses = d->ellipses + i * d->classes;
    title_axes(d->titles[i], p);
    d->panels[i] =
        (ls_figure_scatter){.heading = p->name,
                            .x_title = d->titles[i][0],
                            .y_title = d->titles[i][1],
                            .points = p->y,
                            .classes = d->e->samples.labels,
                            .count = d->e->samples.chosen.count,
                            .polygons = polygons,
                            .polygon_count = hulls ? take_polygons(d, &p->separation, polygons) : 0,
                            .ellipses = ellipses,
                            .ellipse_count = hulls ? 0 : take_ellipses(d, &p->separation, ellipses),
                            .equal_units = true};
  }
}

static int draw(labelled *l, drawing *d, bool hulls) {
  char *path = NULL;
  int status = labelled_figure_path(&path, l, hulls ? "hulls" : "ellipses");
  set_panels(d, hulls);
  ls_figure_scatters figure = {.title = hulls ? "Classes with their convex hulls"
                                              : "Classes with their 95 % ellipses",
                               .panels = d->panels,
                               .count = d->e->count,
                               .class_names = d->e->samples.classes.names,
                               .class_count = d->classes};
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.scatters = &figure});
  if (status == LS_OK) {
    status = labelled_add_figure(l, path, "%zu samples and %s of each class.",
                                 d->e->samples.chosen.count,
                                 hulls ? "the convex hull" : "the 95 % ellipse");
  }
  free(path);
  return status;
}

int embed_draw(labelled *l, const embedding *e) {
  drawing d = {.e = e, .classes = e->samples.classes.count};
  int status = allocate(&d);
  if (status == LS_OK) status = draw(l, &d, true);
  if (status == LS_OK) status = draw(l, &d, false);
  free(d.panels);
  free(d.polygons);
  free(d.ellipses);
  free(d.titles);
  return status;
}

/* ---- The table ---------------------------------------------------------------------------------
 */

static void print_number(FILE *out, int width, double value) {
  if (isnan(value)) {
    fprintf(out, "  %*s", width, "-");
  } else {
    fprintf(out, "  %*.4f", width, value);
  }
}

static void print_row(const projection *p, int width, FILE *out) {
  const separation *s = &p->separation;
  fprintf(out, "%-*s", width, p->name);
  print_number(out, 16, s->neighbouring_hit);
  print_number(out, 10, s->silhouette);
  print_number(out, 12, s->hull_overlap);
  print_number(out, 15, s->ellipse_overlap);
  print_number(out, 14, p->shares[0] + p->shares[1]);
  print_number(out, 13, p->divergence);
  fprintf(out, "\n");
}

int embed_print(const embedding *e, FILE *out) {
  int width = 10;
  for (size_t i = 0; i < e->count; i++) {
    int length = (int)strlen(e->projections[i].name);
    if (length > width) width = length;
  }
  fprintf(out, "%zu %s samples of %s\n\n", e->samples.chosen.count,
          e->samples.part == LS_TRAIN ? "training" : "test", e->samples.dataset->path);
  fprintf(out,
          "%-*s  neighbouring_hit  silhouette  hull_overlap  ellipse_overlap  variance_share"
          "  kl_divergence\n",
          width, "projection");
  for (size_t i = 0; i < e->count; i++) print_row(&e->projections[i], width, out);
  fprintf(out, "\n%s\n", e->options->output);
  return fflush(out) == 0 ? LS_OK : ls_fail(LS_FAILED, "cannot write to standard output");
}
