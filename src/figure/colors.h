/* Colours of numbers along a scale; those of kinds are in gnuplot.h. Pure. */
#ifndef LS_FIGURE_COLORS_H
#define LS_FIGURE_COLORS_H

#include "figure/figure.h"
#include "figure/gnuplot.h"

/* The colour of a value, red, green and blue up to 255. */
void color_of(const ls_figure_scale *scale, double value, unsigned char rgb[3]);

/* The same of a place on the scale, 0 for low to 1 for high. */
void color_at(ls_figure_colors colors, double share, unsigned char rgb[3]);

/* Where a value is on the scale, 0 to 1, as its colour says. NaN stays NaN. */
double color_share(const ls_figure_scale *scale, double value);

/* As a number, 0xRRGGBB. */
int color_number(const unsigned char rgb[3]);

#endif
