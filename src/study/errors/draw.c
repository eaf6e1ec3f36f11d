/* The figures of the analysis of errors. */
#include "study/errors/result.h"

#include <math.h>
#include <string.h>

/* Counts in the cells, colours by fractions of the true class; totals are grey. */
static void draw_confusion(labelled *l, const errors_result *r) {
  size_t k = r->classes.count, side = r->side;
  const char **cells = ls_memory_new(&l->memory, side * side, sizeof *cells);
  const char **names = ls_memory_new(&l->memory, side, sizeof *names);
  double *fractions = ls_memory_new(&l->memory, side * side, sizeof *fractions);
  if (ls_memory_status(&l->memory) != LS_OK) return;
  for (size_t i = 0; i < side; i++) names[i] = i < k ? r->classes.names[i] : "total";
  for (size_t i = 0; i < side * side; i++) {
    size_t row = i / side, column = i % side;
    bool total = row == k || column == k, empty = r->counts[i] == 0 && !total;
    fractions[i] = total ? NAN : r->fractions[row * k + column];
    cells[i] = empty ? "" : ls_memory_text(&l->memory, "%lld", (long long)r->counts[i]);
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  ls_figure_matrix matrix = {.title = "Confusion matrix",
                             .row_title = "true class",
                             .column_title = "predicted class",
                             .rows = side,
                             .columns = side,
                             .values = fractions,
                             .row_names = names,
                             .column_names = names,
                             .texts = cells,
                             /* Most fractions are small: the root makes them distinguishable. */
                             .scale = {LS_FIGURE_BLUES, 0, 1, 0.5, "fraction of the true class"}};
  labelled_draw(l, "confusion", ls_figure_matrices(&matrix, 1),
                "Samples by true class and predicted class, with totals.");
}

static void draw_mistakes(labelled *l, const errors_result *r) {
  const ls_shape *shape = &r->model->plan->dataset->shape;
  ls_figure_image *images = ls_memory_new(&l->memory, r->shown, sizeof *images);
  for (size_t i = 0; images && i < r->shown; i++) {
    const mistake *m = &r->mistakes[i];
    const char *truth = classes_name(&r->classes, m->p.truth);
    const char *predicted = classes_name(&r->classes, m->p.predicted);
    images[i] = labelled_image(shape, r->images + i * (size_t)ls_shape_size(shape));
    images[i].caption = ls_memory_text(&l->memory, "no. %u\n%s%s→ %s\np = %.4f", m->index, truth,
                                       strlen(truth) + strlen(predicted) > 8 ? "\n" : " ",
                                       predicted, m->p.probability);
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  ls_figure_grid grid = {.title = "Misclassified samples, the most confident first",
                         .images = images,
                         .count = r->shown,
                         .scale = {LS_FIGURE_GREY, 0, 1}};
  labelled_draw(l, "mistakes", ls_figure_images(&grid),
                "The %zu most confident of %zu errors: number of the sample, "
                "true class → predicted class, output p of the latter.",
                r->shown, r->count);
}

void errors_draw(labelled *l, const void *result) {
  const errors_result *r = result;
  draw_confusion(l, r);
  if (r->shown > 0) draw_mistakes(l, r);
}
