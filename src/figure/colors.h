/* Colours: of numbers along a scale, and of kinds. Pure. */
#ifndef LS_FIGURE_COLORS_H
#define LS_FIGURE_COLORS_H

#include "lockstep/figure.h"

/* The colour of a value, red, green and blue up to 255. */
void color_of(const ls_figure_scale *scale, double value, unsigned char rgb[3]);

/* The same of a place on the scale, 0 for low to 1 for high. */
void color_at(ls_figure_colors colors, double share, unsigned char rgb[3]);

/* Where a value is on the scale, 0 to 1, as its colour says. NaN stays NaN. */
double color_share(const ls_figure_scale *scale, double value);

/* Black or white, whichever can be read on that colour. */
const char *color_contrast(const unsigned char rgb[3]);

/* "rrggbb" and gnuplot's point type of kind `i`; twenty kinds differ in both together. */
const char *color_kind(size_t i);
int color_point(size_t i);

#endif
