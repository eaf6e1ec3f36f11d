/* The file and the printed text of decoding. */
#include "base/print.h"
#include "study/decode/result.h"

#include "base/text.h"
#include "study/model/output.h"

static void summarize(labelled *l, const decode_result *r) {
  const ls_perturbation *noise = r->options->noise;
  size_t samples = r->options->sample_count;
  ls_text text = {0};
  for (size_t i = 0; i < noise->count; i++) {
    double mean = 0;
    for (size_t k = 0; k < samples; k++) mean += r->errors[i * samples + k] / (double)samples;
    ls_text_add(&text, "%s %.4f at %g", i > 0 ? "," : "", mean, noise->levels[i]);
  }
  labelled_summarize(l, "%s, salt_and_pepper: mean squared error of %zu samples%s", r->model->name,
                     samples, text.data);
  ls_text_free(&text);
}

void decode_write(labelled *l, const void *result) {
  const decode_result *r = result;
  const ls_decode_options *o = r->options;
  const ls_shape *shape = &r->model->plan->dataset->shape;
  const labelled_variable reconstructed[] = {
      {"sample", LABELLED_UINT32, NULL, NULL, "number of the sample in its part of the dataset",
       o->samples, o->sample_count},
      {"code_unit", LABELLED_INT64, NULL, NULL, "number of the code", NULL, r->code_size},
      {"code", LABELLED_REAL, "sample/code_unit", "1", "output of the layer that is the code",
       r->codes},
      {"noise", LABELLED_DOUBLE, NULL, "1", "fraction of elements set to 0 or 1", o->noise->levels,
       o->noise->count},
      {"original", LABELLED_REAL, "sample/*", "1", "input as in the dataset, scaled", r->images,
       .shape = shape},
      {"noisy", LABELLED_REAL, "noise/sample/*", "1", "input with noise", r->noisy, .shape = shape},
      {"reconstruction", LABELLED_REAL, "noise/sample/*", "1", "model output for the noisy input",
       r->cleaned, .shape = shape},
      {"mean_squared_error", LABELLED_DOUBLE, "noise/sample", "1",
       "of the reconstruction from the original", r->errors},
      {NULL}};
  const labelled_variable interpolated[] = {
      {"pair", LABELLED_INT64, NULL, NULL, "a sample and the next one", NULL, r->pairs},
      {"share", LABELLED_DOUBLE, NULL, "1", "fraction of the way from the first code to the second",
       r->fractions, o->steps},
      {"pair_from", LABELLED_UINT32, "pair", "1", "number of the pair's first sample", o->samples},
      {"pair_to", LABELLED_UINT32, "pair", "1", "number of the pair's second sample",
       o->samples + 1},
      {"interpolation", LABELLED_REAL, "pair/share/*", "1", "decoder output for the codes between",
       r->between, .shape = shape},
      {NULL}};
  const labelled_variable generated[] = {
      {"class", LABELLED_TEXT, NULL, NULL, "class", r->classes.names, r->classes.count},
      {"draw", LABELLED_INT64, NULL, NULL, "draw from the class's Gaussian", NULL, o->draws},
      {"code_unit_2", LABELLED_INT64, NULL, NULL, "number of the code", NULL, r->code_size},
      {"code_mean", LABELLED_DOUBLE, "class/code_unit", "1", "mean of the codes of a class",
       r->means},
      {"code_covariance", LABELLED_DOUBLE, "class/code_unit/code_unit_2", "1",
       "covariance of the codes of a class", r->covariances},
      {"drawn_code", LABELLED_REAL, "class/draw/code_unit", "1", "codes drawn", r->drawn},
      {"generated", LABELLED_REAL, "class/draw/*", "1", "decoder output for the codes drawn",
       r->generated, .shape = shape},
      {NULL}};
  ls_output_model(l, r->model, r->part);
  labelled_write(l, reconstructed);
  summarize(l, r);
  if (r->pairs > 0) labelled_write(l, interpolated);
  if (r->classes.count > 0) labelled_write(l, generated);
}

void decode_print(const void *result, FILE *out) {
  const decode_result *r = result;
  ls_print(out, "%s: codes of %zu numbers\n", r->model->name, r->code_size);
}
