/* What a decoder makes of codes: the file and the figures. */
#include "study/decode/decode.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "study/model/inspection.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- The file ----------------------------------------------------------------------------------
 */

/* A variable of images [first axis, second axis, ...]. */
static void write_images(labelled *l, const decoding *d, const char *name, const char *long_name,
                         const char *first, const char *second, const ls_real *values) {
  axis_list axes = {0};
  axis_list_add(&axes, first);
  if (second) axis_list_add(&axes, second);
  axis_list_add_shape(&axes, l, "", &d->model->plan->dataset->shape);
  labelled_variable(l, name, long_name, "1", inspection_real(), axes.count, axes.names, values);
}

/* `errors` [level, sample]. */
static void summarize(labelled *l, const decoding *d, const double *errors) {
  const ls_perturbation *noise = d->options->noise;
  size_t samples = d->options->sample_count;
  ls_text text = {0};
  for (size_t i = 0; i < noise->count; i++) {
    double mean = 0;
    for (size_t k = 0; k < samples; k++) mean += errors[i * samples + k] / (double)samples;
    ls_text_add(&text, "%s %.4f at %g", i > 0 ? "," : "", mean, noise->levels[i]);
  }
  labelled_summarize(l, "%s, salt_and_pepper: mean squared error of %zu samples%s", d->model->name,
                     samples, text.data);
  ls_text_free(&text);
}

static void write_noise(labelled *l, const decoding *d) {
  static const char *const over[] = {"noise", "sample"};
  const ls_decode_options *o = d->options;
  size_t count = o->noise->count * o->sample_count;
  double errors[LS_DECODE_MOST * LS_DECODE_MOST] = {0};
  for (size_t i = 0; i < count; i++) {
    const ls_real *clean = d->images + i % o->sample_count * d->image_size;
    const ls_real *given = d->cleaned + i * d->image_size;
    for (size_t k = 0; k < d->image_size; k++) {
      double away = (double)given[k] - (double)clean[k];
      errors[i] += away * away / (double)d->image_size;
    }
  }
  labelled_numbers(l, "noise", "share of elements set to 0 or 1", "1", H5T_NATIVE_DOUBLE,
                   o->noise->count, o->noise->levels);
  write_images(l, d, "original", "input as in the dataset, scaled", "sample", NULL, d->images);
  write_images(l, d, "noisy", "input with noise", "noise", "sample", d->noisy);
  write_images(l, d, "reconstruction", "what the model makes of the noisy input", "noise", "sample",
               d->cleaned);
  labelled_variable(l, "mean_squared_error", "of the reconstruction from the original", "1",
                    H5T_NATIVE_DOUBLE, 2, over, errors);
  summarize(l, d, errors);
}

static void write_interpolation(labelled *l, const decoding *d) {
  static const char *const over[] = {"pair"};
  const ls_decode_options *o = d->options;
  double *shares = ls_new(o->steps, sizeof *shares);
  if (!shares) l->status = LS_FAILED;
  for (size_t i = 0; shares && i < o->steps; i++) shares[i] = decoding_share(d, i);
  inspection_counting_axis(l, "pair", "a sample and the next one", decoding_pairs(d));
  labelled_numbers(l, "share", "share of the way from the first code to the second", "1",
                   H5T_NATIVE_DOUBLE, o->steps, shares);
  labelled_variable(l, "pair_from", "number of the pair's first sample", "1", H5T_NATIVE_UINT32, 1,
                    over, o->samples);
  labelled_variable(l, "pair_to", "number of the pair's second sample", "1", H5T_NATIVE_UINT32, 1,
                    over, o->samples + 1);
  write_images(l, d, "interpolation", "what the decoder makes of the codes between", "pair",
               "share", d->between);
  free(shares);
}

static void write_generated(labelled *l, const decoding *d) {
  static const char *const mean[] = {"class", "code_unit"};
  static const char *const covariance[] = {"class", "code_unit", "code_unit_2"};
  static const char *const codes[] = {"class", "draw", "code_unit"};
  labelled_texts(l, "class", "class", d->classes.count, d->classes.names);
  inspection_counting_axis(l, "draw", "draw from the class's Gaussian", d->options->draws);
  inspection_counting_axis(l, "code_unit_2", "number of the code", d->code_size);
  labelled_variable(l, "code_mean", "mean of the codes of a class", "1", H5T_NATIVE_DOUBLE, 2, mean,
                    d->means);
  labelled_variable(l, "code_covariance", "covariance of the codes of a class", "1",
                    H5T_NATIVE_DOUBLE, 3, covariance, d->covariances);
  labelled_variable(l, "drawn_code", "codes drawn", "1", inspection_real(), 3, codes, d->drawn);
  write_images(l, d, "generated", "what the decoder makes of the codes drawn", "class", "draw",
               d->generated);
}

/* ---- Figures -----------------------------------------------------------------------------------
 */

static int draw_grid(labelled *l, ls_figure_grid *grid, const char *what, const char *caption) {
  char *path = NULL;
  grid->scale = (ls_figure_scale){LS_FIGURE_GREY, 0, 1, 1, NULL};
  int status = labelled_figure_path(&path, l, what);
  if (status == LS_OK) status = ls_figure_draw(path, &(ls_figure){.images = grid});
  if (status == LS_OK) status = labelled_add_figure(l, path, "%s", caption);
  free(path);
  return status;
}

/* Numbers as labels, to be freed together. */
typedef struct labels {
  char (*texts)[32];
  const char **names;
} labels;

static int make_labels(labels *l, size_t count) {
  l->texts = ls_new(count, sizeof *l->texts);
  l->names = ls_new(count, sizeof *l->names);
  for (size_t i = 0; l->texts && l->names && i < count; i++) l->names[i] = l->texts[i];
  return l->texts && l->names ? LS_OK : LS_FAILED;
}

static void free_labels(labels *l) {
  free(l->texts);
  free(l->names);
}

/* Two rows for each sample, noisy and reconstructed; a column for the original, one for each level.
 */
static int draw_noise(labelled *l, const decoding *d) {
  const ls_decode_options *o = d->options;
  const ls_shape *shape = &d->model->plan->dataset->shape;
  size_t columns = 1 + o->noise->count, rows = 2 * o->sample_count;
  labels across = {0}, down = {0};
  ls_figure_image *images = ls_new(rows * columns, sizeof *images);
  int status = images ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = make_labels(&across, columns);
  if (status == LS_OK) status = make_labels(&down, rows);
  for (size_t i = 0; i < rows && status == LS_OK; i++) {
    size_t sample = i / 2;
    const ls_real *from = i % 2 ? d->cleaned : d->noisy;
    snprintf(down.texts[i], sizeof down.texts[i], i % 2 ? "reconstructed" : "no. %u, noisy",
             o->samples[sample]);
    if (i % 2 == 0)
      images[i * columns] = inspection_image(shape, d->images + sample * d->image_size);
    for (size_t k = 0; k < o->noise->count; k++) {
      const ls_real *image = from + (k * o->sample_count + sample) * d->image_size;
      images[i * columns + 1 + k] = inspection_image(shape, image);
    }
  }
  for (size_t k = 0; k < columns && status == LS_OK; k++) {
    snprintf(across.texts[k], sizeof across.texts[k], "original");
    if (k > 0) snprintf(across.texts[k], sizeof across.texts[k], "%g", o->noise->levels[k - 1]);
  }
  ls_figure_grid grid = {.title = "Reconstructions of noisy inputs",
                         .images = images,
                         .count = rows * columns,
                         .columns = columns,
                         .row_labels = down.names,
                         .column_labels = across.names,
                         .column_title = "share of pixels set to black or white"};
  if (status == LS_OK) {
    status = draw_grid(l, &grid, "noise",
                       "Samples, the same with noise on a share of their pixels, and what the "
                       "model makes of these.");
  }
  free_labels(&across);
  free_labels(&down);
  free(images);
  return status;
}

static int draw_interpolation(labelled *l, const decoding *d) {
  const ls_decode_options *o = d->options;
  size_t steps = o->steps, pairs = decoding_pairs(d);
  labels across = {0}, down = {0};
  ls_figure_image *images = ls_new(pairs * steps, sizeof *images);
  int status = images ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = make_labels(&across, steps);
  if (status == LS_OK) status = make_labels(&down, pairs);
  for (size_t i = 0; i < pairs * steps && status == LS_OK; i++) {
    images[i] = inspection_image(&d->model->plan->dataset->shape, d->between + i * d->image_size);
  }
  for (size_t i = 0; i < steps && status == LS_OK; i++) {
    snprintf(across.texts[i], sizeof across.texts[i], "%.3g", decoding_share(d, i));
  }
  for (size_t i = 0; i < pairs && status == LS_OK; i++) {
    snprintf(down.texts[i], sizeof down.texts[i], "no. %u → %u", o->samples[i], o->samples[i + 1]);
  }
  ls_figure_grid grid = {.title = "Decoded codes between those of two samples",
                         .images = images,
                         .count = pairs * steps,
                         .columns = steps,
                         .row_labels = down.names,
                         .column_labels = across.names,
                         .column_title = "share of the way"};
  if (status == LS_OK)
    status = draw_grid(l, &grid, "interpolation",
                       "What the decoder makes of codes on the line between those of two samples.");
  free_labels(&across);
  free_labels(&down);
  free(images);
  return status;
}

static int draw_generated(labelled *l, const decoding *d) {
  size_t draws = d->options->draws, count = d->classes.count * draws;
  ls_figure_image *images = ls_new(count, sizeof *images);
  if (!images) return LS_FAILED;
  for (size_t i = 0; i < count; i++) {
    images[i] = inspection_image(&d->model->plan->dataset->shape, d->generated + i * d->image_size);
  }
  ls_figure_grid grid = {.title = "Decoded codes drawn from a Gaussian for each class",
                         .images = images,
                         .count = count,
                         .columns = draws,
                         .row_labels = d->classes.names};
  int status = draw_grid(
      l, &grid, "generated",
      "What the decoder makes of codes drawn from a Gaussian with the mean and covariance "
      "of the codes of each class.");
  free(images);
  return status;
}

static int draw_all(labelled *l, const decoding *d) {
  int status = draw_noise(l, d);
  if (status == LS_OK && decoding_pairs(d) > 0) status = draw_interpolation(l, d);
  return status == LS_OK && d->classified ? draw_generated(l, d) : status;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

int decoding_write(const decoding *d) {
  static const char *const codes[] = {"sample", "code_unit"};
  const ls_decode_options *o = d->options;
  labelled l;
  inspection_create(&l, o->output, "Decoded codes", &o->notes, d->model, d->part);
  labelled_numbers(&l, "sample", "number of the sample in its part of the dataset", NULL,
                   H5T_NATIVE_UINT32, o->sample_count, o->samples);
  inspection_counting_axis(&l, "code_unit", "number of the code", d->code_size);
  labelled_variable(&l, "code", "output of the layer that is the code", "1", inspection_real(), 2,
                    codes, d->codes);
  write_noise(&l, d);
  if (decoding_pairs(d) > 0) write_interpolation(&l, d);
  if (d->classified) write_generated(&l, d);
  return labelled_close(&l, l.status == LS_OK ? draw_all(&l, d) : LS_OK);
}
