/* The samples to predict: which kind of data they are. */
#include "study/predict/input.h"

#include "lockstep/error.h"

#include <stdlib.h>

static int open_kind(predict_input *input, const ls_predict_options *o, const ensemble *e) {
  if (!o->reading.names && input_is_dataset(o->data)) return input_open_dataset(input, o, e);
  if (!ls_predictor_is_described(e->models[0])) {
    return ls_fail(LS_INVALID,
                   "%s: an earlier version wrote it, without how inputs were made for training "
                   "(expected a dataset file, not %s)",
                   e->paths[0], o->data);
  }
  if (o->split) {
    return ls_fail(LS_INVALID, "predict: --split: %s is not a dataset file", o->data);
  }
  return input_open_source(input, o, e);
}

int input_open(predict_input **out, const ls_predict_options *options, const ensemble *e) {
  predict_input *input = ls_new(1, sizeof *input);
  *out = input;
  if (!input) return LS_FAILED;
  input->size = e->input_size;
  int status = open_kind(input, options, e);
  if (status != LS_OK) input_close(out);
  return status;
}

void input_close(predict_input **input) {
  if (!*input) return;
  if ((*input)->state) (*input)->type->close(*input);
  free(*input);
  *input = NULL;
}
