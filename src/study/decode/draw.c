/* The figures of decoding: grids of images. */
#include "study/decode/result.h"

#include <string.h>

static void draw_grid(labelled *l, const char *what, ls_figure_grid grid, const char *caption) {
  grid.scale = (ls_figure_scale){LS_FIGURE_GREY, 0, 1, 1, NULL};
  labelled_draw(l, what, ls_figure_images(&grid), "%s", caption);
}

/* Images [count, ...]. */
static ls_figure_image *images_of(labelled *l, const decode_result *r, const ls_real *values,
                                  size_t count) {
  ls_figure_image *images = ls_memory_new(&l->memory, count, sizeof *images);
  for (size_t i = 0; images && i < count; i++) {
    images[i] = labelled_image(&r->model->plan->dataset->shape, values + i * r->image_size);
  }
  return images;
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
  ls_figure_image *images = ls_memory_new(&l->memory, 3 * samples, sizeof *images);
  for (size_t k = 0; k < 3; k++) {
    const ls_figure_image *row = values[k] ? images_of(l, r, values[k], samples) : NULL;
    if (!row || !images) continue;
    memcpy(images + rows * samples, row, samples * sizeof *images);
    down[rows++] = names[k];
  }
  for (size_t i = 0; i < samples; i++) {
    across[i] = ls_memory_text(&l->memory, "no. %u", o->samples[i]);
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
  const ls_figure_image *originals = images_of(l, r, r->images, samples);
  const ls_figure_image *noisy = images_of(l, r, r->noisy, levels * samples);
  const ls_figure_image *cleaned = images_of(l, r, r->cleaned, levels * samples);
  ls_figure_image *images = ls_memory_new(&l->memory, 2 * samples * columns, sizeof *images);
  for (size_t k = 0; k < levels; k++) {
    across[k + 1] = ls_memory_text(&l->memory, "%g", o->noise->levels[k]);
  }
  for (size_t s = 0; s < samples; s++) {
    down[2 * s] = ls_memory_text(&l->memory, "no. %u, noisy", o->samples[s]);
    down[2 * s + 1] = "reconstructed";
  }
  if (ls_memory_status(&l->memory) != LS_OK) return;
  for (size_t s = 0; s < samples; s++) {
    ls_figure_image *row = images + 2 * s * columns;
    row[0] = originals[s];
    for (size_t k = 0; k < levels; k++) {
      row[1 + k] = noisy[k * samples + s];
      row[columns + 1 + k] = cleaned[k * samples + s];
    }
  }
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
