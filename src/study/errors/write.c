/* The file and the printed table of the analysis of errors. */
#include "study/errors/result.h"
#include "study/model/output.h"

static void summarize(labelled *l, const errors_result *r) {
  const ls_classes *c = &r->classes;
  size_t most = 1;
  for (size_t i = 0; i < c->count * c->count; i++) {
    bool wrong = i / c->count != i % c->count;
    if (wrong && r->confusion[i] > r->confusion[most]) most = i;
  }
  labelled_summarize(l, "%s", r->summary);
  if (r->confusion[most] == 0) return;
  labelled_summarize(l, "the most frequent mistake: %s taken for %s, %lld times",
                     c->names[most / c->count], c->names[most % c->count],
                     (long long)r->confusion[most]);
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
      {"image", LABELLED_REAL, "shown/*", "1", "input as in the dataset, scaled", r->images,
       .shape = &r->model->plan->dataset->shape},
      {NULL}};
  labelled_write(l, table);
}

void errors_write(labelled *l, const void *result) {
  const errors_result *r = result;
  const ls_classes *c = &r->classes;
  const labelled_variable table[] = {
      {"true_class", LABELLED_TEXT, NULL, NULL, "true class", c->names, c->count},
      {"predicted_class", LABELLED_TEXT, NULL, NULL, "predicted class", c->names, c->count},
      {"confusion", LABELLED_INT64, "true_class/predicted_class", "1",
       "samples of a class that were taken for a class", r->confusion},
      {"confusion_share", LABELLED_DOUBLE, "true_class/predicted_class", "1",
       "share of a class that was taken for a class", r->fractions},
      {NULL}};
  ls_output_model(l, r->model, r->part);
  labelled_write(l, table);
  if (r->shown > 0) write_mistakes(l, r);
  summarize(l, r);
}

void errors_print(const void *result, FILE *out) {
  const errors_result *r = result;
  fprintf(out, "%s\n", r->summary);
  if (r->shown > 0) fprintf(out, "\n   index  true class    taken for     probability\n");
  for (size_t i = 0; i < r->shown; i++) {
    const mistake *m = &r->mistakes[i];
    fprintf(out, "%8u  %-12s  %-12s  %.6f\n", m->index, classes_name(&r->classes, m->p.truth),
            classes_name(&r->classes, m->p.predicted), m->p.probability);
  }
  fprintf(out, "\n");
}
