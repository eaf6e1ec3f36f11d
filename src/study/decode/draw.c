/* The figures of decoding: grids of images. */
#include "study/decode/result.h"

static void draw_grid(labelled *l, const char *what, ls_figure_grid grid, const char *caption) {
  grid.scale = (ls_figure_scale){LS_FIGURE_GREY, 0, 1, 1, NULL};
  labelled_draw(l, what, ls_figure_images(&grid), "%s", caption);
}

/* Image i of values [image, ...]. */
static ls_figure_image image_of(const decode_result *r, const ls_real *values, size_t i) {
  return labelled_image(&r->model->plan->dataset->shape, values + i * r->image_size);
}

/* Of one level of noise: a column for each sample; the original, noisy unless the level is 0, and
 * reconstructed. */
static void draw_reconstructions(labelled *l, const decode_result *r) {
  const ls_decode_options *o = r->options;
  size_t samples = o->sample_count, rows = 0;
  double level = o->noise->levels[0];
  const ls_real *values[] = {r->images, level > 0 ? r->noisy : NULL, r->cleaned};
  const char *names[] = {"original", ls_memory_text(&l->memory, "noise %g", level),
                         "reconstructed"};
  const char *down[3], *across[LS_DECODE_MOST];
  ls_figure_image images[3 * LS_DECODE_MOST];
  for (size_t k = 0; k < 3; k++) {
    if (!values[k]) continue;
    for (size_t s = 0; s < samples; s++) images[rows * samples + s] = image_of(r, values[k], s);
    down[rows++] = names[k];
  }
  for (size_t s = 0; s < samples; s++) {
    across[s] = ls_memory_text(&l->memory, "no. %u", o->samples[s]);
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  draw_grid(l, "noise",
            (ls_figure_grid){.title = "Reconstructions",
                             .images = images,
                             .count = rows * samples,
                             .columns = samples,
                             .row_labels = down,
                             .column_labels = across},
            level > 0 ? "Samples, the same with noise, and the model's outputs for these."
                      : "Samples above the model's outputs for them.");
}

/* Two rows for each sample, noisy and reconstructed; a column for the original and one for each
 * level. */
static void draw_noise(labelled *l, const decode_result *r) {
  const ls_decode_options *o = r->options;
  size_t samples = o->sample_count, levels = o->noise->count, columns = 1 + levels;
  const char *across[1 + LS_DECODE_MOST] = {"original"}, *down[2 * LS_DECODE_MOST];
  ls_figure_image images[2 * LS_DECODE_MOST * (1 + LS_DECODE_MOST)] = {{0}};
  for (size_t k = 0; k < levels; k++) {
    across[k + 1] = ls_memory_text(&l->memory, "%g", o->noise->levels[k]);
  }
  for (size_t s = 0; s < samples; s++) {
    ls_figure_image *row = images + 2 * s * columns;
    down[2 * s] = ls_memory_text(&l->memory, "no. %u, noisy", o->samples[s]);
    down[2 * s + 1] = "reconstructed";
    row[0] = image_of(r, r->images, s);
    for (size_t k = 0; k < levels; k++) {
      row[1 + k] = image_of(r, r->noisy, k * samples + s);
      row[columns + 1 + k] = image_of(r, r->cleaned, k * samples + s);
    }
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  draw_grid(
      l, "noise",
      (ls_figure_grid){.title = "Reconstructions of noisy inputs",
                       .images = images,
                       .count = 2 * samples * columns,
                       .columns = columns,
                       .row_labels = down,
                       .column_labels = across,
                       .column_title = "fraction of pixels set to black or white"},
      "Samples, the same with noise on a fraction of their pixels, and the model's outputs for "
      "these.");
}

/* Images [count, ...]. */
static ls_figure_image *images_of(labelled *l, const decode_result *r, const ls_real *values,
                                  size_t count) {
  ls_figure_image *images = ls_memory_new(&l->memory, count, sizeof *images);
  for (size_t i = 0; images && i < count; i++) images[i] = image_of(r, values, i);
  return images;
}

static void draw_interpolation(labelled *l, const decode_result *r) {
  size_t steps = r->options->steps, count = r->pairs * steps;
  const uint32_t *samples = r->options->samples;
  const char **across = ls_memory_new(&l->memory, steps, sizeof *across);
  const char *down[LS_DECODE_MOST];
  const ls_figure_image *images = images_of(l, r, r->between, count);
  for (size_t i = 0; across && i < steps; i++) {
    across[i] = ls_memory_text(&l->memory, "%.3g", r->fractions[i]);
  }
  for (size_t i = 0; i < r->pairs; i++) {
    down[i] = ls_memory_text(&l->memory, "no. %u → %u", samples[i], samples[i + 1]);
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  draw_grid(l, "interpolation",
            (ls_figure_grid){.title = "Decoded codes between those of two samples",
                             .images = images,
                             .count = count,
                             .columns = steps,
                             .row_labels = down,
                             .column_labels = across,
                             .column_title = "fraction of the way"},
            "Decoder outputs for codes on the line between those of two samples.");
}

static void draw_generated(labelled *l, const decode_result *r) {
  size_t draws = r->options->draws, count = r->classes.count * draws;
  const ls_figure_image *images = images_of(l, r, r->generated, count);
  if (!images) return;
  draw_grid(l, "generated",
            (ls_figure_grid){.title = "Decoded codes drawn from a Gaussian for each class",
                             .images = images,
                             .count = count,
                             .columns = draws,
                             .row_labels = r->classes.names},
            "Decoder outputs for codes drawn from a Gaussian with the mean and covariance of "
            "the codes of each class.");
}

void decode_draw(labelled *l, const void *result) {
  const decode_result *r = result;
  if (r->options->noise->count == 1) {
    draw_reconstructions(l, r);
  } else {
    draw_noise(l, r);
  }
  if (r->pairs > 0) draw_interpolation(l, r);
  if (r->classes.count > 0) draw_generated(l, r);
}
