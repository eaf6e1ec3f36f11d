/* Colours, as numbers 0xRRGGBB: of values along a scale, and of kinds. Pure. */
#ifndef LS_FIGURE_COLORS_H
#define LS_FIGURE_COLORS_H

#include <stddef.h>

/* From `low` to `high` of a scale. */
typedef enum ls_figure_colors {
  LS_FIGURE_GREY,      /* black to white: images as they are stored */
  LS_FIGURE_VIRIDIS,   /* dark blue over green to yellow */
  LS_FIGURE_BLUES,     /* white to dark blue */
  LS_FIGURE_DIVERGING, /* blue over white to orange: values with a sign, low = -high */
} ls_figure_colors;

typedef struct ls_figure_scale {
  ls_figure_colors colors;
  double low, high; /* values beyond are drawn as these; NaN is drawn magenta */
  double power;     /* the fraction of the range to this power selects the colour; 0 is 1 */
  const char *bar;  /* title of the colour bar; NULL: none is drawn */
} ls_figure_scale;

/* Position of a value on a scale, from 0 to 1, after its power. NaN stays NaN. */
double color_share(const ls_figure_scale *scale, double value);

/* The colour of a position from 0 to 1, and of a value. */
int color_at(ls_figure_colors colors, double share);
int color_of(const ls_figure_scale *scale, double value);

/* The map viridis, which gets steadily lighter from 0 to 1. */
int ls_figure_viridis(double at);

/* Of line or kind `i`, from the palette of Okabe and Ito; of line `i` of `count` that have an
 * order, along viridis, dark to light. */
int ls_figure_color(size_t i);
int ls_figure_ordered_color(size_t i, size_t count);

/* The shape of points of kind `i`: colour and shape together distinguish twenty kinds. */
int ls_figure_point(size_t i);

/* Black or white, whichever is easier to read on that colour. */
int ls_figure_contrast(int color);

#endif
