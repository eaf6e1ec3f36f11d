/* The file and the printed text of the analysis of activations. */
#include "base/print.h"
#include "study/activations/result.h"
#include "study/model/output.h"

static void write_layer(labelled *l, const activations_result *r, const layer_output *layer) {
  ls_memory *m = &l->memory;
  const ls_param *kernel = layer->kernel;
  const labelled_variable table[] = {
      {ls_memory_text(m, "output_%s", layer->name), LABELLED_REAL, "sample/*", "1",
       ls_memory_text(m, "output of the layer %s", layer->name), layer->values,
       .shape = &layer->shape, .prefix = ls_memory_text(m, "%s_", layer->name)},
      {ls_memory_text(m, "kernel_%s", layer->name), LABELLED_REAL, "*", "1",
       ls_memory_text(m, "kernel of the layer %s", layer->name),
       kernel ? r->model->weights + kernel->offset : NULL, .shape = kernel ? &kernel->shape : NULL,
       .prefix = ls_memory_text(m, "%s_kernel_", layer->name), .dimensions = layer->dimension},
      {NULL}};
  labelled_write(l, table);
}

static void summarize(labelled *l, const activations_result *r) {
  labelled_summarize(l, "%s: outputs of %zu layer%s for %zu sample%s", r->model->name,
                     r->layer_count, r->layer_count == 1 ? "" : "s", r->options->sample_count,
                     r->options->sample_count == 1 ? "" : "s");
  for (size_t i = 0; r->classes.count > 0 && i < r->options->sample_count; i++) {
    const prediction *p = &r->predictions[i];
    labelled_summarize(l, "no. %u: class %s, predicted %s (p = %.4f)", r->options->samples[i],
                       classes_name(&r->classes, p->truth), classes_name(&r->classes, p->predicted),
                       p->probability);
  }
}

void activations_write(labelled *l, const void *result) {
  const activations_result *r = result;
  const ls_activations_options *o = r->options;
  const prediction *p = r->classes.count > 0 ? r->predictions : NULL;
  enum { STRIDE = sizeof *p };
  const labelled_variable samples[] = {
      {"sample", LABELLED_UINT32, NULL, NULL, "number of the sample in its part of the dataset",
       o->samples, o->sample_count},
      {"image", LABELLED_REAL, "sample/*", "1", "input as in the dataset, scaled", r->images,
       .shape = &r->model->plan->dataset->shape},
      {"truth", LABELLED_INT32, "sample", "1", "true class", p ? &p->truth : NULL,
       .stride = STRIDE},
      {"prediction", LABELLED_INT32, "sample", "1", "predicted class", p ? &p->predicted : NULL,
       .stride = STRIDE},
      {"probability", LABELLED_DOUBLE, "sample", "1", "output of the predicted class",
       p ? &p->probability : NULL, .stride = STRIDE},
      {NULL}};
  const labelled_variable heat[] = {
      {"gradient_x_input", LABELLED_REAL, "sample/row/column", "1",
       "gradient of the predicted class's output times the input, over channels", r->gradients},
      {"occlusion", LABELLED_REAL, "sample/row/column", "1",
       "mean drop of the predicted class's output as a square hides the pixel", r->occlusions},
      {NULL}};
  ls_output_model(l, r->model, r->part);
  labelled_write(l, samples);
  for (size_t i = 0; i < r->layer_count; i++) write_layer(l, r, &r->layers[i]);
  labelled_write(l, heat);
  summarize(l, r);
}

void activations_print(const void *result, FILE *out) {
  const activations_result *r = result;
  ls_print(out, "%s\n", r->model->name);
  for (size_t i = 0; r->classes.count > 0 && i < r->options->sample_count; i++) {
    const prediction *p = &r->predictions[i];
    ls_print(out, "sample %u: %s, predicted %s (%.4f)\n", r->options->samples[i],
             classes_name(&r->classes, p->truth), classes_name(&r->classes, p->predicted),
             p->probability);
  }
}
