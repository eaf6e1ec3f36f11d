/* The file and the printed table of the analysis of errors. */
#include "base/print.h"
#include "study/errors/result.h"
#include "study/model/output.h"

#include <string.h>

static void summarize(labelled *l, const errors_result *r) {
  const ls_classes *c = &r->classes;
  int64_t most = 0;
  size_t at = 0;
  for (size_t i = 0; i < c->count * r->side; i++) {
    bool wrong = i / r->side != i % r->side && i % r->side < c->count;
    if (!wrong || r->counts[i] <= most) continue;
    most = r->counts[i];
    at = i;
  }
  labelled_summarize(l, "%s", r->summary);
  if (most == 0) return;
  labelled_summarize(l, "the most frequent error: %s predicted as %s, %lld times",
                     c->names[at / r->side], c->names[at % r->side], (long long)most);
}

static void write_mistakes(labelled *l, const errors_result *r) {
  const mistake *m = r->mistakes;
  enum { STRIDE = sizeof *m };
  const labelled_variable table[] = {
      {"mistake", LABELLED_INT64, NULL, NULL, "mistakes, the most confident first", NULL, r->count},
      {"index", LABELLED_UINT32, "mistake", "1", "number of the sample in its part of the dataset",
       &m->index, .stride = STRIDE},
      {"truth", LABELLED_INT32, "mistake", "1", "true class", &m->p.truth, .stride = STRIDE},
      {"prediction", LABELLED_INT32, "mistake", "1", "predicted class", &m->p.predicted,
       .stride = STRIDE},
      {"probability", LABELLED_DOUBLE, "mistake", "1", "output of the predicted class",
       &m->p.probability, .stride = STRIDE},
      {"truth_probability", LABELLED_DOUBLE, "mistake", "1", "output of the true class",
       &m->p.truth_probability, .stride = STRIDE},
      {"shown", LABELLED_INT64, NULL, NULL, "the first mistakes, which the figure shows", NULL,
       r->shown},
      {"image", LABELLED_REAL, "shown/*", "1", "input of the model before its transforms, scaled",
       r->images, .shape = &r->model->plan->dataset->shape},
      {NULL}};
  labelled_write(l, table);
}

/* What happens to the inputs before the model. */
static void write_inputs(labelled *l, const ls_errors_options *o) {
  if (o->through) labelled_attribute(l, "through", o->through->path);
  if (!o->perturbation) return;
  labelled_attribute(
      l, "transform",
      ls_memory_text(&l->memory, "%s=%g", o->perturbation->type->name, o->perturbation->levels[0]));
}

void errors_write(labelled *l, const void *result) {
  const errors_result *r = result;
  const ls_classes *c = &r->classes;
  const size_t row = r->side * sizeof *r->counts;
  const labelled_variable table[] = {
      {"true_class", LABELLED_TEXT, NULL, NULL, "true class", c->names, c->count},
      {"predicted_class", LABELLED_TEXT, NULL, NULL, "predicted class", c->names, c->count},
      {"confusion", LABELLED_INT64, "true_class/predicted_class", "1",
       "samples of a class that were predicted as a class", r->counts, .stride = row,
       .block = c->count},
      {"true_total", LABELLED_INT64, "true_class", "1", "samples of the class",
       r->counts + c->count, .stride = row},
      {"predicted_total", LABELLED_INT64, "predicted_class", "1",
       "samples that were predicted as the class", r->counts + c->count * r->side},
      {"confusion_share", LABELLED_DOUBLE, "true_class/predicted_class", "1",
       "fraction of a class that was predicted as a class", r->fractions},
      {NULL}};
  ls_output_model(l, r->model, r->part);
  write_inputs(l, r->options);
  labelled_write(l, table);
  if (r->shown > 0) write_mistakes(l, r);
  summarize(l, r);
}

/* ---- Printing ---- */

enum { MOST_CLASSES = 20 }; /* of a printed confusion matrix */

static void print_confusion(const errors_result *r, FILE *out) {
  const size_t k = r->classes.count;
  int width = (int)strlen("total"), names = (int)strlen("true class");
  for (size_t i = 0; i < k; i++) {
    width = ls_output_width(width, r->classes.names[i]);
    names = ls_output_width(names, r->classes.names[i]);
  }
  ls_print(out, "\n%-*s  predicted class\n%-*s", names, "", names, "true class");
  for (size_t i = 0; i <= k; i++) {
    ls_print(out, "  %*s", width, i < k ? r->classes.names[i] : "total");
  }
  for (size_t i = 0; i <= k; i++) {
    ls_print(out, "\n%-*s", names, i < k ? r->classes.names[i] : "total");
    for (size_t j = 0; j <= k; j++) {
      ls_print(out, "  %*lld", width, (long long)r->counts[i * r->side + j]);
    }
  }
  ls_print(out, "\n");
}

static void print_mistakes(const errors_result *r, FILE *out) {
  size_t shown = r->options->all ? r->count : r->shown;
  if (shown > 0) ls_print(out, "\n   index  true class    predicted     probability\n");
  for (size_t i = 0; i < shown; i++) {
    const mistake *m = &r->mistakes[i];
    ls_print(out, "%8u  %-12s  %-12s  %.6f\n", m->index, classes_name(&r->classes, m->p.truth),
             classes_name(&r->classes, m->p.predicted), m->p.probability);
  }
  if (shown < r->count) {
    ls_print(out, "The %zu most confident of %zu errors; --all shows all.\n", shown, r->count);
  }
}

void errors_print(const void *result, FILE *out) {
  const errors_result *r = result;
  ls_print(out, "%s\n", r->summary);
  if (r->options->all || r->classes.count <= MOST_CLASSES) {
    print_confusion(r, out);
  } else {
    ls_print(out, "The confusion matrix has %zu classes; --all shows it.\n", r->classes.count);
  }
  print_mistakes(r, out);
  ls_print(out, "\n");
}
