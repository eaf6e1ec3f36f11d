/* Predictions as a labelled HDF5 file: variables over the dimension `sample`. */
#include "study/predict/writer.h"

#include "lockstep/error.h"
#include "study/model/labelled.h"

#include <stdlib.h>
#include <string.h>

/* The variables of a head: an axis, what is predicted, the end of the table. */
enum { ROWS = 8 };
typedef labelled_variable head_table[ROWS];

typedef struct h5_state {
  labelled l;
  bool open;
  head_table *heads; /* [head] */
} h5_state;

/* ---- Variables ------------------------------------------------------------------------------- */

static const char *name_of(labelled *l, const ensemble_head *head, const char *what) {
  const char *joint = *head->name && *what ? "_" : "";
  return ls_memory_text(&l->memory, "%s%s%s", head->name, joint, what);
}

/* The names of classes, or those of values; NULL if values have none. */
static const char **element_names(labelled *l, const ensemble *e, size_t h) {
  const ensemble_head *head = &e->heads[h];
  if (head->classes == 0 && !ensemble_name(e, h, 0)) return NULL;
  const char **names = ls_memory_new(&l->memory, head->count, sizeof *names);
  for (size_t k = 0; names && k < head->count; k++) {
    char number[24];
    names[k] = ls_memory_text(&l->memory, "%s", ensemble_label(e, h, k, number));
  }
  return names;
}

/* Probabilities of classes, or values; of one value without an axis. */
static void list_head(head_table *out, labelled *l, const predict_subject *subject, size_t h) {
  const ensemble_head *head = &subject->models->heads[h];
  const head_predictions *p = &subject->predictions[h];
  const bool classes = head->classes > 0, several = classes || head->count > 1;
  const char *value = *head->name ? "" : "y", *spread = *head->name ? "std" : "y_std";
  const char *axis = name_of(l, head, classes ? "class" : "unit");
  const char *axes = several ? ls_memory_text(&l->memory, "sample/%s", axis) : "sample";
  const char **names = element_names(l, subject->models, h);
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

static void create(h5_state *s, const predict_subject *subject) {
  labelled *l = &s->l;
  const ls_predict_options *o = subject->options;
  const size_t heads = subject->models->head_count;
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
  s->heads = ls_memory_new(&l->memory, heads, sizeof *s->heads);
  for (size_t h = 0; s->heads && h < heads; h++) {
    list_head(&s->heads[h], l, subject, h);
    labelled_declare(l, s->heads[h]);
  }
  if (l->status == LS_OK) l->status = ls_memory_status(&l->memory);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int write_h5(predict_writer *w, size_t first, size_t n) {
  h5_state *s = w->state;
  for (size_t h = 0; h < w->subject->models->head_count; h++) {
    labelled_write_block(&s->l, s->heads[h], first, n);
  }
  return s->l.status;
}

static int finish_h5(predict_writer *w) {
  h5_state *s = w->state;
  const predict_subject *subject = w->subject;
  labelled_summarize(&s->l, "Predictions of %zu samples of %s by %zu model%s",
                     subject->input->count, subject->options->data, subject->models->count,
                     subject->models->count > 1 ? "s" : "");
  s->open = false;
  return labelled_close(&s->l);
}

static void close_h5(predict_writer *w) {
  h5_state *s = w->state;
  if (s->open) {
    s->l.status = LS_FAILED; /* so that the file is removed */
    labelled_close(&s->l);
  }
  free(s);
}

int writer_open_h5(predict_writer *w) {
  static const writer_type type = {write_h5, finish_h5, close_h5};
  h5_state *s = ls_new(1, sizeof *s);
  if (!s) return LS_FAILED;
  w->type = &type;
  w->state = s;
  s->open = true;
  create(s, w->subject);
  return s->l.status;
}
