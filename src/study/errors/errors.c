/* What a classifier gets wrong: its confusion matrix, and its mistakes, the most confident first.
 */
#include "base/memory.h"
#include "figure/figure.h"
#include "lockstep/error.h"
#include "study/inspect.h"
#include "study/model/classes.h"
#include "study/model/inspection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- What each sample was taken for ------------------------------------------------------------
 */

/* Of a sample; kept as doubles, so that ranks can add up what one of them has. */
enum { TRUTH, PREDICTED, PROBABILITY, TRUTH_PROBABILITY, COLUMNS };

typedef struct outcome {
  const ls_trained *model;
  classes classes;
  ls_part part;
  size_t count;
  const uint32_t *numbers; /* [count], borrowed of the samples */
  double *table;           /* [count, COLUMNS] */
} outcome;

static int visit(void *context, const ls_chunk *piece) {
  outcome *o = context;
  const ls_model *net = o->model->plan->model;
  ls_outputs outputs = ls_model_activated(net, piece->workspace, o->classes.head);
  for (size_t i = 0; i < piece->n; i++) {
    size_t truth = (size_t)outputs.labels[i];
    verdict v = classes_verdict(outputs.y + i * outputs.width, outputs.width, truth);
    double *row = o->table + (piece->first + i) * COLUMNS;
    row[TRUTH] = (double)truth;
    row[PREDICTED] = (double)v.predicted;
    row[PROBABILITY] = v.probability;
    row[TRUTH_PROBABILITY] = v.truth_probability;
  }
  return LS_OK;
}

/* Collective. */
static int judge(outcome *o, const ls_samples *samples, const ls_group *world) {
  ls_inputs *inputs = NULL;
  ls_inference inference = {.model = o->model, .visit = visit, .visit_context = o};
  o->table = ls_new(o->count * COLUMNS, sizeof *o->table);
  int status = ls_group_agree(world, o->table ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    status = ls_inputs_create(&inputs, o->model->plan->dataset, o->part, samples, world);
  }
  if (status == LS_OK) status = ls_infer(inputs, &inference);
  if (status == LS_OK) status = ls_group_sum(world, o->table, o->count * COLUMNS);
  ls_inputs_free(&inputs);
  for (size_t i = 0; i < o->count && status == LS_OK; i++) {
    if (!isnan(o->table[i * COLUMNS + PROBABILITY])) continue;
    status = ls_fail(LS_FAILED, "%s: its output for sample %u is not a number", o->model->path,
                     o->numbers[i]);
  }
  return status;
}

/* ---- The mistakes ------------------------------------------------------------------------------
 */

typedef struct mistake {
  uint32_t index; /* of the sample in its part */
  const double *row;
} mistake;

typedef struct findings {
  mistake *mistakes; /* the most confident first */
  size_t count, shown;
  int64_t *confusion; /* [true class, predicted class] */
  double *shares;     /* the same by the number of samples of the true class */
  ls_real *images;    /* [shown, ...], as in the dataset, scaled */
} findings;

static int more_confident(const void *a, const void *b) {
  const mistake *x = a, *y = b;
  double p = x->row[PROBABILITY], q = y->row[PROBABILITY];
  return p != q ? (p < q) - (p > q) : (x->index > y->index) - (x->index < y->index);
}

static int read_images(findings *f, const outcome *o) {
  const ls_dataset *dataset = o->model->plan->dataset;
  uint32_t *numbers = ls_new(f->shown, sizeof *numbers);
  f->images = ls_new(f->shown * (size_t)ls_shape_size(&dataset->shape), sizeof *f->images);
  int status = numbers && f->images ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < f->shown && status == LS_OK; i++) numbers[i] = f->mistakes[i].index;
  if (status == LS_OK) status = inspection_read(f->images, dataset, o->part, f->shown, numbers);
  free(numbers);
  return status;
}

static int find(findings *f, const outcome *o, size_t shown) {
  size_t k = o->classes.count;
  f->mistakes = ls_new(o->count, sizeof *f->mistakes);
  f->confusion = ls_new(k * k, sizeof *f->confusion);
  f->shares = ls_new(k * k, sizeof *f->shares);
  if (!f->mistakes || !f->confusion || !f->shares) return LS_FAILED;
  for (size_t i = 0; i < o->count; i++) {
    const double *row = o->table + i * COLUMNS;
    size_t truth = (size_t)row[TRUTH], predicted = (size_t)row[PREDICTED];
    if (predicted < k) f->confusion[truth * k + predicted]++; /* a layer may be wider */
    if (truth != predicted) f->mistakes[f->count++] = (mistake){o->numbers[i], row};
  }
  for (size_t i = 0; i < k; i++) {
    double total = 0;
    for (size_t n = 0; n < o->count; n++) total += o->table[n * COLUMNS + TRUTH] == (double)i;
    for (size_t j = 0; j < k; j++) f->shares[i * k + j] = (double)f->confusion[i * k + j] / total;
  }
  qsort(f->mistakes, f->count, sizeof *f->mistakes, more_confident);
  f->shown = f->count < shown ? f->count : shown;
  return read_images(f, o);
}

static void clear(findings *f) {
  free(f->mistakes);
  free(f->confusion);
  free(f->shares);
  free(f->images);
}

/* ---- The file's variables ----------------------------------------------------------------------
 */

static const char *const over_mistakes[] = {"mistake"};

static void write_classes(labelled *l, const findings *f, const char *name, const char *long_name,
                          int column) {
  int32_t *values = ls_new(f->count, sizeof *values);
  if (!values) l->status = LS_FAILED;
  for (size_t i = 0; values && i < f->count; i++) values[i] = (int32_t)f->mistakes[i].row[column];
  labelled_variable(l, name, long_name, "1", H5T_NATIVE_INT32, 1, over_mistakes, values);
  free(values);
}

static void write_outputs(labelled *l, const findings *f, const char *name, const char *long_name,
                          int column) {
  double *values = ls_new(f->count, sizeof *values);
  if (!values) l->status = LS_FAILED;
  for (size_t i = 0; values && i < f->count; i++) values[i] = f->mistakes[i].row[column];
  labelled_variable(l, name, long_name, "1", H5T_NATIVE_DOUBLE, 1, over_mistakes, values);
  free(values);
}

static void write_mistakes(labelled *l, const findings *f, const outcome *o) {
  uint32_t *index = ls_new(f->count, sizeof *index);
  if (!index) l->status = LS_FAILED;
  for (size_t i = 0; index && i < f->count; i++) index[i] = f->mistakes[i].index;
  inspection_counting_axis(l, "mistake", "mistakes, the most confident first", f->count);
  labelled_variable(l, "index", "number of the sample in its part of the dataset", "1",
                    H5T_NATIVE_UINT32, 1, over_mistakes, index);
  free(index);
  write_classes(l, f, "truth", "true class", TRUTH);
  write_classes(l, f, "prediction", "predicted class", PREDICTED);
  write_outputs(l, f, "probability", "output of the predicted class", PROBABILITY);
  write_outputs(l, f, "truth_probability", "output of the true class", TRUTH_PROBABILITY);
  axis_list axes = {0};
  inspection_counting_axis(l, "shown", "the first mistakes, which the figure shows", f->shown);
  axis_list_add(&axes, "shown");
  axis_list_add_shape(&axes, l, "", &o->model->plan->dataset->shape);
  labelled_variable(l, "image", "input as in the dataset, scaled", "1", inspection_real(),
                    axes.count, axes.names, f->images);
}

/* ---- Figures -----------------------------------------------------------------------------------
 */

/* Counts in the cells, colours by shares. */
static int draw_confusion(labelled *l, const findings *f, const outcome *o) {
  char *path = NULL;
  size_t k = o->classes.count;
  char(*texts)[24] = ls_new(k * k, sizeof *texts);
  const char **cells = ls_new(k * k, sizeof *cells);
  int status = texts && cells ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < k * k && status == LS_OK; i++) {
    cells[i] = texts[i];
    if (f->confusion[i] > 0) snprintf(texts[i], 24, "%lld", (long long)f->confusion[i]);
  }
  ls_figure_matrix m = {.title = "Confusion matrix",
                        .row_title = "true class",
                        .column_title = "predicted class",
                        .rows = k,
                        .columns = k,
                        .values = f->shares,
                        .row_names = o->classes.names,
                        .column_names = o->classes.names,
                        .texts = cells,
                        /* Most shares are small: the root tells them apart. */
                        .scale = {LS_FIGURE_BLUES, 0, 1, 0.5, "share of the true class"}};
  if (status == LS_OK) status = labelled_figure_path(&path, l, "confusion");
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.matrix = &m});
  if (status == LS_OK) {
    status = labelled_add_figure(l, path,
                                 "Samples by their true class and the class they were taken for.");
  }
  free(path);
  free(cells);
  free(texts);
  return status;
}

static int draw_mistakes(labelled *l, const findings *f, const outcome *o) {
  char *path = NULL;
  const ls_shape *shape = &o->model->plan->dataset->shape;
  size_t size = (size_t)ls_shape_size(shape);
  char(*captions)[256] = ls_new(f->shown, sizeof *captions);
  ls_figure_image *images = ls_new(f->shown, sizeof *images);
  int status = captions && images ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < f->shown && status == LS_OK; i++) {
    const mistake *m = &f->mistakes[i];
    size_t truth = (size_t)m->row[TRUTH], predicted = (size_t)m->row[PREDICTED];
    const char *guess = predicted < o->classes.count ? o->classes.names[predicted] : "no class";
    const char *name = o->classes.names[truth];
    snprintf(captions[i], sizeof captions[i], "no. %u\n%s%s→ %s\np = %.4f", m->index, name,
             strlen(name) + strlen(guess) > 8 ? "\n" : " ", guess, m->row[PROBABILITY]);
    images[i] = inspection_image(shape, f->images + i * size);
    images[i].caption = captions[i];
  }
  ls_figure_grid grid = {.title = "Mistakes, the most confident first",
                         .images = images,
                         .count = f->shown,
                         .scale = {LS_FIGURE_GREY, 0, 1}};
  if (status == LS_OK) status = labelled_figure_path(&path, l, "mistakes");
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.images = &grid});
  if (status == LS_OK) {
    status = labelled_add_figure(l, path,
                                 "The %zu most confident of %zu mistakes: number of the sample, "
                                 "true class → predicted class, output p of the latter.",
                                 f->shown, f->count);
  }
  free(path);
  free(images);
  free(captions);
  return status;
}

static int draw(labelled *l, const findings *f, const outcome *o) {
  int status = draw_confusion(l, f, o);
  return status == LS_OK && f->shown > 0 ? draw_mistakes(l, f, o) : status;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static void summarize(labelled *l, const findings *f, const outcome *o) {
  const classes *c = &o->classes;
  size_t most = 1;
  for (size_t i = 0; i < c->count * c->count; i++) {
    bool wrong = i / c->count != i % c->count;
    if (wrong && f->confusion[i] > f->confusion[most]) most = i;
  }
  labelled_summarize(l, "%s: %zu of %zu samples wrong (%.2f %%)", o->model->name, f->count,
                     o->count, 100.0 * (double)f->count / (double)o->count);
  if (f->confusion[most] == 0) return;
  labelled_summarize(l, "the most frequent mistake: %s taken for %s, %lld times",
                     c->names[most / c->count], c->names[most % c->count],
                     (long long)f->confusion[most]);
}

static int write_file(const findings *f, const outcome *o, const ls_errors_options *options) {
  static const char *const over_classes[] = {"true_class", "predicted_class"};
  const classes *c = &o->classes;
  labelled l;
  inspection_create(&l, options->output, "Errors of a classifier", &options->notes, o->model,
                    o->part);
  labelled_texts(&l, "true_class", "true class", c->count, c->names);
  labelled_texts(&l, "predicted_class", "predicted class", c->count, c->names);
  labelled_variable(&l, "confusion", "samples of a class that were taken for a class", "1",
                    H5T_NATIVE_INT64, 2, over_classes, f->confusion);
  labelled_variable(&l, "confusion_share", "share of a class that was taken for a class", "1",
                    H5T_NATIVE_DOUBLE, 2, over_classes, f->shares);
  if (f->shown > 0) write_mistakes(&l, f, o);
  summarize(&l, f, o);
  return labelled_close(&l, l.status == LS_OK ? draw(&l, f, o) : LS_OK);
}

static void print_summary(const findings *f, const outcome *o, const ls_errors_options *options,
                          FILE *out) {
  fprintf(out, "%s: %zu of %zu samples wrong (%.2f %%)\n", o->model->name, f->count, o->count,
          100.0 * (double)f->count / (double)o->count);
  if (f->shown > 0) fprintf(out, "\n   index  true class    taken for     probability\n");
  for (size_t i = 0; i < f->shown; i++) {
    const mistake *m = &f->mistakes[i];
    size_t predicted = (size_t)m->row[PREDICTED];
    fprintf(out, "%8u  %-12s  %-12s  %.6f\n", m->index, o->classes.names[(size_t)m->row[TRUTH]],
            predicted < o->classes.count ? o->classes.names[predicted] : "no class",
            m->row[PROBABILITY]);
  }
  fprintf(out, "\n%s\n", options->output);
}

/* On one rank. */
static int report(const outcome *o, const ls_errors_options *options, FILE *out) {
  findings f = {0};
  int status = find(&f, o, options->shown);
  if (status == LS_OK) status = write_file(&f, o, options);
  if (status == LS_OK) print_summary(&f, o, options, out);
  clear(&f);
  return status;
}

int ls_inspect_errors(const ls_trained *model, const ls_errors_options *options,
                      const ls_group *world, FILE *out) {
  outcome o = {.model = model};
  ls_samples samples = {0};
  int status = classes_create(&o.classes, model, options->head);
  if (status == LS_OK) status = ls_trained_samples(&samples, &o.part, model, options->split);
  status = ls_group_agree(world, status);
  if (status == LS_OK) {
    o.count = samples.count;
    o.numbers = samples.numbers;
    status = judge(&o, &samples, world);
  }
  if (status == LS_OK) {
    status = ls_group_agree(world, world->rank == 0 ? report(&o, options, out) : LS_OK);
  }
  free(o.table);
  ls_samples_free(&samples);
  classes_destroy(&o.classes);
  return status;
}
