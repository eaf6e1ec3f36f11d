/* What layers make of samples: the file and the figures. */
#include "study/activations/activations.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/families.h"
#include "study/model/inspection.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A layer's outputs [sample, ...], to be freed. */
static ls_real *outputs_of(const activations *a, const looked_at *layer) {
  size_t count = a->options->sample_count;
  ls_real *values = ls_new(count * layer->size, sizeof *values);
  for (size_t i = 0; values && i < count * layer->size; i++) {
    const double *row = a->table + i / layer->size * a->width;
    values[i] = (ls_real)row[layer->offset + i % layer->size];
  }
  return values;
}

/* The kernel of a layer that is a convolution, or NULL. */
static const ls_param *kernel_of(const activations *a, const looked_at *looked) {
  const ls_layer *layer = ls_model_layer(a->model->plan->model, looked->name);
  bool convolution = layer && layer->param_count > 0 && layer->params[0].shape.rank == 4;
  return convolution ? &layer->params[0] : NULL;
}

/* What the dimensions of a kernel are; Keras has the last two of a transposed convolution the other
 * way round. */
static const char *kernel_axis(const activations *a, const looked_at *looked, int d) {
  static const char *const plain[] = {"row", "column", "channel", "filter"};
  const ls_layer *layer = ls_model_layer(a->model->plan->model, looked->name);
  return plain[d > 1 && layer->type == &ls_layer_conv2d_transpose ? 5 - d : d];
}

/* ---- The file ----------------------------------------------------------------------------------
 */

static void write_verdicts(labelled *l, const activations *a) {
  static const char *const over_samples[] = {"sample"};
  int32_t told[2][LS_ACTIVATIONS_MOST];
  double probability[LS_ACTIVATIONS_MOST];
  for (size_t i = 0; i < a->options->sample_count; i++) {
    const double *row = a->table + i * a->width;
    told[0][i] = (int32_t)row[ROW_TRUTH];
    told[1][i] = (int32_t)row[ROW_PREDICTED];
    probability[i] = row[ROW_PROBABILITY];
  }
  labelled_variable(l, "truth", "true class", "1", H5T_NATIVE_INT32, 1, over_samples, told[0]);
  labelled_variable(l, "prediction", "predicted class", "1", H5T_NATIVE_INT32, 1, over_samples,
                    told[1]);
  labelled_variable(l, "probability", "output of the predicted class", "1", H5T_NATIVE_DOUBLE, 1,
                    over_samples, probability);
}

static void write_layer(labelled *l, const activations *a, const looked_at *layer) {
  char name[LS_MAX_NAME + 16], prefix[LS_MAX_NAME + 16], says[LS_MAX_NAME + 32];
  axis_list axes = {0};
  ls_real *values = outputs_of(a, layer);
  if (!values) l->status = LS_FAILED;
  snprintf(name, sizeof name, "output_%s", layer->name);
  snprintf(prefix, sizeof prefix, "%s_", layer->name);
  snprintf(says, sizeof says, "output of the layer %s", layer->name);
  axis_list_add(&axes, "sample");
  axis_list_add_shape(&axes, l, prefix, &layer->shape);
  labelled_variable(l, name, says, "1", inspection_real(), axes.count, axes.names, values);
  free(values);
  const ls_param *kernel = kernel_of(a, layer);
  if (!kernel) return;
  axis_list over = {0};
  for (int d = 0; d < 4; d++) {
    char axis[LS_MAX_NAME + 24];
    snprintf(axis, sizeof axis, "%s_kernel_%s", layer->name, kernel_axis(a, layer, d));
    inspection_counting_axis(l, axis, kernel_axis(a, layer, d), (size_t)kernel->shape.extent[d]);
    axis_list_add(&over, axis);
  }
  snprintf(name, sizeof name, "kernel_%s", layer->name);
  snprintf(says, sizeof says, "kernel of the layer %s", layer->name);
  labelled_variable(l, name, says, "1", inspection_real(), over.count, over.names,
                    a->model->weights + kernel->offset);
}

/* ---- Figures -----------------------------------------------------------------------------------
 */

/* One scale for all values: from 0 where none is negative, else symmetric about 0. */
static ls_figure_scale scale_of(const ls_real *values, size_t count, ls_figure_colors positive,
                                const char *bar) {
  double low = 0, high = 0;
  for (size_t i = 0; i < count; i++) {
    low = fmin(low, (double)values[i]);
    high = fmax(high, (double)values[i]);
  }
  double most = fmax(high, -low);
  if (!(most > 0)) most = 1;
  if (low < 0) return (ls_figure_scale){LS_FIGURE_DIVERGING, -most, most, 1, bar};
  return (ls_figure_scale){positive, 0, most, 1, bar};
}

static int draw_strips(labelled *l, const activations *a, const looked_at *layer,
                       const ls_real *values, const char *bar) {
  size_t count = a->options->sample_count;
  char labels[LS_ACTIVATIONS_MOST][32];
  ls_figure_strip strips[LS_ACTIVATIONS_MOST];
  char *path = NULL;
  for (size_t i = 0; i < count; i++) {
    snprintf(labels[i], sizeof labels[i], "no. %u", a->options->samples[i]);
    strips[i] = (ls_figure_strip){labels[i], values + i * layer->size, layer->size};
  }
  ls_figure_strips figure = {.title = bar,
                             .x_title = "unit",
                             .strips = strips,
                             .count = count,
                             .scale = scale_of(values, count * layer->size, LS_FIGURE_GREY, bar)};
  int status = labelled_figure_path(&path, l, layer->name);
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.strips = &figure});
  if (status == LS_OK) {
    status =
        labelled_add_figure(l, path, "The %zu outputs of the layer %s.", layer->size, layer->name);
  }
  free(path);
  return status;
}

/* The channels of one sample [row, column, channel]. */
static int draw_maps(labelled *l, const activations *a, const looked_at *layer,
                     const ls_real *values, size_t sample, const ls_figure_scale *scale) {
  size_t channels = (size_t)layer->shape.extent[2];
  char what[LS_MAX_NAME + 32];
  char *path = NULL;
  ls_figure_image *maps = ls_new(channels, sizeof *maps);
  int status = maps ? LS_OK : LS_FAILED;
  for (size_t c = 0; maps && c < channels; c++) {
    maps[c] = inspection_image(&layer->shape, values + sample * layer->size + c);
    maps[c].channels = 1;
  }
  snprintf(what, sizeof what, "%s_no%u", layer->name, a->options->samples[sample]);
  ls_figure_grid grid = {.title = scale->bar, .images = maps, .count = channels, .scale = *scale};
  if (status == LS_OK) status = labelled_figure_path(&path, l, what);
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.images = &grid});
  if (status == LS_OK) {
    status = labelled_add_figure(l, path, "The %zu maps of the layer %s for sample no. %u.",
                                 channels, layer->name, a->options->samples[sample]);
  }
  free(path);
  free(maps);
  return status;
}

enum { MOST_KERNELS = 16 }; /* of each of the two dimensions that aren't of the image */

/* Kernels [row, column, a, b]: a down, b across; all of b where a is one. */
static int draw_kernels(labelled *l, const activations *a, const looked_at *layer,
                        const ls_param *kernel) {
  const int64_t *extent = kernel->shape.extent;
  size_t down = (size_t)extent[2], across = (size_t)extent[3], stride = down * across;
  const ls_real *values = a->model->weights + kernel->offset;
  char what[LS_MAX_NAME + 16], bar[LS_MAX_NAME + 16];
  char *path = NULL;
  char numbers[MOST_KERNELS][24], channels[MOST_KERNELS][32];
  const char *rows[MOST_KERNELS], *columns[MOST_KERNELS];
  for (size_t i = 0; i < MOST_KERNELS; i++) {
    snprintf(numbers[i], sizeof numbers[i], "%zu", i);
    snprintf(channels[i], sizeof channels[i], "%s %zu", kernel_axis(a, layer, 2), i);
    columns[i] = numbers[i];
    rows[i] = channels[i];
  }
  if (down > 1 && down > MOST_KERNELS) down = MOST_KERNELS;
  if (down > 1 && across > MOST_KERNELS) across = MOST_KERNELS;
  ls_figure_image *tiles = ls_new(down * across, sizeof *tiles);
  int status = tiles ? LS_OK : LS_FAILED;
  for (size_t i = 0; tiles && i < down * across; i++) {
    tiles[i] = (ls_figure_image){
        .values = values + i / across * (size_t)extent[3] + i % across,
        .height = (size_t)extent[0],
        .width = (size_t)extent[1],
        .pixel_stride = stride,
    };
  }
  snprintf(what, sizeof what, "%s_kernel", layer->name);
  snprintf(bar, sizeof bar, "weight in %s", layer->name);
  ls_figure_grid grid = {.title = bar,
                         .images = tiles,
                         .count = down * across,
                         .columns = down > 1 ? across : 0,
                         .row_labels = down > 1 ? rows : NULL,
                         .column_labels = down > 1 ? columns : NULL,
                         .column_title = down > 1 ? kernel_axis(a, layer, 3) : NULL,
                         .scale = scale_of(values, kernel->count, LS_FIGURE_VIRIDIS, bar)};
  if (status == LS_OK) status = labelled_figure_path(&path, l, what);
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.images = &grid});
  bool all = down * across == stride;
  if (status == LS_OK) {
    status = labelled_add_figure(l, path, "%s kernels of the layer %s.",
                                 all ? "The" : "The first of the", layer->name);
  }
  free(path);
  free(tiles);
  return status;
}

static int draw_layer(labelled *l, const activations *a, const looked_at *layer) {
  char bar[LS_MAX_NAME + 16];
  size_t count = a->options->sample_count;
  ls_real *values = outputs_of(a, layer);
  if (!values) return LS_FAILED;
  snprintf(bar, sizeof bar, "output of %s", layer->name);
  int status = LS_OK;
  if (layer->shape.rank != 3) {
    status = draw_strips(l, a, layer, values, bar);
  } else {
    ls_figure_scale scale = scale_of(values, count * layer->size, LS_FIGURE_VIRIDIS, bar);
    for (size_t i = 0; i < count && status == LS_OK; i++) {
      status = draw_maps(l, a, layer, values, i, &scale);
    }
  }
  const ls_param *kernel = kernel_of(a, layer);
  if (status == LS_OK && kernel) status = draw_kernels(l, a, layer, kernel);
  free(values);
  return status;
}

/* Each map by its own largest value: what is compared is where, not how much. */
static ls_real *normalized(const ls_real *values, size_t maps, size_t pixels) {
  ls_real *out = ls_new(maps * pixels, sizeof *out);
  for (size_t m = 0; out && m < maps; m++) {
    double most = 0;
    for (size_t k = 0; k < pixels; k++) most = fmax(most, fabs((double)values[m * pixels + k]));
    for (size_t k = 0; k < pixels; k++) {
      out[m * pixels + k] = (ls_real)(most > 0 ? (double)values[m * pixels + k] / most : 0);
    }
  }
  return out;
}

static int draw_heat(labelled *l, const activations *a) {
  static const char *const columns[] = {"image", "gradient × input", "occlusion"};
  const ls_shape *shape = &a->model->plan->dataset->shape;
  size_t pixels = (size_t)(shape->extent[0] * shape->extent[1]), count = a->options->sample_count;
  ls_real *heats[2] = {normalized(a->gradients, count, pixels),
                       normalized(a->occlusions, count, pixels)};
  ls_figure_image images[3 * LS_ACTIVATIONS_MOST];
  char texts[LS_ACTIVATIONS_MOST][256];
  const char *rows[LS_ACTIVATIONS_MOST];
  char *path = NULL;
  int status = heats[0] && heats[1] ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    const double *row = a->table + i * a->width;
    size_t predicted = (size_t)row[ROW_PREDICTED];
    for (size_t k = 0; k < 3; k++) {
      images[3 * i + k] = inspection_image(shape, a->images + i * a->image_size);
      if (k > 0) images[3 * i + k].heat = heats[k - 1] + i * pixels;
    }
    snprintf(texts[i], sizeof texts[i], "no. %u\n%s → %s\np = %.4f", a->options->samples[i],
             a->classes.names[(size_t)row[ROW_TRUTH]],
             predicted < a->classes.count ? a->classes.names[predicted] : "no class",
             row[ROW_PROBABILITY]);
    rows[i] = texts[i];
  }
  ls_figure_grid grid = {.title = "What speaks for the predicted class",
                         .images = images,
                         .count = 3 * count,
                         .columns = 3,
                         .row_labels = rows,
                         .column_labels = columns,
                         .scale = {LS_FIGURE_GREY, 0, 1},
                         .heat = {LS_FIGURE_DIVERGING, -1, 1, 1, "share of the map's largest"}};
  if (status == LS_OK) status = labelled_figure_path(&path, l, "heat");
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.images = &grid});
  if (status == LS_OK) {
    status = labelled_add_figure(
        l, path,
        "What in the image speaks for (orange) or against (blue) the predicted class: the gradient "
        "of its output times the input, and how much its output drops as a square hides a pixel.");
  }
  free(path);
  free(heats[0]);
  free(heats[1]);
  return status;
}

static int draw_all(labelled *l, const activations *a) {
  int status = LS_OK;
  for (size_t i = 0; i < a->layer_count && status == LS_OK; i++) {
    status = draw_layer(l, a, &a->layers[i]);
  }
  return status == LS_OK && a->options->heat ? draw_heat(l, a) : status;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static void summarize(labelled *l, const activations *a) {
  labelled_summarize(l, "%s: outputs of %zu layers for %zu samples", a->model->name, a->layer_count,
                     a->options->sample_count);
  for (size_t i = 0; a->classified && i < a->options->sample_count; i++) {
    const double *row = a->table + i * a->width;
    size_t predicted = (size_t)row[ROW_PREDICTED];
    labelled_summarize(l, "no. %u: class %s, predicted %s (p = %.4f)", a->options->samples[i],
                       a->classes.names[(size_t)row[ROW_TRUTH]],
                       predicted < a->classes.count ? a->classes.names[predicted] : "no class",
                       row[ROW_PROBABILITY]);
  }
}

int activations_write(const activations *a) {
  const ls_activations_options *options = a->options;
  labelled l;
  axis_list image = {0}, pixels = {0};
  inspection_create(&l, options->output, "Outputs of layers", &options->notes, a->model, a->part);
  labelled_numbers(&l, "sample", "number of the sample in its part of the dataset", NULL,
                   H5T_NATIVE_UINT32, options->sample_count, options->samples);
  axis_list_add(&image, "sample");
  axis_list_add_shape(&image, &l, "", &a->model->plan->dataset->shape);
  labelled_variable(&l, "image", "input as in the dataset, scaled", "1", inspection_real(),
                    image.count, image.names, a->images);
  if (a->classified) write_verdicts(&l, a);
  for (size_t i = 0; i < a->layer_count; i++) write_layer(&l, a, &a->layers[i]);
  if (options->heat) {
    for (size_t d = 0; d < 3; d++) axis_list_add(&pixels, image.names[d]);
    labelled_variable(&l, "gradient_x_input",
                      "gradient of the predicted class's output times the input, over channels",
                      "1", inspection_real(), 3, pixels.names, a->gradients);
    labelled_variable(&l, "occlusion",
                      "mean drop of the predicted class's output as a square hides the pixel", "1",
                      inspection_real(), 3, pixels.names, a->occlusions);
  }
  summarize(&l, a);
  return labelled_close(&l, l.status == LS_OK ? draw_all(&l, a) : LS_OK);
}
