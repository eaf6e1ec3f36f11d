/* Colours: of numbers along a scale, and of kinds. Viridis is matplotlib's, at every sixteenth; the
 * colours of kinds are those of Okabe and Ito, "Color universal design" (2008), its yellow made
 * darker to be seen on white, and two of Tol's. */
#include "figure/colors.h"

#include <math.h>

typedef unsigned char rgb_t[3];

static const rgb_t grey[] = {{0, 0, 0}, {255, 255, 255}};
static const rgb_t viridis[] = {{68, 1, 84},    {72, 26, 108},  {71, 47, 125},  {65, 68, 135},
                                {57, 86, 140},  {49, 104, 142}, {42, 120, 142}, {35, 136, 142},
                                {31, 152, 139}, {34, 168, 132}, {53, 183, 121}, {84, 197, 104},
                                {122, 209, 81}, {165, 219, 54}, {210, 226, 27}, {253, 231, 37}};
/* White to the blue of Okabe and Ito, and on to nearly black. */
static const rgb_t blues[] = {
    {255, 255, 255}, {166, 206, 232}, {77, 156, 205}, {0, 114, 178}, {0, 62, 110}};
static const rgb_t diverging[] = {{0, 62, 110},    {0, 114, 178}, {128, 184, 216}, {255, 255, 255},
                                  {234, 174, 128}, {213, 94, 0},  {130, 50, 0}};

typedef struct map {
  const rgb_t *colors;
  size_t count;
} map;

#define MAP(colors)                                                                                \
  { colors, sizeof(colors) / sizeof *(colors) }

static const map maps[] = {
    [LS_FIGURE_GREY] = MAP(grey),
    [LS_FIGURE_VIRIDIS] = MAP(viridis),
    [LS_FIGURE_BLUES] = MAP(blues),
    [LS_FIGURE_DIVERGING] = MAP(diverging),
};

double color_share(const ls_figure_scale *scale, double value) {
  double share = (value - scale->low) / (scale->high - scale->low);
  if (isnan(value)) return value;
  if (!(share > 0)) return 0; /* a scale of no length as well */
  if (share > 1) share = 1;
  return scale->power > 0 ? pow(share, scale->power) : share;
}

int color_at(ls_figure_colors colors, double share) {
  if (isnan(share)) return 0xcc00cc;
  const map *m = &maps[colors];
  double at = share * (double)(m->count - 1);
  size_t low = at < (double)(m->count - 2) ? (size_t)at : m->count - 2;
  int color = 0;
  for (int k = 0; k < 3; k++) {
    double from = m->colors[low][k], to = m->colors[low + 1][k];
    color = color << 8 | (int)lround(from + (to - from) * (at - (double)low));
  }
  return color;
}

int color_of(const ls_figure_scale *scale, double value) {
  return color_at(scale->colors, color_share(scale, value));
}

int ls_figure_viridis(double at) {
  return color_at(LS_FIGURE_VIRIDIS, fmin(fmax(at, 0), 1));
}

int ls_figure_color(size_t i) {
  static const int kinds[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00,
                              0x56b4e9, 0x000000, 0xb8a800, 0x882255, 0x888888};
  return kinds[i % (sizeof kinds / sizeof *kinds)];
}

int ls_figure_ordered_color(size_t i, size_t count) {
  /* Up to 0.8: the yellow end is hard to see on white. */
  return ls_figure_viridis(count > 1 ? 0.8 * (double)i / (double)(count - 1) : 0);
}

int ls_figure_point(size_t i) {
  /* Filled and open shapes in turn: circle, square, triangle, diamond, inverted triangle; then a
   * plus, a cross, a star. The second ten begin with another one. */
  static const int types[] = {7, 4, 9, 12, 5, 6, 11, 8, 13, 10, 2, 1, 3};
  return types[(i + i / 10) % (sizeof types / sizeof *types)];
}

int ls_figure_contrast(int color) {
  int red = color >> 16, green = color >> 8 & 255, blue = color & 255;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 105 ? 0x000000 : 0xffffff;
}
