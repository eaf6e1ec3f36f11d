/* The labelled HDF5 file of an embedding. Everything is over `projection`; the vertices of all
 * hulls are in one list, each with its projection and its class. */
#include "study/embed/embedding.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "study/model/labelled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = 3 };

/* The file, and memory for the values of the variable in hand. */
typedef struct writing {
  labelled file;
  const embedding *e;
  size_t samples, classes;
  double *values;
} writing;

/* The values as a variable over axes, NULL-terminated but for the third. */
static void add(writing *w, const char *name, const char *long_name, const char *units,
                const char *const axes[MOST_AXES]) {
  size_t rank = 0;
  while (rank < MOST_AXES && axes[rank]) rank++;
  labelled_variable(&w->file, name, long_name, units, H5T_NATIVE_DOUBLE, rank, axes, w->values);
}

/* The same for whole numbers. */
static void add_integers(writing *w, const char *name, const char *long_name, size_t count,
                         const char *axis) {
  int32_t *numbers = ls_new(count, sizeof *numbers);
  if (!numbers) w->file.status = LS_FAILED;
  for (size_t i = 0; numbers && i < count; i++) numbers[i] = (int32_t)w->values[i];
  labelled_variable(&w->file, name, long_name, "1", H5T_NATIVE_INT32, 1, &axis, numbers);
  free(numbers);
}

static void write_axes(writing *w) {
  const embed_samples *s = &w->e->samples;
  const double components[] = {1, 2};
  const char **names = ls_new(w->e->count, sizeof *names);
  if (!names) {
    w->file.status = LS_FAILED;
    return;
  }
  for (size_t i = 0; i < w->e->count; i++) names[i] = w->e->projections[i].name;
  labelled_texts(&w->file, "projection", "method, and what it projects", w->e->count, names);
  free(names);
  labelled_numbers(&w->file, "sample", "number in its part of the dataset", "1", H5T_NATIVE_UINT32,
                   w->samples, s->chosen.numbers);
  labelled_numbers(&w->file, "component", "coordinate of the plane", "1", H5T_NATIVE_DOUBLE, 2,
                   components);
  labelled_texts(&w->file, "class", "class", w->classes, s->classes.names);
  labelled_texts(&w->file, "other_class", "class", w->classes, s->classes.names);
}

static void write_positions(writing *w) {
  static const char *const axes[] = {"projection", "sample", "component"};
  for (size_t i = 0; i < w->samples; i++) w->values[i] = w->e->samples.labels[i];
  add_integers(w, "label", "number of the class", w->samples, "sample");
  for (size_t i = 0; i < w->e->count; i++) {
    size_t count = 2 * w->samples;
    memcpy(w->values + i * count, w->e->projections[i].y, count * sizeof(double));
  }
  add(w, "position", "position in the plane", "1", axes);
}

/* A number of each projection; of its components. */
static void write_numbers(writing *w) {
  static const char *const axes[MOST_AXES] = {"projection"};
  static const char *const component_axes[MOST_AXES] = {"projection", "component"};
  static const struct {
    const char *name, *long_name;
  } numbers[] = {
      {"neighbouring_hit", "mean share of the nearest neighbours that are of the same class"},
      {"silhouette", "mean silhouette of the classes"},
      {"hull_overlap", "areas shared by two hulls by the areas of all hulls"},
      {"ellipse_overlap", "areas shared by two ellipses by the areas of all ellipses"},
      {"kl_divergence", "Kullback-Leibler divergence of the positions' affinities"}};
  for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
    for (size_t i = 0; i < w->e->count; i++) {
      const projection *p = &w->e->projections[i];
      const separation *s = &p->separation;
      const double all[] = {s->neighbouring_hit, s->silhouette, s->hull_overlap, s->ellipse_overlap,
                            p->divergence};
      w->values[i] = all[k];
    }
    add(w, numbers[k].name, numbers[k].long_name, "1", axes);
  }
  for (size_t k = 0; k < 2 * w->e->count; k++) {
    w->values[k] = w->e->projections[k / 2].shares[k % 2];
  }
  add(w, "variance_share", "share of the whole variance", "1", component_axes);
}

static void write_areas(writing *w) {
  static const char *const axes[] = {"projection", "class", "other_class"};
  size_t pairs = w->classes * w->classes;
  for (size_t i = 0; i < w->e->count; i++) {
    memcpy(w->values + i * pairs, w->e->projections[i].separation.hull_areas,
           pairs * sizeof(double));
  }
  add(w, "hull_area", "area shared by the convex hulls of two classes, or of one alone", "1", axes);
  for (size_t i = 0; i < w->e->count; i++) {
    memcpy(w->values + i * pairs, w->e->projections[i].separation.ellipse_areas,
           pairs * sizeof(double));
  }
  add(w, "ellipse_area", "area shared by the 95 % ellipses of two classes, or of one alone", "1",
      axes);
}

static const ls_ellipse *ellipse(const writing *w, size_t k) {
  return &w->e->projections[k / w->classes].separation.ellipses[k % w->classes];
}

static void write_ellipses(writing *w) {
  static const char *const axes[] = {"projection", "class", "component"};
  static const char *const angle_axes[MOST_AXES] = {"projection", "class"};
  size_t count = w->e->count * w->classes;
  for (size_t k = 0; k < 2 * count; k++) w->values[k] = ellipse(w, k / 2)->center[k % 2];
  add(w, "ellipse_center", "centre of the ellipse", "1", axes);
  for (size_t k = 0; k < 2 * count; k++) w->values[k] = ellipse(w, k / 2)->half_axes[k % 2];
  add(w, "ellipse_half_axis", "half axes of the ellipse, the longer one first", "1", axes);
  for (size_t k = 0; k < count; k++) w->values[k] = ellipse(w, k)->angle;
  add(w, "ellipse_angle", "angle from the first coordinate to the longer half axis", "radians",
      angle_axes);
}

/* What is told of each vertex: its projection, its class, its coordinates. */
enum { OF_PROJECTION, OF_CLASS, COORDINATE, OTHER_COORDINATE };

static size_t list_vertices(writing *w, int what) {
  size_t count = 0;
  for (size_t i = 0; i < w->e->count; i++) {
    const separation *s = &w->e->projections[i].separation;
    for (size_t c = 0; c < w->classes; c++) {
      for (size_t v = s->hull_begin[c]; v < s->hull_begin[c + 1]; v++) {
        const double all[] = {(double)i, (double)c, s->vertices[2 * v], s->vertices[2 * v + 1]};
        if (what >= COORDINATE) {
          memcpy(w->values + 2 * count, all + COORDINATE, 2 * sizeof(double));
        } else {
          w->values[count] = all[what];
        }
        count++;
      }
    }
  }
  return count;
}

static void write_vertices(writing *w) {
  static const char *const axes[MOST_AXES] = {"vertex", "component"};
  size_t count = list_vertices(w, OF_PROJECTION);
  if (count == 0) return;
  uint32_t *numbers = ls_new(count, sizeof *numbers);
  if (!numbers) w->file.status = LS_FAILED;
  for (size_t i = 0; numbers && i < count; i++) numbers[i] = (uint32_t)i;
  labelled_numbers(&w->file, "vertex", "vertices of the hulls, one after another", "1",
                   H5T_NATIVE_UINT32, count, numbers);
  free(numbers);
  add_integers(w, "vertex_projection", "number of the vertex's projection", count, "vertex");
  list_vertices(w, OF_CLASS);
  add_integers(w, "vertex_class", "number of the vertex's class", count, "vertex");
  list_vertices(w, COORDINATE);
  add(w, "hull_vertex", "vertex of a convex hull, counterclockwise", "1", axes);
}

static void summarize(writing *w) {
  for (size_t i = 0; i < w->e->count; i++) {
    const projection *p = &w->e->projections[i];
    labelled_summarize(&w->file,
                       "%s: neighbouring hit %.4f, silhouette %.4f, overlap of hulls %.4f, of "
                       "ellipses %.4f",
                       p->name, p->separation.neighbouring_hit, p->separation.silhouette,
                       p->separation.hull_overlap, p->separation.ellipse_overlap);
  }
}

int embed_write(const embedding *e) {
  writing w = {.e = e, .samples = e->samples.chosen.count, .classes = e->samples.classes.count};
  /* The largest variables: positions (and vertices, which are fewer), pairs of classes. */
  size_t each = 2 * w.samples + 2 * w.classes + w.classes * w.classes;
  w.values = ls_new(e->count * each, sizeof *w.values);
  int status = w.values ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    labelled_create(&w.file, e->options->output, "Samples projected to two dimensions",
                    &e->options->notes);
    write_axes(&w);
    write_positions(&w);
    write_numbers(&w);
    write_areas(&w);
    write_ellipses(&w);
    write_vertices(&w);
    summarize(&w);
    status = labelled_close(&w.file, w.file.status == LS_OK ? embed_draw(&w.file, e) : LS_OK);
  }
  free(w.values);
  return status;
}
