/* Predictions as CSV: a line for each sample, and a header. */
#include "study/predict/writer.h"

#include "base/escape.h"
#include "base/paths.h"
#include "lockstep/error.h"

/* ---- Fields ---------------------------------------------------------------------------------- */

static void add_field(ls_text *text, const char *field) {
  ls_text_add(text, ",");
  ls_escape_csv(text, field);
}

/* Adds the title HEAD_WHAT_ELEMENT_SUFFIX of a column; empty parts are left out. */
static void add_title(ls_text *text, const char *head, const char *what, const char *element,
                      const char *suffix) {
  ls_text title = {0};
  const char *parts[] = {head, what, element, suffix};
  for (size_t i = 0; i < 4; i++) {
    if (*parts[i]) ls_text_add(&title, "%s%s", title.length > 0 ? "_" : "", parts[i]);
  }
  add_field(text, title.data ? title.data : "");
  text->failed |= title.failed;
  ls_text_free(&title);
}

/* ---- The header ------------------------------------------------------------------------------ */

static void add_class_titles(ls_text *text, const ensemble_head *head, bool several) {
  add_title(text, head->name, "class", "", "");
  if (several) add_title(text, head->name, "vote", "", "");
  if (several) add_title(text, head->name, "votes", "", "");
  for (size_t k = 0; k < head->classes; k++) {
    add_title(text, head->name, "p", head->labels[k], "");
    if (several) add_title(text, head->name, "p", head->labels[k], "std");
  }
}

static void add_value_titles(ls_text *text, const ensemble_head *head, bool several) {
  const char *name = *head->name ? head->name : "y";
  for (size_t k = 0; head->label_thresholds && k < head->count; k++) {
    add_title(text, head->name, "label", head->count > 1 ? head->labels[k] : "", "");
  }
  for (size_t k = 0; k < head->count; k++) {
    const char *value = head->count > 1 ? head->labels[k] : "";
    add_title(text, name, value, "", "");
    if (several) add_title(text, name, value, "", "std");
  }
}

static void add_header(ls_text *text, const predict_subject *subject) {
  const ensemble *e = &subject->models;
  ls_text_add(text, subject->input->type->file ? "sample,file" : "sample");
  for (size_t h = 0; h < e->head_count; h++) {
    const ensemble_head *head = &e->heads[h];
    (head->classes > 0 ? add_class_titles : add_value_titles)(text, head, e->count > 1);
  }
  ls_text_add(text, "\n");
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void add_head(ls_text *text, const ensemble_head *head, const head_predictions *p,
                     size_t i) {
  const size_t count = head->count;
  if (p->class) add_field(text, head->labels[p->class[i]]);
  for (size_t k = 0; p->label && k < count; k++) {
    ls_text_add(text, ",%d", (int)p->label[i * count + k]);
  }
  if (p->vote) add_field(text, head->labels[p->vote[i]]);
  if (p->vote) ls_text_add(text, ",%d", (int)p->votes[i]);
  for (size_t k = i * count; k < (i + 1) * count; k++) {
    ls_text_add(text, ",%.9g", (double)p->mean[k]);
    if (p->spread) ls_text_add(text, ",%.9g", (double)p->spread[k]);
  }
}

/* Adds number and, if it is one, file of a sample. */
static void add_sample(ls_text *text, const predict_input *input, size_t sample) {
  char file[4096];
  ls_text_add(text, "%zu", sample);
  if (!input->type->file) return;
  input->type->file(input, sample, file, sizeof file);
  add_field(text, file);
}

static int write_csv(predict_writer *w, size_t first, size_t n) {
  ls_text_file *file = &w->csv;
  const ensemble *e = &w->subject->models;
  for (size_t i = 0; i < n; i++) {
    add_sample(&file->text, w->subject->input, first + i);
    for (size_t h = 0; h < e->head_count; h++) {
      add_head(&file->text, &e->heads[h], &w->subject->predictions[h], i);
    }
    ls_text_add(&file->text, "\n");
  }
  return ls_text_file_write(file);
}

/* ---- The file -------------------------------------------------------------------------------- */

static int finish_csv(predict_writer *w) {
  return ls_text_file_close(&w->csv, LS_OK);
}

static void close_csv(predict_writer *w) {
  ls_text_file_close(&w->csv, LS_FAILED); /* without effect on one that is finished */
}

int writer_open_csv(predict_writer *w, FILE *standard) {
  static const writer_type type = {write_csv, finish_csv, close_csv};
  const char *path = w->subject->options->file.path;
  w->type = &type;
  int status = path ? ls_make_parents(path) : LS_OK;
  if (status == LS_OK) status = ls_text_file_open(&w->csv, path, standard);
  if (status != LS_OK) return status;
  add_header(&w->csv.text, w->subject); /* written with the first samples */
  return LS_OK;
}
