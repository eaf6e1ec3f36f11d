/* Writing predictions: which kind of output. */
#include "study/predict/writer.h"

#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

static bool is_h5(const char *path) {
  size_t length = path ? strlen(path) : 0;
  return length > 3 && strcmp(path + length - 3, ".h5") == 0;
}

int writer_open(predict_writer **out, const predict_subject *subject, FILE *standard) {
  predict_writer *w = ls_new(1, sizeof *w);
  *out = w;
  if (!w) return LS_FAILED;
  w->subject = subject;
  int status =
      is_h5(subject->options->file.path) ? writer_open_h5(w) : writer_open_csv(w, standard);
  if (status != LS_OK) writer_close(out);
  return status;
}

int writer_write(predict_writer *w, size_t first, size_t n) {
  return w->type->write(w, first, n);
}

int writer_finish(predict_writer *w) {
  return w->type->finish(w);
}

void writer_close(predict_writer **w) {
  if (!*w) return;
  if ((*w)->state) (*w)->type->close(*w);
  free(*w);
  *w = NULL;
}
