/* Perturbations of inputs. Shifts roll like numpy.roll, or fill with zeros; blur is SciPy's
 * gaussian_filter (truncated at 4 standard deviations, borders reflected); rotation interpolates
 * linearly between pixels, with zeros outside the image. */
#include "study/model/perturb.h"

#include "base/text.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t NO_PIXEL = UINT32_MAX;

/* Stream number `which` of a sample. What is the same for all samples takes streams of sample 0
 * that no perturbation of a sample uses. */
static ls_stream stream_of(const ls_perturber *p, uint32_t which, uint32_t id) {
  return (ls_stream){p->seed, LS_RANDOM_PERTURBATION, p->number, which, id};
}

/* ---- Noise ---- */

static void salt_and_pepper(const ls_perturber *p, uint32_t id, ls_real *x) {
  const ls_real amount = (ls_real)p->level, salt = (ls_real)(p->level / 2), *draw = p->work;
  ls_random_uniform(stream_of(p, 0, id), 0, p->size, p->work);
  for (size_t j = 0; j < p->size; j++) x[j] = draw[j] < salt ? 1 : draw[j] < amount ? 0 : x[j];
}

static void gaussian_noise(const ls_perturber *p, uint32_t id, ls_real *x) {
  ls_random_normal(stream_of(p, 0, id), 0, p->size, p->work);
  for (size_t j = 0; j < p->size; j++) x[j] += (ls_real)p->level * p->work[j];
}

/* ---- Moved pixels ---- */

static void move_pixels(const ls_perturber *p, uint32_t id, ls_real *x) {
  (void)id;
  memcpy(p->work, x, p->size * sizeof *x);
  for (size_t k = 0; k < p->height * p->width; k++) {
    const ls_real *from = p->source[k] == NO_PIXEL ? NULL : p->work + p->source[k] * p->channels;
    for (size_t c = 0; c < p->channels; c++) x[k * p->channels + c] = from ? from[c] : 0;
  }
}

static int prepare_shift(ls_perturber *p) {
  int64_t height = (int64_t)p->height, width = (int64_t)p->width;
  int64_t down = p->type->rows * (int64_t)p->level, right = p->type->columns * (int64_t)p->level;
  for (int64_t k = 0; k < height * width; k++) {
    int64_t row = k / width - down, column = k % width - right;
    if (p->type->wraps) {
      row = (row % height + height) % height;
      column = (column % width + width) % width;
    }
    bool inside = row >= 0 && row < height && column >= 0 && column < width;
    p->source[k] = inside ? (uint32_t)(row * width + column) : NO_PIXEL;
  }
  return LS_OK;
}

/* A fraction of all pixels, chosen and permuted among themselves, the same for each sample. */
static int prepare_permutation(ls_perturber *p) {
  size_t count = p->height * p->width, moved = (size_t)rint(p->level * (double)count);
  uint32_t *chosen = ls_memory_new(&p->memory, count, sizeof *chosen);
  uint32_t *order = ls_memory_new(&p->memory, moved, sizeof *order);
  if (!chosen || !order) return LS_FAILED;
  ls_random_permutation(stream_of(p, 0, 0), count, chosen);
  ls_random_permutation(stream_of(p, 1, 0), moved, order);
  for (size_t k = 0; k < count; k++) p->source[k] = (uint32_t)k;
  for (size_t k = 0; k < moved; k++) p->source[chosen[k]] = chosen[order[k]];
  return LS_OK;
}

/* ---- Rotation ---- */

/* The pixel, or 0 outside of the image. */
static double pixel(const ls_perturber *p, double row, double column, size_t channel) {
  if (!(row >= 0 && row < (double)p->height && column >= 0 && column < (double)p->width)) return 0;
  size_t at = (size_t)row * p->width + (size_t)column;
  return (double)p->work[at * p->channels + channel];
}

static void rotate(const ls_perturber *p, uint32_t id, ls_real *x) {
  (void)id;
  memcpy(p->work, x, p->size * sizeof *x);
  double angle = p->level * acos(-1) / 180, cosine = cos(angle), sine = sin(angle);
  double middle_row = (double)(p->height - 1) / 2, middle_column = (double)(p->width - 1) / 2;
  for (size_t k = 0; k < p->height * p->width; k++) {
    double i = (double)(k / p->width) - middle_row, j = (double)(k % p->width) - middle_column;
    double row = middle_row + cosine * i + sine * j;
    double column = middle_column - sine * i + cosine * j;
    double upper = floor(row), left = floor(column), down = row - upper, right = column - left;
    for (size_t c = 0; c < p->channels; c++) {
      double above = (1 - right) * pixel(p, upper, left, c) + right * pixel(p, upper, left + 1, c);
      double below =
          (1 - right) * pixel(p, upper + 1, left, c) + right * pixel(p, upper + 1, left + 1, c);
      x[k * p->channels + c] = (ls_real)((1 - down) * above + down * below);
    }
  }
}

/* ---- Blur ---- */

/* Position k of a line of n pixels that is extended by its mirror image: d c b a | a b c d | d c b
 * a. */
static size_t reflect(int64_t k, int64_t n) {
  k = (k % (2 * n) + 2 * n) % (2 * n);
  return (size_t)(k < n ? k : 2 * n - 1 - k);
}

/* One line of n pixels, `stride` apart. */
static void blur_line(double sigma, size_t n, size_t stride, const ls_real *x, ls_real *y) {
  int64_t radius = (int64_t)(4 * sigma + 0.5);
  for (size_t i = 0; i < n; i++) {
    double sum = 0, weights = 0;
    for (int64_t k = -radius; k <= radius; k++) {
      double weight = exp(-0.5 * (double)(k * k) / (sigma * sigma));
      sum += weight * (double)x[reflect((int64_t)i + k, (int64_t)n) * stride];
      weights += weight;
    }
    y[i * stride] = (ls_real)(sum / weights);
  }
}

static void blur(const ls_perturber *p, uint32_t id, ls_real *x) {
  (void)id;
  if (p->level == 0) return;
  size_t row = p->width * p->channels;
  for (size_t k = 0; k < row; k++) blur_line(p->level, p->height, row, x + k, p->work + k);
  for (size_t i = 0; i < p->height; i++) {
    for (size_t c = 0; c < p->channels; c++) {
      size_t at = i * row + c;
      blur_line(p->level, p->width, p->channels, p->work + at, x + at);
    }
  }
}

/* ---- The list, and reading it from options ---- */

#define SHIFT(name, words, rows, columns, wraps)                                                   \
  { name, words, "pixel", 0, 1e6, move_pixels, prepare_shift, true, true, rows, columns, wraps }

static const ls_perturbation_type types[] = {
    {"salt_and_pepper", "fraction of pixels set to 0 or 1", "1", 0, 1, salt_and_pepper},
    {"gaussian_noise", "standard deviation of the noise", "1", 0, 1e30, gaussian_noise},
    SHIFT("shift_right", "shift to the right", 0, 1, true),
    SHIFT("shift_left", "shift to the left", 0, -1, true),
    SHIFT("shift_up", "shift upwards", -1, 0, true),
    SHIFT("shift_down", "shift downwards", 1, 0, true),
    SHIFT("translate_right", "shift to the right", 0, 1, false),
    SHIFT("translate_left", "shift to the left", 0, -1, false),
    SHIFT("translate_up", "shift upwards", -1, 0, false),
    SHIFT("translate_down", "shift downwards", 1, 0, false),
    {"rotation", "rotation, counterclockwise", "degree", -360, 360, rotate, .images = true},
    {"blur", "standard deviation of the blur", "pixel", 0, 100, blur, .images = true},
    {"pixel_permutation", "fraction of pixels permuted", "1", 0, 1, move_pixels,
     prepare_permutation},
};
enum { TYPES = sizeof types / sizeof *types };

static int find_type(ls_perturbation *out, const char *option, const char *name) {
  const char *names[TYPES];
  for (int i = 0; i < TYPES; i++) {
    names[i] = types[i].name;
    if (strcmp(name, types[i].name) == 0) out->type = &types[i];
  }
  if (out->type) return LS_OK;
  const char *nearest = ls_nearest_name(name, names, TYPES);
  return nearest ? ls_fail(LS_INVALID, "%s: unknown transform '%s' (did you mean '%s'?)", option,
                           name, nearest)
                 : ls_fail(LS_INVALID, "%s: unknown transform '%s' (see --help)", option, name);
}

/* Reads numbers with a separator between them; returns how many, 0 for any other text or more than
 * `most`. */
static size_t read_numbers(const char *text, char separator, size_t most, double *numbers) {
  char *end = NULL;
  for (size_t count = 0; count < most; text = end + 1) {
    numbers[count] = strtod(text, &end);
    if (end == text || !isfinite(numbers[count])) return 0;
    count++;
    if (!*end) return count;
    if (*end != separator) return 0;
  }
  return 0;
}

/* Rounds to 12 digits: three steps of 0.1 are 0.3, not 0.30000000000000004. */
static double tidy(double value, double step) {
  char digits[32];
  if (fabs(value) < 1e-9 * step) return 0;
  snprintf(digits, sizeof digits, "%.12g", value);
  return strtod(digits, NULL);
}

/* Sets levels FIRST:LAST:STEP; returns how many, 0 for any other text. */
static size_t read_range(const char *text, double *levels) {
  double range[3];
  if (read_numbers(text, ':', 3, range) != 3) return 0;
  double first = range[0], last = range[1], step = range[2];
  if (!(step > 0 && last >= first)) return 0;
  double count = floor((last - first) / step + 1e-9) + 1;
  if (!(count <= LS_MOST_LEVELS)) return 0;
  for (size_t i = 0; i < (size_t)count; i++) levels[i] = tidy(first + (double)i * step, step);
  return (size_t)count;
}

static int read_levels(ls_perturbation *out, const char *option, const char *text) {
  out->count = strchr(text, ':') ? read_range(text, out->levels)
                                 : read_numbers(text, ',', LS_MOST_LEVELS, out->levels);
  if (out->count > 0) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: '%s' (expected up to %d levels such as 0,0.2,0.5 or FIRST:LAST:STEP)", option,
                 text, LS_MOST_LEVELS);
}

static int check_levels(const ls_perturbation *p, const char *option) {
  const ls_perturbation_type *type = p->type;
  for (size_t i = 0; i < p->count; i++) {
    double level = p->levels[i];
    if (level >= type->least && level <= type->most && (!type->integers || level == rint(level))) {
      continue;
    }
    return ls_fail(LS_INVALID, "%s: %s: level %g (expected %s from %g to %g)", option, type->name,
                   level, type->integers ? "integers" : "numbers", type->least, type->most);
  }
  return LS_OK;
}

int ls_perturbation_read(ls_perturbation *out, const char *option, const char *text) {
  *out = (ls_perturbation){0};
  const char *equals = strchr(text, '=');
  if (!equals) return ls_fail(LS_INVALID, "%s: '%s' (expected NAME=LEVELS)", option, text);
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
  int status = find_type(out, option, name);
  if (status == LS_OK) status = read_levels(out, option, equals + 1);
  return status == LS_OK ? check_levels(out, option) : status;
}

/* ---- Applying one ---- */

static bool is_image(const ls_shape *shape) {
  return shape->rank == 2 || shape->rank == 3;
}

int ls_perturbation_check(const ls_perturbation *perturbation, const ls_shape *shape) {
  if (!perturbation->type->images || is_image(shape)) return LS_OK;
  return ls_fail(LS_INVALID, "%s takes images (expected inputs [height, width, channel])",
                 perturbation->type->name);
}

int ls_perturber_create(ls_perturber *out, const ls_perturbation *perturbation, size_t number,
                        const ls_shape *shape, uint64_t seed) {
  int status = ls_perturbation_check(perturbation, shape);
  *out = (ls_perturber){.type = perturbation->type,
                        .level = perturbation->levels[number],
                        .number = (uint32_t)number,
                        .seed = seed,
                        .height = 1,
                        .width = (size_t)ls_shape_size(shape),
                        .channels = 1,
                        .size = (size_t)ls_shape_size(shape)};
  if (status != LS_OK) return status;
  if (is_image(shape)) {
    out->height = (size_t)shape->extent[0];
    out->width = (size_t)shape->extent[1];
    out->channels = shape->rank == 3 ? (size_t)shape->extent[2] : 1;
  }
  out->work = ls_memory_new(&out->memory, out->size, sizeof *out->work);
  out->source = ls_memory_new(&out->memory, out->height * out->width, sizeof *out->source);
  status = ls_memory_status(&out->memory);
  if (status == LS_OK && out->type->prepare) status = out->type->prepare(out);
  if (status != LS_OK) ls_perturber_destroy(out);
  return status;
}

void ls_perturber_destroy(ls_perturber *perturber) {
  ls_memory_free(&perturber->memory);
  *perturber = (ls_perturber){0};
}

void ls_perturb(const ls_perturber *p, size_t n, const uint32_t *ids, ls_real *x) {
  for (size_t i = 0; i < n; i++) p->type->change(p, ids[i], x + i * p->size);
}
