/* The file and the printed table of an embedding. */
#include "base/print.h"
#include "study/embed/result.h"

#include "study/model/output.h"

#include <string.h>

static void write_projections(labelled *l, const embed_result *r) {
  const double components[] = {1, 2};
  const embed_projection *p = r->projections;
  const ls_ellipse *e = r->ellipses;
  enum { EACH = sizeof *p, ELLIPSE = sizeof *e };
  const char **names = ls_memory_new(&l->memory, r->count, sizeof *names);
  for (size_t i = 0; names && i < r->count; i++) names[i] = p[i].name;
  const labelled_variable table[] = {
      {"projection", LABELLED_TEXT, NULL, NULL, "method, and what it projects", names, r->count},
      {"sample", LABELLED_UINT32, NULL, "1", "number in its part of the dataset",
       r->samples.numbers, r->samples.count},
      {"component", LABELLED_DOUBLE, NULL, "1", "coordinate of the plane", components, 2},
      {"class", LABELLED_TEXT, NULL, NULL, "class", r->classes.names, r->classes.count},
      {"other_class", LABELLED_TEXT, NULL, NULL, "class", r->classes.names, r->classes.count},
      {"label", LABELLED_INT32, "sample", "1", "number of the class", r->labels},
      {"position", LABELLED_DOUBLE, "projection/sample/component", "1", "position in the plane",
       r->positions},
      {"neighbouring_hit", LABELLED_DOUBLE, "projection", "1",
       "mean fraction of the nearest neighbours that are of the same class", &p->neighbouring_hit,
       .stride = EACH},
      {"silhouette", LABELLED_DOUBLE, "projection", "1", "mean silhouette of the classes",
       &p->silhouette, .stride = EACH},
      {"hull_overlap", LABELLED_DOUBLE, "projection", "1",
       "areas shared by two hulls by the areas of all hulls", &p->hull_overlap, .stride = EACH},
      {"ellipse_overlap", LABELLED_DOUBLE, "projection", "1",
       "areas shared by two ellipses by the areas of all ellipses", &p->ellipse_overlap,
       .stride = EACH},
      {"kl_divergence", LABELLED_DOUBLE, "projection", "1",
       "Kullback-Leibler divergence of the positions' affinities", &p->divergence, .stride = EACH},
      {"variance_share", LABELLED_DOUBLE, "projection/component", "1",
       "fraction of the total variance", p->fractions, .stride = EACH, .block = 2},
      {"hull_area", LABELLED_DOUBLE, "projection/class/other_class", "1",
       "area shared by the convex hulls of two classes, or of one alone", r->hull_areas},
      {"ellipse_area", LABELLED_DOUBLE, "projection/class/other_class", "1",
       "area shared by the 95 % ellipses of two classes, or of one alone", r->ellipse_areas},
      {"ellipse_center", LABELLED_DOUBLE, "projection/class/component", "1",
       "centre of the ellipse", e->center, .stride = ELLIPSE, .block = 2},
      {"ellipse_half_axis", LABELLED_DOUBLE, "projection/class/component", "1",
       "half axes of the ellipse, the longer one first", e->half_axes, .stride = ELLIPSE,
       .block = 2},
      {"ellipse_angle", LABELLED_DOUBLE, "projection/class", "radians",
       "angle from the first coordinate to the longer half axis", &e->angle, .stride = ELLIPSE},
      {NULL}};
  labelled_write(l, table);
}

static void write_vertices(labelled *l, const embed_result *r) {
  size_t count = r->hull_begin[r->count * r->classes.count];
  const labelled_variable table[] = {{"vertex", LABELLED_UINT32, NULL, "1",
                                      "vertices of the hulls, one after another", NULL, count},
                                     {"vertex_projection", LABELLED_INT32, "vertex", "1",
                                      "number of the vertex's projection", r->vertex_projection},
                                     {"vertex_class", LABELLED_INT32, "vertex", "1",
                                      "number of the vertex's class", r->vertex_class},
                                     {"hull_vertex", LABELLED_DOUBLE, "vertex/component", "1",
                                      "vertex of a convex hull, counterclockwise", r->vertices},
                                     {NULL}};
  if (count > 0) labelled_write(l, table);
}

void embed_write(labelled *l, const void *result) {
  const embed_result *r = result;
  write_projections(l, r);
  write_vertices(l, r);
  for (size_t i = 0; i < r->count; i++) {
    const embed_projection *p = &r->projections[i];
    labelled_summarize(
        l, "%s: neighbouring hit %.4f, silhouette %.4f, overlap of hulls %.4f, of ellipses %.4f",
        p->name, p->neighbouring_hit, p->silhouette, p->hull_overlap, p->ellipse_overlap);
  }
}

static void print_row(const embed_projection *p, int width, FILE *out) {
  ls_print(out, "%-*s", width, p->name);
  ls_output_number(out, 16, 4, p->neighbouring_hit);
  ls_output_number(out, 10, 4, p->silhouette);
  ls_output_number(out, 12, 4, p->hull_overlap);
  ls_output_number(out, 15, 4, p->ellipse_overlap);
  ls_output_number(out, 14, 4, p->fractions[0] + p->fractions[1]);
  ls_output_number(out, 13, 4, p->divergence);
  ls_print(out, "\n");
}

void embed_print(const void *result, FILE *out) {
  const embed_result *r = result;
  int width = 10;
  for (size_t i = 0; i < r->count; i++) {
    int length = (int)strlen(r->projections[i].name);
    if (length > width) width = length;
  }
  ls_print(out, "%zu %s samples of %s\n\n", r->samples.count,
           r->part == LS_TRAIN ? "training" : "test", r->dataset->path);
  ls_print(out,
           "%-*s  neighbouring_hit  silhouette  hull_overlap  ellipse_overlap  variance_share"
           "  kl_divergence\n",
           width, "projection");
  for (size_t i = 0; i < r->count; i++) print_row(&r->projections[i], width, out);
  ls_print(out, "\n");
}
