/* The figures of an embedding: scatter plots with hulls and with ellipses. */
#include "study/embed/result.h"

#include <math.h>

static const char *axis_title(labelled *l, const embed_projection *p, int c) {
  if (p->method == LS_EMBED_TSNE) {
    return ls_memory_text(&l->memory, "t-SNE coordinate %d", c + 1);
  }
  return ls_memory_text(&l->memory, "principal component %d (%.1f %% of the variance)", c + 1,
                        100 * p->fractions[c]);
}

/* The hulls of projection i, in `out` [class]; returns their number. */
static size_t take_hulls(const embed_result *r, size_t i, ls_figure_polygon *out) {
  const size_t *begin = r->hull_begin + i * r->classes.count;
  size_t count = 0;
  for (size_t c = 0; c < r->classes.count; c++) {
    size_t corners = begin[c + 1] - begin[c];
    if (corners == 0) continue;
    out[count++] = (ls_figure_polygon){c, r->vertices + 2 * begin[c], corners};
  }
  return count;
}

static size_t take_ellipses(const embed_result *r, size_t i, ls_figure_ellipse *out) {
  size_t count = 0;
  for (size_t c = 0; c < r->classes.count; c++) {
    const ls_ellipse *e = &r->ellipses[i * r->classes.count + c];
    if (!isfinite(e->area)) continue;
    out[count++] = (ls_figure_ellipse){
        c, {e->center[0], e->center[1]}, {e->half_axes[0], e->half_axes[1]}, e->angle};
  }
  return count;
}

static ls_figure_scatter panel_of(labelled *l, const embed_result *r, size_t i) {
  const embed_projection *p = &r->projections[i];
  return (ls_figure_scatter){.heading = p->name,
                             .x_title = axis_title(l, p, 0),
                             .y_title = axis_title(l, p, 1),
                             .points = r->positions + i * 2 * r->samples.count,
                             .classes = r->labels,
                             .count = r->samples.count,
                             .equal_units = true};
}

void embed_draw(labelled *l, const void *result) {
  const embed_result *r = result;
  size_t classes = r->classes.count;
  ls_figure_scatter *hulls = ls_memory_new(&l->memory, r->count, sizeof *hulls);
  ls_figure_scatter *ellipses = ls_memory_new(&l->memory, r->count, sizeof *ellipses);
  ls_figure_polygon *polygons = ls_memory_new(&l->memory, r->count * classes, sizeof *polygons);
  ls_figure_ellipse *outlines = ls_memory_new(&l->memory, r->count * classes, sizeof *outlines);
  if (ls_memory_status(&l->memory) != LS_OK) return;
  for (size_t i = 0; i < r->count; i++) {
    hulls[i] = ellipses[i] = panel_of(l, r, i);
    hulls[i].polygons = polygons + i * classes;
    hulls[i].polygon_count = take_hulls(r, i, polygons + i * classes);
    ellipses[i].ellipses = outlines + i * classes;
    ellipses[i].ellipse_count = take_ellipses(r, i, outlines + i * classes);
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  ls_figure_scatters figure = {"Classes with their convex hulls", hulls, r->count, r->classes.names,
                               classes};
  labelled_draw(l, "hulls", &(ls_figure){.scatters = &figure},
                "%zu samples and the convex hull of each class.", r->samples.count);
  figure.title = "Classes with their 95 % ellipses";
  figure.panels = ellipses;
  labelled_draw(l, "ellipses", &(ls_figure){.scatters = &figure},
                "%zu samples and the 95 %% ellipse of each class.", r->samples.count);
}
