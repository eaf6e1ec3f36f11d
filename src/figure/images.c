/* Grids of images, all on one scale, and strips of cells. */
#include "base/memory.h"
#include "figure/canvas.h"
#include "figure/colors.h"
#include "figure/kinds.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Pixels: of all tiles side by side, of one tile at most, between tiles, around everything. */
enum { TILES_WIDTH = 640, LARGEST_TILE = 120, GAP = 6, MARGIN = 8 };

/* ---- Cells of an image -------------------------------------------------------------------------
 */

static ls_real value_at(const ls_figure_image *image, size_t i, size_t j, size_t k) {
  size_t channels = image->channels ? image->channels : 1;
  size_t pixel = image->pixel_stride ? image->pixel_stride : channels;
  size_t row = image->row_stride ? image->row_stride : pixel * image->width;
  return image->values[i * row + j * pixel + k];
}

/* The colour of one cell. A heat map lies over an image made pale, the denser the farther its value
 * is from the middle of its scale. */
static void cell_color(const ls_figure_grid *grid, const ls_figure_image *image, size_t i, size_t j,
                       unsigned char rgb[3]) {
  if (image->channels == 3) {
    for (size_t k = 0; k < 3; k++) {
      double share = color_share(&grid->scale, (double)value_at(image, i, j, k));
      rgb[k] = isnan(share) ? 255 : (unsigned char)lround(255 * share);
    }
  } else {
    color_of(&grid->scale, (double)value_at(image, i, j, 0), rgb);
  }
  if (!image->heat) return;
  double value = (double)image->heat[i * image->width + j];
  double share = color_share(&grid->heat, value);
  double density = isnan(share) ? 1 : fmin(1, 2.5 * fabs(2 * share - 1));
  unsigned char over[3];
  color_at(grid->heat.colors, share, over);
  for (int k = 0; k < 3; k++) {
    double under = 190 + 65.0 * rgb[k] / 255;
    rgb[k] = (unsigned char)lround(under + (over[k] - under) * density);
  }
}

static int draw_image(canvas *c, const ls_figure_grid *grid, const ls_figure_image *image,
                      ls_figure_box b) {
  unsigned char *rgb = ls_new(image->height * image->width, 3);
  if (!rgb) return LS_FAILED;
  for (size_t i = 0; i < image->height; i++) {
    for (size_t j = 0; j < image->width; j++) {
      cell_color(grid, image, i, j, rgb + 3 * (i * image->width + j));
    }
  }
  canvas_image(c, b, image->height, image->width, rgb);
  canvas_frame(c, b, 0xbbbbbb);
  free(rgb);
  return LS_OK;
}

/* ---- Grids -------------------------------------------------------------------------------------
 */

typedef struct layout {
  size_t columns, rows;
  double tile_width, tile_height;   /* of the largest image */
  double pitch_width, pitch_height; /* from one to the next */
  double left, top;                 /* of the first tile */
  double zoom;                      /* pixels of a cell */
} layout;

/* A little broader than high, and if it can be without empty places. */
static size_t suitable_columns(size_t count) {
  size_t columns = (size_t)ceil(sqrt(1.6 * (double)count));
  if (columns > 10) columns = 10;
  for (size_t k = 0; k <= 2; k++) {
    if (columns > k + 1 && count % (columns - k) == 0) return columns - k;
    if (count % (columns + k) == 0) return columns + k;
  }
  return columns;
}

static layout plan(const ls_figure_grid *grid) {
  layout l = {.columns = grid->columns ? grid->columns : suitable_columns(grid->count)};
  double width = 1, height = 1, caption_width = 0, label_width = 0;
  size_t caption_lines = 0;
  l.rows = (grid->count + l.columns - 1) / l.columns;
  for (size_t i = 0; i < grid->count; i++) {
    const ls_figure_image *image = &grid->images[i];
    width = fmax(width, (double)image->width);
    height = fmax(height, (double)image->height);
    if (!image->caption) continue;
    caption_width = fmax(caption_width, canvas_text_width(image->caption, SMALL));
    size_t lines = canvas_lines(image->caption);
    if (lines > caption_lines) caption_lines = lines;
  }
  double room = (double)TILES_WIDTH / (double)l.columns - GAP;
  l.zoom = fmin(fmin(room, LARGEST_TILE) / width, 2.0 * LARGEST_TILE / height);
  if (l.zoom > 1) l.zoom = floor(l.zoom);
  l.tile_width = width * l.zoom;
  l.tile_height = height * l.zoom;
  for (size_t j = 0; grid->column_labels && j < l.columns; j++) {
    caption_width = fmax(caption_width, canvas_text_width(grid->column_labels[j], SMALL));
  }
  for (size_t i = 0; grid->row_labels && i < l.rows; i++) {
    label_width = fmax(label_width, canvas_text_width(grid->row_labels[i], TEXT));
  }
  l.pitch_width = fmax(l.tile_width, caption_width) + GAP;
  l.pitch_height =
      l.tile_height + GAP + (double)caption_lines * SMALL_LINE + (caption_lines ? 4 : 0);
  l.left = MARGIN + label_width + (label_width > 0 ? GAP : 0);
  l.top = MARGIN + (grid->column_labels ? SMALL_LINE + 2 : 0) + (grid->column_title ? LINE : 0);
  return l;
}

static void draw_labels(canvas *c, const ls_figure_grid *grid, const layout *l) {
  double middle = l->left + ((double)l->columns * l->pitch_width - GAP) / 2;
  if (grid->column_title) {
    canvas_text(c, middle, MARGIN + LINE / 2.0, ANCHOR_CENTER, TEXT, grid->column_title);
  }
  for (size_t j = 0; grid->column_labels && j < l->columns; j++) {
    canvas_text(c, l->left + (double)j * l->pitch_width + (l->pitch_width - GAP) / 2,
                l->top - SMALL_LINE / 2.0 - 2, ANCHOR_CENTER, SMALL, grid->column_labels[j]);
  }
  for (size_t i = 0; grid->row_labels && i < l->rows; i++) {
    double lines = (double)canvas_lines(grid->row_labels[i]);
    double y = l->top + (double)i * l->pitch_height + l->tile_height / 2;
    canvas_text(c, l->left - GAP, y - (lines - 1) * LINE / 2, ANCHOR_RIGHT, TEXT,
                grid->row_labels[i]);
  }
}

static int draw_tiles(canvas *c, const ls_figure_grid *grid, const layout *l) {
  int status = LS_OK;
  for (size_t i = 0; i < grid->count && status == LS_OK; i++) {
    const ls_figure_image *image = &grid->images[i];
    if (!image->values) continue;
    double width = (double)image->width * l->zoom, height = (double)image->height * l->zoom;
    double middle =
        l->left + (double)(i % l->columns) * l->pitch_width + (l->pitch_width - GAP) / 2;
    double top = l->top + (double)(i / l->columns) * l->pitch_height;
    ls_figure_box b = {middle - width / 2, top + (l->tile_height - height) / 2, width, height};
    status = draw_image(c, grid, image, b);
    if (!image->caption) continue;
    canvas_text(c, middle, top + l->tile_height + 4 + SMALL_LINE / 2.0, ANCHOR_CENTER, SMALL,
                image->caption);
  }
  return status;
}

int figure_images(const char *path, const ls_figure_grid *grid) {
  layout l = plan(grid);
  const ls_figure_scale *scales[] = {&grid->scale, &grid->heat};
  double right = l.left + (double)l.columns * l.pitch_width - GAP;
  double inner = (double)l.rows * l.pitch_height - GAP, bar = inner < 300 ? inner : 300;
  for (int i = 0; i < 2; i++) {
    if (scales[i]->bar) bar = fmax(bar, canvas_bar_least(scales[i]));
  }
  canvas c = {0};
  draw_labels(&c, grid, &l);
  int status = draw_tiles(&c, grid, &l);
  for (int i = 0; i < 2; i++) {
    if (!scales[i]->bar) continue;
    canvas_bar(&c, right + 2 * GAP, l.top, bar, scales[i]);
    right += 2 * GAP + canvas_bar_width(scales[i]);
  }
  c.width = (int)ceil(right) + MARGIN;
  c.height = (int)ceil(l.top + fmax(inner, bar)) + MARGIN;
  if (status == LS_OK) return canvas_finish(&c, path, grid->title);
  canvas_free(&c);
  return status;
}

/* ---- Strips ------------------------------------------------------------------------------------
 */

enum { STRIP = 26, STRIP_GAP = 8, AXIS = 2 * LINE + 8 };

/* The numbers of the first, the last and some of the units between them. */
static void draw_unit_axis(canvas *c, ls_figure_box b, size_t count, const char *title) {
  double cell = b.width / (double)count, y = b.top + b.height + 4;
  size_t step = 1;
  for (size_t k = 0; (double)step * cell < 40 && step < count; k++) {
    static const size_t factors[] = {2, 5, 10};
    step = factors[k % 3];
    for (size_t p = 0; p < k / 3; p++) step *= 10;
  }
  for (size_t i = 0; i < count; i += step) {
    char text[24];
    double x = b.left + ((double)i + 0.5) * cell;
    snprintf(text, sizeof text, "%zu", i);
    canvas_line(c, x, y, x, y + 4, 0x444444);
    canvas_text(c, x, y + 6 + SMALL_LINE / 2.0, ANCHOR_CENTER, SMALL, text);
  }
  canvas_text(c, b.left + b.width / 2, y + 8 + SMALL_LINE + LINE / 2.0, ANCHOR_CENTER, TEXT, title);
}

int figure_strips(const char *path, const ls_figure_strips *figure) {
  const ls_figure_strip *strips = figure->strips;
  const ls_figure_scale *scale = &figure->scale;
  size_t count = figure->count;
  double label = 0, top = MARGIN, height = (double)count * (STRIP + STRIP_GAP) - STRIP_GAP;
  size_t most = 1;
  for (size_t i = 0; i < count; i++) {
    label = fmax(label, canvas_text_width(strips[i].label, TEXT));
    if (strips[i].count > most) most = strips[i].count;
  }
  canvas c = {0};
  double cell = (double)TILES_WIDTH / (double)most;
  if (cell > 24) cell = 24;
  if (cell > 1) cell = floor(cell);
  ls_figure_box b = {MARGIN + label + GAP, top, cell * (double)most, STRIP};
  ls_figure_grid grid = {.scale = *scale};
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    ls_figure_image image = {.values = strips[i].values, .height = 1, .width = strips[i].count};
    b.top = top + (double)i * (STRIP + STRIP_GAP);
    b.width = cell * (double)strips[i].count;
    status = draw_image(&c, &grid, &image, b);
    canvas_text(&c, b.left - GAP, b.top + STRIP / 2.0, ANCHOR_RIGHT, TEXT, strips[i].label);
  }
  b.width = cell * (double)most;
  draw_unit_axis(&c, b, most, figure->x_title);
  double right = b.left + b.width, bar = height, below = height + AXIS;
  if (scale->bar) {
    bar = fmax(bar, canvas_bar_least(scale));
    canvas_bar(&c, right + 2 * GAP, top, bar, scale);
    right += 2 * GAP + canvas_bar_width(scale);
    below = fmax(below, bar + 8);
  }
  c.width = (int)ceil(right) + MARGIN;
  c.height = (int)ceil(top + below) + MARGIN;
  if (status == LS_OK) return canvas_finish(&c, path, figure->title);
  canvas_free(&c);
  return status;
}
