/* How well classes are separated: against scikit-learn and SciPy, and by hand. */
#include "reference.h"

/* The first two components of embed.txt, and each class's own points. */
typedef struct plane {
  double y[2 * SAMPLES], points[CLASSES][2 * SAMPLES];
  int32_t labels[SAMPLES];
  size_t counts[CLASSES];
} plane;

static plane read_plane(void) {
  plane p = {.counts = {0}};
  double *scores = read_table("scores", SAMPLES, 3), *labels = read_table("labels", 1, SAMPLES);
  for (size_t i = 0; i < SAMPLES; i++) {
    p.labels[i] = (int32_t)labels[i];
    size_t at = p.counts[p.labels[i]]++;
    for (size_t c = 0; c < 2; c++) {
      p.y[2 * i + c] = scores[3 * i + c];
      p.points[p.labels[i]][2 * at + c] = scores[3 * i + c];
    }
  }
  free(scores);
  free(labels);
  return p;
}

static void distances_say_what_they_should(void **state) {
  (void)state;
  plane p = read_plane();
  double *hits = read_table("hits", 1, 3), *silhouette = read_table("silhouette", 1, 1);
  const size_t k[] = {1, 6, 20};
  for (size_t i = 0; i < COUNT_OF(k); i++) {
    expect_near(ls_neighbouring_hit(SAMPLES, p.y, p.labels, k[i]), hits[i], 1e-8);
  }
  expect_near(ls_silhouette(SAMPLES, p.y, p.labels, CLASSES), *silhouette, 1e-8);
  expect_near(ls_silhouette(SAMPLES, p.y, p.labels, CLASSES + 1), *silhouette, 1e-8);
  free(hits);
  free(silhouette);
}

static void hulls_and_ellipses_are_as_in_scipy(void **state) {
  (void)state;
  plane p = read_plane();
  double *sizes = read_table("hull_sizes", 1, CLASSES);
  double *areas = read_table("hull_areas", 1, CLASSES);
  double *overlaps = read_table("hull_overlaps", CLASSES, CLASSES);
  double *ellipses = read_table("ellipses", CLASSES, 6);
  double *shared = read_table("ellipse_overlaps", CLASSES, CLASSES);
  double hulls[CLASSES][2 * SAMPLES], outlines[CLASSES][2 * LS_ELLIPSE_POINTS], area = 0;
  size_t counts[CLASSES];
  for (size_t c = 0; c < CLASSES; c++) {
    assert_int_equal(ls_convex_hull(p.counts[c], p.points[c], hulls[c], &counts[c]), LS_OK);
    assert_int_equal(counts[c], (size_t)sizes[c]);
    expect_near(ls_polygon_area(counts[c], hulls[c]), areas[c], 1e-6);
    ls_ellipse e = ls_ellipse_fit(p.counts[c], p.points[c]);
    const double found[] = {e.center[0],    e.center[1], e.half_axes[0],
                            e.half_axes[1], e.angle,     e.area};
    expect_all_near(6, found, ellipses + 6 * c, 1e-6);
    ls_ellipse_polygon(&e, outlines[c]);
    expect_near(ls_polygon_area(LS_ELLIPSE_POINTS, outlines[c]), e.area, 1e-9);
  }
  for (size_t k = 0; k < CLASSES * CLASSES; k++) {
    size_t a = k / CLASSES, b = k % CLASSES;
    assert_int_equal(ls_polygon_overlap(counts[a], hulls[a], counts[b], hulls[b], &area), LS_OK);
    expect_near(area, overlaps[k], 1e-6);
    ls_polygon_overlap(LS_ELLIPSE_POINTS, outlines[a], LS_ELLIPSE_POINTS, outlines[b], &area);
    expect_near(area, shared[k], 2e-3);
  }
  double *const all[] = {sizes, areas, overlaps, ellipses, shared};
  for (size_t i = 0; i < COUNT_OF(all); i++) free(all[i]);
}

static void squares_overlap(void **state) {
  (void)state;
  const double square[] = {0, 0, 2, 0, 2, 2, 0, 2}, inside[] = {0.5, 0.5, 1, 0.5, 1, 1, 0.5, 1};
  const double corner[] = {1, 1, 3, 1, 3, 3, 1, 3}, beside[] = {2, 0, 3, 0, 3, 2, 2, 2};
  const double far[] = {5, 5, 6, 5, 6, 6}, lost[] = {0, 0, 1, 0, NAN, 1};
  const struct {
    const double *points;
    size_t count;
    double area;
  } others[] = {{square, 4, 4}, {inside, 4, 0.25}, {corner, 4, 1}, {beside, 4, 0}, {far, 3, 0}};
  double area = 0;
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    assert_int_equal(ls_polygon_overlap(4, square, others[i].count, others[i].points, &area),
                     LS_OK);
    expect_near(area, others[i].area, 1e-15);
    assert_int_equal(ls_polygon_overlap(others[i].count, others[i].points, 4, square, &area),
                     LS_OK);
    expect_near(area, others[i].area, 1e-15);
  }
  ls_polygon_overlap(4, square, 3, lost, &area);
  assert_true(isnan(area));
  ls_polygon_overlap(4, square, 2, square, &area);
  assert_true(isnan(area));
}

static void too_few_points(void **state) {
  (void)state;
  const double line[] = {0, 0, 1, 1, 2, 2, 3, 3}, wild[] = {0, 0, 1, NAN, 1, 0};
  double vertices[8];
  size_t count = 9;
  for (size_t n = 0; n <= 4; n++) {
    assert_int_equal(ls_convex_hull(n, line, vertices, &count), LS_OK);
    assert_int_equal(count, 0);
  }
  assert_int_equal(ls_convex_hull(3, wild, vertices, &count), LS_OK);
  assert_int_equal(count, 0);
  assert_true(isnan(ls_polygon_area(2, line)));
  assert_true(isnan(ls_ellipse_fit(2, line).area));
  ls_ellipse flat = ls_ellipse_fit(4, line);
  expect_near(flat.angle, atan(1), 1e-12);
  expect_near(flat.half_axes[0], sqrt(5.991464547 * 10 / 3), 1e-8);
  expect_near(flat.area, 0, 1e-6);
}

static void few_classes(void **state) {
  (void)state;
  const double y[] = {0, 0, 1, 0, 0, 1, 5, 5};
  const int32_t one[] = {0, 0, 0, 0}, each[] = {0, 1, 2, 3}, single[] = {0, 0, 0, 1};
  assert_true(isnan(ls_silhouette(4, y, one, 1)));
  assert_true(isnan(ls_silhouette(4, y, each, 4)));
  /* By hand: the distances within and between of the first three points; the fourth is alone. */
  double near = (1 - 1 / sqrt(50)), side = 1 - (1 + sqrt(2)) / 2 / sqrt(41);
  expect_near(ls_silhouette(4, y, single, 2), (near + 2 * side) / 4, 1e-12);
  expect_near(ls_neighbouring_hit(4, y, single, 1), 0.75, 0);
  expect_near(ls_neighbouring_hit(4, y, single, 3), 0.5, 0);
  assert_true(isnan(ls_neighbouring_hit(4, y, single, 4)));
  assert_true(isnan(ls_neighbouring_hit(4, y, single, 0)));
}

static void what_is_no_number_stays_none(void **state) {
  (void)state;
  const double y[] = {0, 0, 1, NAN, 0, 1, 5, 5};
  const int32_t labels[] = {0, 0, 1, 1};
  assert_true(isnan(ls_neighbouring_hit(4, y, labels, 1)));
  assert_true(isnan(ls_silhouette(4, y, labels, 2)));
  assert_true(isnan(ls_ellipse_fit(4, y).area));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_say_what_they_should),
      cmocka_unit_test(hulls_and_ellipses_are_as_in_scipy),
      cmocka_unit_test(squares_overlap),
      cmocka_unit_test(too_few_points),
      cmocka_unit_test(few_classes),
      cmocka_unit_test(what_is_no_number_stays_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
