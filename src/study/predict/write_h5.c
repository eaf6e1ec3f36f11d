/* Predictions as a labelled HDF5 file: variables over the dimension `sample`. */
#include "study/predict/writer.h"

#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- Variables ------------------------------------------------------------------------------- */

static const char *name_of(labelled *l, const ensemble_head *head, const char *what) {
  const char *joint = *head->name && *what ? "_" : "";
  return ls_memory_text(&l->memory, "%s%s%s", head->name, joint, what);
}

/* Probabilities of classes, or values; of one value without an axis. */
static void list_head(head_table *out, labelled *l, const predict_subject *subject, size_t h) {
  const ensemble_head *head = &subject->models.heads[h];
  const head_predictions *p = &subject->predictions[h];
  const bool classes = head->classes > 0, several = classes || head->count > 1;
  const char *value = *head->name ? "" : "y", *spread = *head->name ? "std" : "y_std";
  const char *axis = name_of(l, head, classes ? "class" : "unit");
  const char *axes = several ? ls_memory_text(&l->memory, "sample/%s", axis) : "sample";
  const char **names = classes || head->named ? head->labels : NULL;
  const head_table table = {
      {axis, names ? LABELLED_TEXT : LABELLED_INT64, NULL, NULL,
       classes ? "class" : "unit of the output", names, .count = several ? head->count : 0},
      {name_of(l, head, "predicted"), LABELLED_INT32, "sample", "1",
       "number of the predicted class", p->class},
      {name_of(l, head, "label"), LABELLED_INT32, axes, "1", "1 if the sample has the label",
       p->label},
      {name_of(l, head, classes ? "probability" : value), LABELLED_FLOAT, axes, "1",
       classes ? "output for the class" : "predicted value", p->mean},
      {name_of(l, head, classes ? "probability_std" : spread), LABELLED_FLOAT, axes, "1",
       "standard deviation over the models", p->spread},
      {name_of(l, head, "vote"), LABELLED_INT32, "sample", "1",
       "number of the class that most models predict", p->vote},
      {name_of(l, head, "votes"), LABELLED_INT32, "sample", "1", "models that predict this class",
       p->votes},
      {NULL}};
  memcpy(out, table, sizeof table);
}

/* ---- Creating -------------------------------------------------------------------------------- */

/* The files of samples that are files. */
static int create_files(labelled *l, const predict_input *input) {
  const char **files = ls_new(input->count, sizeof *files);
  ls_memory memory = {0};
  int status = files ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < input->count && status == LS_OK; i++) {
    char file[4096];
    input->type->file(input, i, file, sizeof file);
    files[i] = ls_memory_text(&memory, "%s", file);
    status = ls_memory_status(&memory);
  }
  if (status == LS_OK) status = ls_h5_create_texts(l->file, "file", input->count, files);
  if (status == LS_OK) status = ls_h5_attach_scale(l->file, "file", "sample", 0);
  if (status == LS_OK) status = ls_h5_set_text(l->file, "file", "long_name", "file of the sample");
  ls_memory_free(&memory);
  free(files);
  return status;
}

static void create(predict_writer *w) {
  labelled *l = &w->l;
  const predict_subject *subject = w->subject;
  const ls_predict_options *o = subject->options;
  const size_t heads = subject->models.head_count;
  const labelled_variable samples[] = {
      {"sample", LABELLED_INT64, NULL, NULL, "number of the sample", NULL, subject->input->count},
      {NULL}};
  labelled_create(l, &o->file, "Predictions");
  labelled_attribute(l, "dataset", o->data);
  if (l->status == LS_OK) {
    l->status = ls_h5_set_texts(l->file, ".", "models", o->model_count, o->models);
  }
  labelled_write(l, samples);
  if (l->status == LS_OK && subject->input->type->file) {
    l->status = create_files(l, subject->input);
  }
  w->heads = ls_memory_new(&l->memory, heads, sizeof *w->heads);
  for (size_t h = 0; w->heads && h < heads; h++) {
    list_head(&w->heads[h], l, subject, h);
    labelled_declare(l, w->heads[h]);
  }
  if (l->status == LS_OK) l->status = ls_memory_status(&l->memory);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int write_h5(predict_writer *w, size_t first, size_t n) {
  for (size_t h = 0; h < w->subject->models.head_count; h++) {
    labelled_write_block(&w->l, w->heads[h], first, n);
  }
  return w->l.status;
}

static int finish_h5(predict_writer *w) {
  const predict_subject *subject = w->subject;
  const size_t models = subject->models.count;
  labelled_summarize(&w->l, "Predictions of %zu samples of %s by %zu model%s",
                     subject->input->count, subject->options->data, models, models > 1 ? "s" : "");
  w->open = false;
  return labelled_close(&w->l);
}

static void close_h5(predict_writer *w) {
  if (!w->open) return;
  w->l.status = LS_FAILED; /* so that the file is removed */
  labelled_close(&w->l);
}

int writer_open_h5(predict_writer *w) {
  static const writer_type type = {write_h5, finish_h5, close_h5};
  w->type = &type;
  w->open = true;
  create(w);
  return w->l.status;
}
