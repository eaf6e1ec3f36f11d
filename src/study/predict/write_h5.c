/* Predictions as a labelled HDF5 file: variables over the dimension `sample`. */
#include "study/predict/writer.h"

#include "lockstep/error.h"
#include "study/model/labelled.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAME = 160 };

typedef struct h5_state {
  labelled l;
  bool open;
} h5_state;

/* An array of the predictions, as a variable of the file. */
typedef struct variable {
  char name[MOST_NAME];
  const char *long_name;
  hid_t type;
  const char *axis; /* the second dimension; NULL: none */
  size_t width;     /* its length, or 1 */
  const void *values;
} variable;

enum { MOST_VARIABLES = 5 };

static const char *prefix_name(char out[MOST_NAME], const ensemble_head *head, const char *what) {
  const char *joint = *head->name && *what ? "_" : "";
  snprintf(out, MOST_NAME, "%s%s%s", head->name, joint, what);
  return out;
}

static variable make(const ensemble_head *head, const char *what, const char *long_name, hid_t type,
                     const void *values) {
  variable v = {.long_name = long_name, .type = type, .width = 1, .values = values};
  prefix_name(v.name, head, what);
  return v;
}

/* Adds what a head has for each of its numbers, over the axis if there are several. */
static void add_numbers(variable *list, size_t *count, const ensemble_head *head, const char *axis,
                        variable v) {
  v.width = head->count;
  v.axis = head->classes > 0 || head->count > 1 ? axis : NULL;
  list[(*count)++] = v;
}

/* The variables of a head, whose axis of classes or values is named `axis`. */
static size_t list_variables(variable list[MOST_VARIABLES], const ensemble_head *head,
                             const char *axis, const head_predictions *p, bool several) {
  size_t count = 0;
  const bool classes = head->classes > 0;
  const char *what = classes ? "probability" : *head->name ? "" : "y";
  const char *spread = classes ? "probability_std" : *head->name ? "std" : "y_std";
  if (classes) {
    list[count++] = make(head, "predicted", "number of the predicted class", H5T_NATIVE_INT32,
                         p ? p->class : NULL);
  }
  add_numbers(list, &count, head, axis,
              make(head, what, classes ? "output for the class" : "predicted value",
                   H5T_NATIVE_FLOAT, p ? p->mean : NULL));
  if (!several) return count;
  add_numbers(list, &count, head, axis,
              make(head, spread, "standard deviation over the models", H5T_NATIVE_FLOAT,
                   p ? p->spread : NULL));
  if (!classes) return count;
  list[count++] = make(head, "vote", "number of the class that most models predict",
                       H5T_NATIVE_INT32, p ? p->vote : NULL);
  list[count++] =
      make(head, "votes", "models that predict this class", H5T_NATIVE_INT32, p ? p->votes : NULL);
  return count;
}

static const char *axis_name(char out[MOST_NAME], const ensemble_head *head) {
  return prefix_name(out, head, head->classes > 0 ? "class" : "unit");
}

/* ---- Creating -------------------------------------------------------------------------------- */

static int create_variable(labelled *l, const variable *v, size_t samples) {
  const hsize_t extent[2] = {samples, v->width};
  int status = ls_h5_create_dataset(l->file, v->name, v->type, v->axis ? 2 : 1, extent, NULL);
  if (status == LS_OK) status = ls_h5_attach_scale(l->file, v->name, "sample", 0);
  if (status == LS_OK && v->axis) status = ls_h5_attach_scale(l->file, v->name, v->axis, 1);
  if (status == LS_OK) status = ls_h5_set_text(l->file, v->name, "long_name", v->long_name);
  return status == LS_OK ? ls_h5_set_text(l->file, v->name, "units", "1") : status;
}

/* Writes the names of classes, or the numbers of values, as an axis. */
static int create_axis(labelled *l, const ensemble *e, size_t h, const char *name) {
  const ensemble_head *head = &e->heads[h];
  const char **names = NULL;
  const bool classes = head->classes > 0;
  if (!classes && head->count == 1) return LS_OK;
  if (classes) names = ls_memory_new(&l->memory, head->classes, sizeof *names);
  for (size_t k = 0; names && k < head->classes; k++) {
    char number[24];
    names[k] = ls_memory_text(&l->memory, "%s", ensemble_class(e, h, k, number));
  }
  const labelled_variable table[] = {{name, classes ? LABELLED_TEXT : LABELLED_INT64, NULL, NULL,
                                      classes ? "class" : "unit of the output", names,
                                      .count = head->count},
                                     {NULL}};
  labelled_write(l, table);
  return l->status;
}

static int create_head(labelled *l, const predict_subject *subject, size_t h) {
  char axis[MOST_NAME];
  variable list[MOST_VARIABLES];
  const ensemble *e = subject->models;
  axis_name(axis, &e->heads[h]);
  int status = create_axis(l, e, h, axis);
  size_t count = list_variables(list, &e->heads[h], axis, NULL, e->count > 1);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = create_variable(l, &list[i], subject->input->count);
  }
  return status;
}

/* The numbers of the samples, which are written with them. */
static int create_samples(labelled *l, size_t count) {
  const hsize_t extent = count;
  int status = ls_h5_create_dataset(l->file, "sample", H5T_NATIVE_INT64, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_set_scale(l->file, "sample");
  return status == LS_OK ? ls_h5_set_text(l->file, "sample", "long_name", "number of the sample")
                         : status;
}

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

static void create(labelled *l, const predict_subject *subject) {
  const ls_predict_options *o = subject->options;
  labelled_create(l, &o->file, "Predictions");
  labelled_attribute(l, "dataset", o->data);
  if (l->status == LS_OK) {
    l->status = ls_h5_set_texts(l->file, ".", "models", o->model_count, o->models);
  }
  if (l->status == LS_OK) l->status = create_samples(l, subject->input->count);
  if (l->status == LS_OK && subject->input->type->file) {
    l->status = create_files(l, subject->input);
  }
  for (size_t h = 0; h < subject->models->head_count && l->status == LS_OK; h++) {
    l->status = create_head(l, subject, h);
  }
  if (l->status == LS_OK) l->status = ls_memory_status(&l->memory);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int write_samples(labelled *l, size_t first, size_t n) {
  int64_t *numbers = ls_new(n, sizeof *numbers);
  for (size_t i = 0; numbers && i < n; i++) numbers[i] = (int64_t)(first + i);
  int status = numbers ? ls_h5_write_range(l->file, "sample", H5T_NATIVE_INT64, first, n, numbers)
                       : LS_FAILED;
  free(numbers);
  return status;
}

static int write_h5(predict_writer *w, const head_predictions *heads, size_t first, size_t n) {
  labelled *l = &((h5_state *)w->state)->l;
  const ensemble *e = w->subject->models;
  int status = write_samples(l, first, n);
  for (size_t h = 0; h < e->head_count && status == LS_OK; h++) {
    variable list[MOST_VARIABLES];
    size_t count = list_variables(list, &e->heads[h], "", &heads[h], e->count > 1);
    for (size_t i = 0; i < count && status == LS_OK; i++) {
      const variable *v = &list[i];
      status =
          ls_h5_write_range(l->file, v->name, v->type, first * v->width, n * v->width, v->values);
    }
  }
  return status;
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
  create(&s->l, w->subject);
  return s->l.status;
}
