/* Strokes of the ten handwritten digits. Plain data. */
#ifndef LS_PREPARE_GLYPHS_H
#define LS_PREPARE_GLYPHS_H

#include <stdint.h>

/* A glyph is a list of control points x, y from (1, 1), top left, to (100, 100), that a pen follows
 * in smooth curves (from one point to another alone: a straight line), and of the codes below. */
enum {
  LS_PEN_END = 0,     /* the glyph is finished; a style that begins with it is absent */
  LS_PEN_CORNER = -1, /* a sharp turn at the last point */
  LS_PEN_LIFT = -2,   /* go to the next point without drawing */
};

enum { LS_GLYPH_STYLES = 3, LS_GLYPH_LENGTH = 24 };

/* The ways to write each digit: at least one, the missing ones last. */
extern const int8_t ls_glyphs[10][LS_GLYPH_STYLES][LS_GLYPH_LENGTH];

#endif
