/* The distributions of the factors, shifts and rectangles of the layers that change images at
 * random. In an image of ramps, whose channels are each pixel's row and column, an output pixel
 * shows its source. */
#include "augmenter.h"

enum { SIDE = 21, CENTRE = SIDE / 2, SAMPLES = 3000 };

/* The row (0) or column (1) from which a pixel of an image of ramps was taken. */
static double place(const augmenter *a, int64_t row, int64_t column, int which) {
  return (double)a->y[2 * (row * SIDE + column) + which];
}

static double angle(const augmenter *a) {
  return atan2(place(a, CENTRE, CENTRE + 1, 0) - CENTRE, place(a, CENTRE, CENTRE + 1, 1) - CENTRE) /
         (2 * acos(-1));
}

static double down(const augmenter *a) {
  return (CENTRE - place(a, CENTRE, CENTRE, 0)) / SIDE;
}

static double right(const augmenter *a) {
  return (CENTRE - place(a, CENTRE, CENTRE, 1)) / SIDE;
}

static double height_zoom(const augmenter *a) {
  return place(a, CENTRE + 1, CENTRE, 0) - place(a, CENTRE, CENTRE, 0) - 1;
}

static double width_zoom(const augmenter *a) {
  return place(a, CENTRE, CENTRE + 1, 1) - place(a, CENTRE, CENTRE, 1) - 1;
}

static double shear(const augmenter *a) {
  return place(a, CENTRE + 1, CENTRE, 1) - place(a, CENTRE, CENTRE, 1);
}

/* Checks values drawn uniformly from [low, high]; `other` is independent of them. */
static const struct {
  const char *layer;
  double (*measure)(const augmenter *a), (*other)(const augmenter *a);
  double low, high;
} draws[] = {
    {"{random_rotation: 0.1}", angle, NULL, -0.1, 0.1},
    {"{random_rotation: {factor: [0.05, 0.2]}}", angle, NULL, 0.05, 0.2},
    {"{random_translation: {height_factor: 0.3, width_factor: 0.1}}", down, right, -0.3, 0.3},
    {"{random_translation: {height_factor: 0.3, width_factor: [0, 0.1]}}", right, down, 0, 0.1},
    {"{random_zoom: 0.4}", height_zoom, NULL, -0.4, 0.4},
    {"{random_zoom: 0.4}", width_zoom, NULL, -0.4, 0.4},
    {"{random_zoom: {height_factor: 0.4, width_factor: [0.1, 0.2]}}", width_zoom, height_zoom, 0.1,
     0.2},
    {"{random_affine: {rotation: 0.1}}", angle, NULL, -0.1, 0.1},
    {"{random_affine: {shear: 0.2, height_translation: 0.1}}", shear, down, -0.2, 0.2},
    {"{random_affine: {width_translation: 0.2, height_translation: 0.1}}", right, down, -0.2, 0.2},
    {"{random_affine: {height_zoom: 0.2, width_translation: 0.1}}", height_zoom, right, -0.2, 0.2},
};

typedef struct moments {
  double mean, deviation, least, most;
} moments;

static moments moments_of(const double *values, size_t count) {
  moments m = {0, 0, values[0], values[0]};
  for (size_t i = 0; i < count; i++) {
    m.mean += values[i] / (double)count;
    m.least = fmin(m.least, values[i]);
    m.most = fmax(m.most, values[i]);
  }
  for (size_t i = 0; i < count; i++) {
    m.deviation += (values[i] - m.mean) * (values[i] - m.mean) / (double)count;
  }
  m.deviation = sqrt(m.deviation);
  return m;
}

static double correlation(const double *a, const double *b, size_t count) {
  moments of_a = moments_of(a, count), of_b = moments_of(b, count);
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (a[i] - of_a.mean) * (b[i] - of_b.mean);
  return sum / ((double)count * of_a.deviation * of_b.deviation);
}

static void factors_are_uniform(void **state) {
  (void)state;
  static double values[SAMPLES], others[SAMPLES];
  for (size_t k = 0; k < COUNT_OF(draws); k++) {
    augmenter a = make_augmenter(draws[k].layer, SIDE, SIDE, 2);
    fill_ramps(&a);
    for (uint32_t i = 0; i < SAMPLES; i++) {
      run_sample(&a, i);
      values[i] = draws[k].measure(&a);
      others[i] = draws[k].other ? draws[k].other(&a) : 0;
    }
    moments m = moments_of(values, SAMPLES);
    double width = draws[k].high - draws[k].low, rounding = 1e-5;
    expect_near(m.mean, (draws[k].low + draws[k].high) / 2, 4 * width / sqrt(12.0 * SAMPLES));
    expect_near(m.deviation, width / sqrt(12), 0.03 * width / sqrt(12));
    assert_true(m.least >= draws[k].low - rounding && m.most <= draws[k].high + rounding);
    if (draws[k].other) expect_near(correlation(values, others, SAMPLES), 0, 4 / sqrt(SAMPLES));
    free_augmenter(&a);
  }
}

/* Smoothed white noise: at a distance d the correlation of shifts is exp(-d^2 / (4 sigma^2)). */
static void shifts_are_smoothed_noise(void **state) {
  (void)state;
  static double down_shifts[SAMPLES], right_shifts[SAMPLES], apart[SAMPLES], across[SAMPLES];
  const double alpha = 6, sigma = 1.5, deviation = alpha / (2 * sqrt(3 * acos(-1)) * sigma);
  augmenter a = make_augmenter("{elastic_transform: {alpha: 6, sigma: 1.5}}", SIDE, SIDE, 2);
  fill_ramps(&a);
  for (uint32_t i = 0; i < SAMPLES; i++) {
    run_sample(&a, i);
    down_shifts[i] = place(&a, CENTRE, CENTRE, 0) - CENTRE;
    right_shifts[i] = place(&a, CENTRE, CENTRE, 1) - CENTRE;
    apart[i] = place(&a, CENTRE + 3, CENTRE, 0) - CENTRE - 3;
    across[i] = place(&a, CENTRE, CENTRE - 2, 0) - CENTRE;
  }
  moments down_moments = moments_of(down_shifts, SAMPLES);
  moments right_moments = moments_of(right_shifts, SAMPLES);
  expect_near(down_moments.mean, 0, 4 * deviation / sqrt(SAMPLES));
  expect_near(right_moments.mean, 0, 4 * deviation / sqrt(SAMPLES));
  expect_near(down_moments.deviation, deviation, 0.05 * deviation);
  expect_near(right_moments.deviation, deviation, 0.05 * deviation);
  expect_near(correlation(down_shifts, right_shifts, SAMPLES), 0, 4 / sqrt(SAMPLES));
  expect_near(correlation(down_shifts, apart, SAMPLES), exp(-9 / (4 * sigma * sigma)), 0.07);
  expect_near(correlation(down_shifts, across, SAMPLES), exp(-4 / (4 * sigma * sigma)), 0.07);
  free_augmenter(&a);
}

/* The fraction of samples flipped left to right (1), upside down (2), or both (3). */
static void count_flips(const char *layer, double fractions[4]) {
  augmenter a = make_augmenter(layer, SIDE, SIDE - 1, 2);
  fill_ramps(&a);
  const size_t last = SIDE - 1, before = SIDE - 2;
  memset(fractions, 0, 4 * sizeof *fractions);
  for (uint32_t n = 0; n < SAMPLES; n++) {
    run_sample(&a, n);
    bool vertical = a.y[0] > 0, horizontal = a.y[1] > 0;
    for (size_t i = 0; i <= last; i++) {
      for (size_t j = 0; j <= before; j++) {
        const ls_real *pixel = a.y + 2 * (i * (size_t)(SIDE - 1) + j);
        expect_near((double)pixel[0], (double)(vertical ? last - i : i), 0);
        expect_near((double)pixel[1], (double)(horizontal ? before - j : j), 0);
      }
    }
    fractions[horizontal + 2 * vertical] += 1.0 / SAMPLES;
  }
  free_augmenter(&a);
}

static void flips_half(void **state) {
  (void)state;
  double fractions[4];
  count_flips("{random_flip: horizontal}", fractions);
  expect_near(fractions[1], 0.5, 0.04);
  assert_true(fractions[2] == 0 && fractions[3] == 0);
  count_flips("{random_flip: vertical}", fractions);
  expect_near(fractions[2], 0.5, 0.04);
  assert_true(fractions[1] == 0 && fractions[3] == 0);
  count_flips("random_flip", fractions);
  for (size_t k = 0; k < 4; k++) expect_near(fractions[k], 0.25, 0.04);
}

/* The rectangle in which an image of zeroes was changed; checks that it is one. */
typedef struct rectangle {
  double top, height, left, width;
} rectangle;

static rectangle find_rectangle(const augmenter *a) {
  size_t top = SIDE, bottom = 0, left = SIDE, right_end = 0, count = 0;
  for (size_t i = 0; i < SIDE * SIDE; i++) {
    if (a->y[i] == 0) continue;
    size_t row = i / SIDE, column = i % SIDE;
    count++;
    if (row < top) top = row;
    if (row >= bottom) bottom = row + 1;
    if (column < left) left = column;
    if (column >= right_end) right_end = column + 1;
  }
  if (count == 0) return (rectangle){0, 0, 0, 0};
  assert_int_equal(count, (bottom - top) * (right_end - left));
  return (rectangle){(double)top, (double)(bottom - top), (double)left, (double)(right_end - left)};
}

/* Sides are sqrt(fraction) of the image's; the mean of sqrt(u) over [a, b] is 2 / 3 (b^1.5 - a^1.5)
 * / (b - a). A rectangle begins at the first pixel not above its corner. */
static void erases_rectangles(void **state) {
  (void)state;
  static double height[SAMPLES], width[SAMPLES], middle[SAMPLES];
  augmenter a =
      make_augmenter("{random_erasing: {factor: [1, 1], fill_value: 0.5}}", SIDE, SIDE, 1);
  for (uint32_t i = 0; i < SAMPLES; i++) {
    run_sample(&a, i);
    rectangle r = find_rectangle(&a);
    height[i] = r.height, width[i] = r.width, middle[i] = r.left + r.width / 2;
    for (size_t k = 0; k < a.size; k++) assert_true(a.y[k] == 0 || a.y[k] == (ls_real)0.5);
  }
  double mean = SIDE * 2.0 / 3 * (pow(0.33, 1.5) - pow(0.02, 1.5)) / (0.33 - 0.02);
  moments of_height = moments_of(height, SAMPLES), of_width = moments_of(width, SAMPLES);
  expect_near(of_height.mean, mean, 0.2);
  expect_near(of_width.mean, mean, 0.2);
  expect_near(moments_of(middle, SAMPLES).mean, SIDE / 2.0 + 0.5, 0.3);
  expect_near(correlation(height, width, SAMPLES), 0, 4 / sqrt(SAMPLES));
  assert_true(of_height.least >= 2 && of_height.most <= 13); /* 21 sqrt(0.02), 21 sqrt(0.33) */
  free_augmenter(&a);
}

static void erases_as_often_as_told(void **state) {
  (void)state;
  static const struct {
    const char *layer;
    double fraction;
  } cases[] = {{"{random_erasing: {factor: [0.3, 0.3], fill_value: 1}}", 0.3},
               {"{random_erasing: {factor: 1, fill_value: 1}}", 0.5},
               {"{random_erasing: {factor: [0.2, 0.6], fill_value: 1}}", 0.4}};
  for (size_t k = 0; k < COUNT_OF(cases); k++) {
    augmenter a = make_augmenter(cases[k].layer, SIDE, SIDE, 1);
    double fraction = 0;
    for (uint32_t i = 0; i < SAMPLES; i++) {
      run_sample(&a, i);
      fraction += (find_rectangle(&a).height > 0) / (double)SAMPLES;
    }
    expect_near(fraction, cases[k].fraction, 0.04);
    free_augmenter(&a);
  }
}

/* Normal with deviation 2, cut to [-1, 2]: a third is at the lower end, a sixth at the upper. */
static void erases_with_noise(void **state) {
  (void)state;
  augmenter a = make_augmenter(
      "{random_erasing: {factor: [1, 1], scale: [1, 1], value_range: [-1, 2]}}", 40, 40, 1);
  run_sample(&a, 3);
  double lowest = 0, highest = 0;
  for (size_t i = 0; i < a.size; i++) {
    assert_true(a.y[i] >= -1 && a.y[i] <= 2 && a.y[i] != 0);
    lowest += (a.y[i] == -1) / (double)a.size;
    highest += (a.y[i] == 2) / (double)a.size;
  }
  expect_near(lowest, 0.3085, 0.05);
  expect_near(highest, 0.1587, 0.04);
  free_augmenter(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(factors_are_uniform),
      cmocka_unit_test(shifts_are_smoothed_noise),
      cmocka_unit_test(flips_half),
      cmocka_unit_test(erases_rectangles),
      cmocka_unit_test(erases_as_often_as_told),
      cmocka_unit_test(erases_with_noise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
