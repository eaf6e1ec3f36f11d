/* The figures of the analysis of activations. */
#include "study/activations/result.h"

#include <math.h>

enum { MOST_UNITS = 16384 }; /* of a strip; PNG files have at most 32,767 columns */

static size_t at_most(size_t n, size_t most) {
  return n < most ? n : most;
}

/* One scale for all values: from 0 where none is negative, else symmetric about 0. */
static ls_figure_scale scale_of(const ls_real *values, size_t count, const char *bar) {
  double low = 0, high = 0;
  for (size_t i = 0; i < count; i++) {
    low = fmin(low, (double)values[i]);
    high = fmax(high, (double)values[i]);
  }
  double most = fmax(high, -low);
  if (!(most > 0)) most = 1;
  if (low < 0) return (ls_figure_scale){LS_FIGURE_DIVERGING, -most, most, 1, bar};
  return (ls_figure_scale){LS_FIGURE_VIRIDIS, 0, most, 1, bar};
}

/* A heat map of one row for each sample. */
static void draw_strips(labelled *l, const activations_result *r, const layer_output *layer,
                        const char *bar) {
  size_t count = r->options->sample_count;
  ls_figure_matrix rows[LS_ACTIVATIONS_MOST];
  const char *labels[LS_ACTIVATIONS_MOST];
  size_t columns = at_most(layer->size, MOST_UNITS);
  double *values = ls_memory_new(&l->memory, count * layer->size, sizeof *values);
  ls_figure_scale scale = scale_of(layer->values, count * layer->size, bar);
  for (size_t i = 0; values && i < count * layer->size; i++) values[i] = (double)layer->values[i];
  for (size_t i = 0; values && i < count; i++) {
    labels[i] = ls_memory_text(&l->memory, "no. %u", r->options->samples[i]);
    rows[i] = (ls_figure_matrix){.title = bar,
                                 .column_title = "unit",
                                 .rows = 1,
                                 .columns = columns,
                                 .values = values + i * layer->size,
                                 .row_names = &labels[i],
                                 .scale = scale};
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  const char *what = columns < layer->size
                         ? ls_memory_text(&l->memory, "first %zu of the %zu", columns, layer->size)
                         : ls_memory_text(&l->memory, "%zu", layer->size);
  labelled_draw(l, layer->name, ls_figure_matrices(rows, count), "The %s outputs of the layer %s.",
                what, layer->name);
}

/* The channels [row, column, channel] for one sample. */
static void draw_maps(labelled *l, const activations_result *r, const layer_output *layer,
                      size_t sample, const ls_figure_scale *scale) {
  size_t channels = (size_t)layer->shape.extent[2];
  unsigned number = r->options->samples[sample];
  ls_figure_image *maps = ls_memory_new(&l->memory, channels, sizeof *maps);
  const char *what = ls_memory_text(&l->memory, "%s_no%u", layer->name, number);
  if (!maps || !what) return;
  for (size_t c = 0; c < channels; c++) {
    maps[c] = labelled_image(&layer->shape, layer->values + sample * layer->size + c);
    maps[c].channels = 1;
  }
  ls_figure_grid grid = {.title = scale->bar, .images = maps, .count = channels, .scale = *scale};
  labelled_draw(l, what, ls_figure_images(&grid), "The %zu maps of the layer %s for sample no. %u.",
                channels, layer->name, number);
}

enum { MOST_KERNELS = 16 }; /* of each of the two dimensions that aren't of the image */

/* Kernels [row, column, a, b]: a down, b across; all of b where a is one. */
static void draw_kernels(labelled *l, const activations_result *r, const layer_output *layer) {
  const int64_t *extent = layer->kernel->shape.extent;
  const ls_real *values = r->model->weights + layer->kernel->offset;
  size_t all_across = (size_t)extent[3], stride = (size_t)extent[2] * all_across;
  bool table = extent[2] > 1;
  size_t down = at_most((size_t)extent[2], MOST_KERNELS);
  size_t across = table ? at_most(all_across, MOST_KERNELS) : all_across;
  const char *rows[MOST_KERNELS], *columns[MOST_KERNELS];
  for (size_t i = 0; i < MOST_KERNELS; i++) {
    columns[i] = ls_memory_text(&l->memory, "%zu", i);
    rows[i] = ls_memory_text(&l->memory, "%s %zu", layer->dimension[2], i);
  }
  const char *what = ls_memory_text(&l->memory, "%s_kernel", layer->name);
  const char *bar = ls_memory_text(&l->memory, "weight in %s", layer->name);
  ls_figure_image *tiles = ls_memory_new(&l->memory, down * across, sizeof *tiles);
  if (ls_memory_status(&l->memory) != LS_OK) return;
  for (size_t i = 0; i < down * across; i++) {
    tiles[i] = (ls_figure_image){.values = values + i / across * all_across + i % across,
                                 .height = (size_t)extent[0],
                                 .width = (size_t)extent[1],
                                 .pixel_stride = stride};
  }
  ls_figure_grid grid = {.title = bar,
                         .images = tiles,
                         .count = down * across,
                         .columns = table ? across : 0,
                         .row_labels = table ? rows : NULL,
                         .column_labels = table ? columns : NULL,
                         .column_title = table ? layer->dimension[3] : NULL,
                         .scale = scale_of(values, layer->kernel->count, bar)};
  const char *some = down * across == stride
                         ? "The"
                         : ls_memory_text(&l->memory, "The first %zu of", down * across);
  labelled_draw(l, what, ls_figure_images(&grid), "%s %zu kernels of the layer %s.",
                some ? some : "", stride, layer->name);
}

static void draw_layer(labelled *l, const activations_result *r, const layer_output *layer) {
  size_t count = r->options->sample_count;
  const char *bar = ls_memory_text(&l->memory, "output of %s", layer->name);
  if (!bar) return;
  if (layer->shape.rank != 3) {
    draw_strips(l, r, layer, bar);
  } else {
    ls_figure_scale scale = scale_of(layer->values, count * layer->size, bar);
    for (size_t i = 0; i < count; i++) draw_maps(l, r, layer, i, &scale);
  }
  if (layer->kernel) draw_kernels(l, r, layer);
}

/* Divides each map by its own largest value: where is compared, not how much. */
static const ls_real *normalize(ls_memory *memory, const ls_real *values, size_t maps,
                                size_t pixels) {
  ls_real *out = ls_memory_new(memory, maps * pixels, sizeof *out);
  for (size_t m = 0; out && m < maps; m++) {
    double most = 0;
    for (size_t k = 0; k < pixels; k++) most = fmax(most, fabs((double)values[m * pixels + k]));
    for (size_t k = 0; k < pixels; k++) {
      out[m * pixels + k] = (ls_real)(most > 0 ? (double)values[m * pixels + k] / most : 0);
    }
  }
  return out;
}

/* "no. 5", and where the model predicts classes "7 → 2" and its output. */
static const char *caption_of(labelled *l, const activations_result *r, size_t i) {
  const prediction *p = &r->predictions[i];
  unsigned number = r->options->samples[i];
  if (r->classes.count == 0) return ls_memory_text(&l->memory, "no. %u", number);
  return ls_memory_text(&l->memory, "no. %u\n%s → %s\np = %.4f", number,
                        classes_name(&r->classes, p->truth),
                        classes_name(&r->classes, p->predicted), p->probability);
}

/* The samples as the model's inputs. */
static void draw_inputs(labelled *l, const activations_result *r) {
  size_t count = r->options->sample_count;
  ls_figure_image images[LS_ACTIVATIONS_MOST];
  for (size_t i = 0; i < count; i++) {
    images[i] = labelled_image(&r->model->plan->dataset->shape, r->images + i * r->image_size);
    images[i].caption = caption_of(l, r, i);
  }
  ls_figure_grid grid = {
      .title = "Inputs", .images = images, .count = count, .scale = {LS_FIGURE_GREY, 0, 1}};
  if (ls_memory_status(&l->memory) != LS_OK) return;
  labelled_draw(l, "input", ls_figure_images(&grid), "The inputs%s.",
                r->classes.count > 0 ? ": true class → predicted class, output p of the latter"
                                     : "");
}

static void draw_heat(labelled *l, const activations_result *r) {
  static const char *const columns[] = {"image", "gradient × input", "occlusion"};
  size_t count = r->options->sample_count;
  const ls_real *heats[] = {normalize(&l->memory, r->gradients, count, r->pixels),
                            normalize(&l->memory, r->occlusions, count, r->pixels)};
  ls_figure_image images[3 * LS_ACTIVATIONS_MOST];
  const char *rows[LS_ACTIVATIONS_MOST];
  for (size_t i = 0; i < count; i++) {
    rows[i] = caption_of(l, r, i);
    for (size_t k = 0; k < 3; k++) {
      images[3 * i + k] =
          labelled_image(&r->model->plan->dataset->shape, r->images + i * r->image_size);
      if (k > 0 && heats[k - 1]) images[3 * i + k].heat = heats[k - 1] + i * r->pixels;
    }
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  ls_figure_grid grid = {
      .title = "Heat maps of the predicted class",
      .images = images,
      .count = 3 * count,
      .columns = 3,
      .row_labels = rows,
      .column_labels = columns,
      .scale = {LS_FIGURE_GREY, 0, 1},
      .heat = {LS_FIGURE_DIVERGING, -1, 1, 1, "fraction of the map's largest value"}};
  labelled_draw(
      l, "heat", ls_figure_images(&grid),
      "Pixels that support (orange) or contradict (blue) the predicted class: the gradient of its "
      "output times the input, and the mean drop of its output when a square hides the pixel.");
}

void activations_draw(labelled *l, const void *result) {
  const activations_result *r = result;
  draw_inputs(l, r);
  for (size_t i = 0; i < r->layer_count; i++) draw_layer(l, r, &r->layers[i]);
  if (r->options->heat) draw_heat(l, r);
}
