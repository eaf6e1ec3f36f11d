/* Grids of images, all on one scale. */
#include "base/memory.h"
#include "figure/cells.h"
#include "figure/figure.h"
#include "lockstep/error.h"

#include <math.h>

/* Pixels: of all tiles side by side, of one tile at most; lines of text. */
enum { TILES_WIDTH = 640, LARGEST_TILE = 120, LINE = 17, SMALL_LINE = 14 };

/* ---- Cells of an image ---- */

static ls_real value_at(const ls_figure_image *image, size_t i, size_t j, size_t k) {
  size_t channels = image->channels ? image->channels : 1;
  size_t pixel = image->pixel_stride ? image->pixel_stride : channels;
  return image->values[(i * image->width + j) * pixel + k];
}

static int cell_color(const ls_figure_scale *scale, const ls_figure_image *image, size_t i,
                      size_t j) {
  if (image->channels != 3) return color_of(scale, (double)value_at(image, i, j, 0));
  int color = 0;
  for (size_t k = 0; k < 3; k++) {
    double share = color_share(scale, (double)value_at(image, i, j, k));
    color = color << 8 | (isnan(share) ? 255 : (int)lround(255 * share));
  }
  return color;
}

/* A heat map lies over an image made pale; its opacity increases with the distance from the middle
 * of its scale. */
static int overlaid(int color, const ls_figure_scale *heat, double value) {
  double share = color_share(heat, value);
  double density = isnan(share) ? 1 : fmin(1, 2.5 * fabs(2 * share - 1));
  int over = color_at(heat->colors, share), out = 0;
  for (int shift = 16; shift >= 0; shift -= 8) {
    double pale = 190 + 65.0 * (color >> shift & 255) / 255;
    out |= (int)lround(pale + ((over >> shift & 255) - pale) * density) << shift;
  }
  return out;
}

static void add_image(ls_plot *plot, ls_plot_panel *panel, const ls_figure_grid *grid,
                      const ls_figure_image *image) {
  int *colors = ls_memory_new(&plot->memory, image->height * image->width, sizeof *colors);
  for (size_t k = 0; colors && k < image->height * image->width; k++) {
    colors[k] = cell_color(&grid->scale, image, k / image->width, k % image->width);
    if (image->heat) colors[k] = overlaid(colors[k], &grid->heat, (double)image->heat[k]);
  }
  if (colors) cells_add(plot, panel, image->height, image->width, colors);
}

/* ---- Grids ---- */

typedef struct layout {
  size_t columns, rows;
  double tile_height;               /* of the largest image */
  double pitch_width, pitch_height; /* from one to the next */
  double left, top;                 /* of the first tile */
  double zoom;                      /* pixels of a cell */
} layout;

/* Chooses a grid a little wider than high, if possible without empty places. */
static size_t suitable_columns(size_t count) {
  size_t columns = (size_t)ceil(sqrt(1.6 * (double)count));
  if (columns > 10) columns = 10;
  for (size_t k = 0; k <= 2; k++) {
    if (columns > k + 1 && count % (columns - k) == 0) return columns - k;
    if (count % (columns + k) == 0) return columns + k;
  }
  return columns;
}

/* Sets the sizes of a place: of its tile, and with the room for captions and labels. */
static void plan_places(layout *l, const ls_figure_grid *grid) {
  double width = 1, height = 1, texts = 0;
  size_t lines = 0;
  for (size_t i = 0; i < grid->count; i++) {
    const ls_figure_image *image = &grid->images[i];
    width = fmax(width, (double)image->width);
    height = fmax(height, (double)image->height);
    if (!image->caption) continue;
    texts = fmax(texts, ls_plot_widest(&image->caption, 1, LS_PLOT_SMALL));
    if (ls_plot_lines(image->caption) > lines) lines = ls_plot_lines(image->caption);
  }
  double room = (double)TILES_WIDTH / (double)l->columns - CELLS_GAP;
  l->zoom = fmin(fmin(room, LARGEST_TILE) / width, 2.0 * LARGEST_TILE / height);
  if (l->zoom > 1) l->zoom = floor(l->zoom);
  l->tile_height = height * l->zoom;
  texts = fmax(texts, ls_plot_widest(grid->column_labels, l->columns, LS_PLOT_SMALL));
  l->pitch_width = fmax(width * l->zoom, texts) + CELLS_GAP;
  l->pitch_height = l->tile_height + CELLS_GAP + (double)lines * SMALL_LINE + (lines ? 4 : 0);
}

static layout plan(const ls_figure_grid *grid) {
  layout l = {.columns = grid->columns ? grid->columns : suitable_columns(grid->count)};
  l.rows = (grid->count + l.columns - 1) / l.columns;
  plan_places(&l, grid);
  double labels = ls_plot_widest(grid->row_labels, l.rows, LS_PLOT_TEXT);
  l.left = CELLS_MARGIN + labels + (labels > 0 ? CELLS_GAP : 0);
  l.top =
      CELLS_MARGIN + (grid->column_labels ? SMALL_LINE + 2 : 0) + (grid->column_title ? LINE : 0);
  return l;
}

static double middle_of_column(const layout *l, size_t column) {
  return l->left + (double)column * l->pitch_width + (l->pitch_width - CELLS_GAP) / 2;
}

static void add_labels(ls_plot *plot, const ls_figure_grid *grid, const layout *l) {
  double center = l->left + ((double)l->columns * l->pitch_width - CELLS_GAP) / 2;
  ls_plot_add_text(plot, (ls_plot_text){center, CELLS_MARGIN + LINE / 2.0, LS_PLOT_CENTER,
                                        .text = grid->column_title});
  for (size_t j = 0; grid->column_labels && j < l->columns; j++) {
    ls_plot_add_text(plot,
                     (ls_plot_text){middle_of_column(l, j), l->top - SMALL_LINE / 2.0 - 2,
                                    LS_PLOT_CENTER, LS_PLOT_SMALL, .text = grid->column_labels[j]});
  }
  for (size_t i = 0; grid->row_labels && i < l->rows; i++) {
    double up = ((double)ls_plot_lines(grid->row_labels[i]) - 1) * LINE / 2;
    double y = l->top + (double)i * l->pitch_height + l->tile_height / 2;
    ls_plot_add_text(plot, (ls_plot_text){l->left - CELLS_GAP, y - up, LS_PLOT_RIGHT,
                                          .text = grid->row_labels[i]});
  }
}

/* Adds the image of a place, with its caption below. */
static void add_tile(ls_plot *plot, ls_plot_panel *panel, const ls_figure_grid *grid,
                     const layout *l, size_t place) {
  const ls_figure_image *image = &grid->images[place];
  double width = (double)image->width * l->zoom, height = (double)image->height * l->zoom;
  double middle = middle_of_column(l, place % l->columns);
  double top = l->top + (double)(place / l->columns) * l->pitch_height;
  panel->frame =
      (ls_figure_box){middle - width / 2, top + (l->tile_height - height) / 2, width, height};
  add_image(plot, panel, grid, image);
  ls_plot_add_text(plot, (ls_plot_text){middle, top + l->tile_height + 4 + SMALL_LINE / 2.0,
                                        LS_PLOT_CENTER, LS_PLOT_SMALL, .text = image->caption});
}

ls_plot ls_figure_images(const ls_figure_grid *grid) {
  ls_plot plot = {.title = grid->title};
  if (ls_plot_begin(&plot, grid->count + 2) != LS_OK) return plot;
  layout l = plan(grid);
  ls_figure_box content = {l.left, l.top, (double)l.columns * l.pitch_width - CELLS_GAP,
                           (double)l.rows * l.pitch_height - CELLS_GAP};
  ls_plot_panel *next = plot.panels;
  add_labels(&plot, grid, &l);
  for (size_t i = 0; i < grid->count; i++) {
    if (grid->images[i].values) add_tile(&plot, next++, grid, &l, i);
  }
  cells_finish(&plot, next, content, content.height,
               (const ls_figure_scale *[]){&grid->scale, &grid->heat}, 2);
  return plot;
}
