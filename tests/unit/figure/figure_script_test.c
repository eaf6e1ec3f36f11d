/* Scripts for gnuplot: quoting, legends, colours; running them, and SVG in a page. */
#include "unit.h"

#include "figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t occurrences(const char *text, const char *part) {
  size_t count = 0;
  while ((text = strstr(text, part))) {
    text += strlen(part);
    count++;
  }
  return count;
}

static void strings_are_closed(void **state) {
  (void)state;
  ls_text text = {0};
  ls_figure_add_quoted(&text, "it's `x`\n...", 9);
  assert_string_equal(text.data, "\"it\\047s \\140x\\140\\134n\"");
  ls_text_free(&text);
}

static void tics_are_round(void **state) {
  (void)state;
  expect_near(ls_figure_tic_step(3), 1, 1e-15);
  expect_near(ls_figure_tic_step(0.0078), 0.002, 1e-17);
  expect_near(ls_figure_tic_step(1999), 500, 1e-12);
}

static void kinds_differ(void **state) {
  (void)state;
  for (size_t i = 0; i < 20; i++) {
    for (size_t k = 0; k < i; k++) {
      assert_false(ls_figure_color(i) == ls_figure_color(k) &&
                   ls_figure_point(i) == ls_figure_point(k));
    }
  }
  assert_int_equal(ls_figure_viridis(0), 0x440154);
  assert_int_equal(ls_figure_viridis(1), 0xfde725);
  assert_int_equal(ls_figure_viridis(-1), ls_figure_viridis(0));
  assert_int_equal(ls_figure_ordered_color(0, 1), ls_figure_viridis(0));
  assert_int_equal(ls_figure_ordered_color(4, 5), ls_figure_viridis(0.8));
  assert_int_equal(ls_figure_contrast(0x440154), 0xffffff);
  assert_int_equal(ls_figure_contrast(0xfde725), 0x000000);
}

/* A panel with a line, and a legend of `count` entries. */
static void make_plot(ls_plot *plot, int count) {
  *plot = (ls_plot){.title = "A <title> & more", .width = 300, .height = 200};
  assert_int_equal(ls_plot_begin(plot, 1), LS_OK);
  ls_plot_panel *panel = ls_plot_place(plot, 0, (ls_figure_box){0, 0, 300, 200}, 0);
  panel->x.title = "x < 1";
  panel->y = (ls_plot_axis){.title = "y", .units = "s"};
  ls_plot_style style = {0x102030, .width = 2, .point = 7, .size = 1};
  ls_plot_series *series = ls_plot_add(plot, panel, LS_PLOT_LINEPOINTS, &style, 2);
  ls_plot_row(series, 0, 0, 0);
  ls_plot_row(series, 1, 1, 0);
  for (int i = 0; i < count; i++) {
    char title[16];
    snprintf(title, sizeof title, "line's %d", i);
    ls_plot_legend(plot, title, &style, i % 2, true);
  }
}

static double height_of(const char *svg) {
  const char *at = strstr(svg, "height=\"");
  assert_non_null(at);
  return atof(at + strlen("height=\""));
}

/* However many there are. */
static void legends_are_whole(void **state) {
  (void)state;
  ls_plot plot;
  char *svg = NULL;
  make_plot(&plot, 40);
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_OK);
  assert_null(plot.memory.blocks);
  expect_near(height_of(svg), 200 + 20 * 21 + 8, 0); /* two columns */
  assert_int_equal(occurrences(svg, "<title>"), 1);
  assert_int_equal(occurrences(svg, "<title>A &lt;title&gt; &amp; more</title>"), 1);
  assert_int_equal(occurrences(svg, "<text>x &lt; 1</text>"), 1);
  assert_int_equal(occurrences(svg, "<text>y (s)</text>"), 1);
  for (int i = 0; i < 40; i++) {
    char text[32];
    snprintf(text, sizeof text, "<text>line's %d</text>", i);
    assert_int_equal(occurrences(svg, text), 1);
  }
  free(svg);
}

/* A long title takes several rows, and the legend one column. */
static void long_titles_are_folded(void **state) {
  (void)state;
  ls_plot plot;
  char *svg = NULL, title[200] = "";
  for (int i = 0; i < 24; i++) strcat(title, "several ");
  make_plot(&plot, 2);
  ls_plot_style style = {0};
  ls_plot_legend(&plot, title, &style, true, false);
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_OK);
  expect_near(height_of(svg), 200 + 5 * 21 + 8, 0);
  free(svg);
}

/* Matrices with names too long to stand side by side, one below the other, and their colour bar. */
static void matrices_are_whole(void **state) {
  (void)state;
  static const char *const names[] = {"a name of more than sixteen letters", "b"};
  static const char *const texts[] = {"one", "two", "three", "four"}, *const notes[] = {
                                                                          "five", "six", "seven",
                                                                          "eight"};
  static const double values[] = {0, 1, NAN, 0.5};
  ls_figure_matrix maps[2];
  for (size_t i = 0; i < 2; i++) {
    maps[i] = (ls_figure_matrix){.title = "title",
                                 .heading = i ? "second" : "first",
                                 .row_title = "rows",
                                 .column_title = "columns",
                                 .rows = 2,
                                 .columns = 2,
                                 .values = values,
                                 .row_names = names,
                                 .column_names = names,
                                 .texts = texts,
                                 .notes = notes,
                                 .framed = 4,
                                 .scale = {LS_FIGURE_VIRIDIS, 1, 1, 1, "bar"}};
  }
  char *svg = NULL;
  ls_plot plot = ls_figure_matrices(maps, 2);
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_OK);
  assert_int_equal(occurrences(svg, "<image "), 3);
  static const char *const once[] = {"first", "second", "columns", "bar"};
  for (size_t i = 0; i < 4; i++) {
    char text[64];
    snprintf(text, sizeof text, "<text>%s</text>", once[i]);
    assert_int_equal(occurrences(svg, text), 1);
    snprintf(text, sizeof text, "<text>%s</text>", texts[i]);
    assert_int_equal(occurrences(svg, text), 2);
    snprintf(text, sizeof text, "<text>%s</text>", notes[i]);
    assert_int_equal(occurrences(svg, text), 2);
  }
  assert_int_equal(occurrences(svg, names[0]), 3); /* of rows twice, of columns once */
  free(svg);
}

/* One row or column of cells, cells in colour, an empty place, and a scale without an end. */
static void images_are_whole(void **state) {
  (void)state;
  static const ls_real values[] = {0, 1, 0.5f, 1, 0, 1};
  const ls_figure_image images[] = {{.values = values, .height = 1, .width = 6, .caption = "x\ny"},
                                    {.height = 1, .width = 1},
                                    {.values = values, .height = 6, .width = 1},
                                    {.values = values, .height = 2, .width = 1, .channels = 3}};
  ls_figure_grid grid = {.title = "title",
                         .images = images,
                         .count = 4,
                         .columns = 2,
                         .scale = {LS_FIGURE_GREY, 0, INFINITY, 1, "bar"}};
  char *svg = NULL;
  ls_plot plot = ls_figure_images(&grid);
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_OK);
  assert_int_equal(occurrences(svg, "<image "), 4);
  assert_int_equal(occurrences(svg, "<text>x</text>"), 1);
  assert_int_equal(occurrences(svg, "<text>y</text>"), 1);
  free(svg);
}

/* Texts that mean something to gnuplot are drawn unchanged, in labels and as names of tics. */
static void texts_are_drawn_literally(void **state) {
  (void)state;
  static const char *const texts[] = {
      "20%",      "a%gb",   "100%% %s %T",     "it''s",     "'quoted'",     "'",         "`date`",
      "a{b}^2_c", "@x~{y}", "back\\slash \\n", "$p0_0 # c", "\u00e4\u2192", "{/Bold x}", "%"};
  enum { TEXTS = COUNT_OF(texts) };
  ls_plot plot;
  char *svg = NULL;
  make_plot(&plot, 0);
  plot.panels[0].x = (ls_plot_axis){.low = -1, .high = TEXTS, .labels = texts, .count = TEXTS};
  for (size_t i = 0; i < TEXTS; i++) {
    ls_plot_add_text(&plot, (ls_plot_text){10, 10, LS_PLOT_LEFT, .text = texts[i]});
  }
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_OK);
  for (size_t i = 0; i < TEXTS; i++) {
    ls_text element = {0};
    ls_text_add(&element, ">%s<", texts[i]);
    if (occurrences(svg, element.data) != 2) print_message("%s\n", texts[i]);
    assert_int_equal(occurrences(svg, element.data), 2);
    ls_text_free(&element);
  }
  free(svg);
}

/* Draws a line through two points; an axis whose range is to be chosen has low = high = 0. */
static char *drawn(const double points[2][2], ls_plot_axis x, ls_plot_axis y) {
  ls_plot plot = {.title = "title", .width = 600, .height = 300};
  char *svg = NULL;
  assert_int_equal(ls_plot_begin(&plot, 1), LS_OK);
  ls_plot_panel *panel = ls_plot_place(&plot, 0, (ls_figure_box){0, 0, 600, 300}, 0);
  panel->x = x;
  panel->y = y;
  ls_plot_style style = {0x102030, .width = 2, .point = 7, .size = 1};
  ls_plot_series *series = ls_plot_add(&plot, panel, LS_PLOT_LINEPOINTS, &style, 2);
  for (size_t i = 0; i < 2; i++) ls_plot_row(series, points[i][0], points[i][1], 0);
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_OK);
  return svg;
}

static void any_range_is_drawn(void **state) {
  (void)state;
  static const double points[][2][2] = {
      {{20260101001, 0.3}, {20260101003, 0.30000000001}},
      {{1, 5}, {1, 5}},
      {{0, 0}, {0, 0}},
      {{NAN, NAN}, {NAN, NAN}},
      {{-INFINITY, 1}, {INFINITY, INFINITY}},
      {{-1e308, 1e-308}, {1e308, 2e-308}},
      {{1e19, -1}, {1e19, 1e300}},
  };
  for (size_t i = 0; i < COUNT_OF(points); i++) {
    for (int log = 0; log < 2; log++) {
      const double(*p)[2] = points[i];
      free(drawn(p, (ls_plot_axis){.log = log}, (ls_plot_axis){.log = log}));
      free(drawn(p, (ls_plot_axis){.low = p[0][0], .high = p[1][0], .log = log},
                 (ls_plot_axis){.low = p[0][1], .high = p[1][1], .log = log}));
    }
  }
}

/* The labels of tics have the digits that distinguish them. */
static void tics_have_enough_digits(void **state) {
  (void)state;
  static const double seeds[2][2] = {{20260101001, 0}, {20260101003, 1}};
  ls_plot_axis x = {.low = 20260101000.9, .high = 20260101003.1, .step = 1};
  char *svg = drawn(seeds, x, (ls_plot_axis){0});
  for (int i = 1; i <= 3; i++) {
    char label[32];
    snprintf(label, sizeof label, ">2026010100%d<", i);
    assert_int_equal(occurrences(svg, label), 1);
  }
  free(svg);
}

static void files_are_both_there(void **state) {
  (void)state;
  char folder[] = "/tmp/lockstep-figure-XXXXXX", path[64], file[80];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.b", folder);
  ls_plot plot;
  make_plot(&plot, 2);
  assert_int_equal(ls_plot_write(path, &plot), LS_OK);
  static const char *const endings[] = {"svg", "png"}, *const starts[] = {"<?xml", "\x89PNG"};
  for (size_t i = 0; i < COUNT_OF(endings); i++) {
    char *text = NULL;
    snprintf(file, sizeof file, "%s.%s", path, endings[i]);
    assert_int_equal(ls_text_read_file(&text, NULL, file, 1 << 20), LS_OK);
    assert_memory_equal(text, starts[i], strlen(starts[i]));
    free(text);
    assert_int_equal(unlink(file), 0);
  }
  assert_int_equal(rmdir(folder), 0);
}

/* Failures are reported and leave nothing. */
static void failures_are_reported(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } cases[] = {
      {"plot nonsense\n", "gnuplot failed: line 2: undefined variable: nonsense"},
      {"", "gnuplot failed: it drew nothing"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char *svg = NULL;
    ls_figure_script script = {.width = 100, .height = 100};
    ls_text_add(&script.text, "%s", cases[i].text);
    assert_int_equal(ls_figure_svg(&svg, &script, "title"), LS_FAILED);
    assert_null(svg);
    ls_text_free(&script.text);
    assert_string_equal(ls_error_message(), cases[i].says);
  }
  ls_plot plot = {.title = "title", .width = 100, .height = 100};
  assert_int_equal(ls_plot_begin(&plot, SIZE_MAX), LS_FAILED);
  assert_int_equal(ls_plot_write("/tmp/no-such-folder/x", &plot), LS_FAILED);
}

/* Last, as it leaves no way to gnuplot. */
static void missing_gnuplot_is_an_error(void **state) {
  (void)state;
  char *svg = NULL;
  ls_plot plot;
  make_plot(&plot, 1);
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  assert_int_equal(ls_plot_svg(&svg, &plot), LS_FAILED);
  assert_null(svg);
  assert_non_null(strstr(ls_error_message(), "cannot run gnuplot"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(strings_are_closed),
      cmocka_unit_test(tics_are_round),
      cmocka_unit_test(kinds_differ),
      cmocka_unit_test(legends_are_whole),
      cmocka_unit_test(long_titles_are_folded),
      cmocka_unit_test(matrices_are_whole),
      cmocka_unit_test(images_are_whole),
      cmocka_unit_test(texts_are_drawn_literally),
      cmocka_unit_test(any_range_is_drawn),
      cmocka_unit_test(tics_have_enough_digits),
      cmocka_unit_test(files_are_both_there),
      cmocka_unit_test(failures_are_reported),
      cmocka_unit_test(missing_gnuplot_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
