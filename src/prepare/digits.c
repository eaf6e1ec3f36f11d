/* Drawing generated digits. Only operations that IEEE 754 rounds exactly are used (no sines), so
 * images are the same on every machine. */
#include "prepare/digits.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "prepare/draws.h"
#include "prepare/glyphs.h"

#include <math.h>

enum {
  SIDE = LS_DIGITS_SIDE,
  PIXELS = SIDE * SIDE,
  CURVE_STEPS = 6,  /* straight pieces between two control points */
  LABEL_STREAM = 0, /* `layer` of the random streams */
  SHAPE_STREAM = 1,
  NOISE_STREAM = 2,
};

static size_t draw_below(draws *d, size_t bound) {
  return (size_t)draw(d, 0, (float)bound);
}

typedef struct point {
  float x, y; /* in pixels from the top left */
} point;

/* Ink on paper, 0 to 1. */
typedef struct canvas {
  float ink[PIXELS];
} canvas;

static float clamp(float value, float low, float high) {
  return fminf(fmaxf(value, low), high);
}

/* Draws a line with round ends: full strength within the radius, fading over the next pixel.
 * Overlapping lines don't add. */
static void ink_line(canvas *paper, point a, point b, float radius, float strength) {
  float dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy, reach = radius + 1;
  int left = (int)clamp(floorf(fminf(a.x, b.x) - reach), 0, SIDE);
  int right = (int)clamp(ceilf(fmaxf(a.x, b.x) + reach), 0, SIDE);
  int top = (int)clamp(floorf(fminf(a.y, b.y) - reach), 0, SIDE);
  int bottom = (int)clamp(ceilf(fmaxf(a.y, b.y) + reach), 0, SIDE);
  for (int row = top; row < bottom; row++) {
    for (int column = left; column < right; column++) {
      float px = (float)column + 0.5f - a.x, py = (float)row + 0.5f - a.y;
      float along = length2 > 0 ? clamp((px * dx + py * dy) / length2, 0, 1) : 0;
      float ex = px - along * dx, ey = py - along * dy;
      float ink = strength * clamp(reach - sqrtf(ex * ex + ey * ey), 0, 1);
      float *pixel = &paper->ink[row * SIDE + column];
      if (ink > *pixel) *pixel = ink;
    }
  }
}

/* A point of the Catmull-Rom curve from `b` to `c` at t in [0, 1]; `a` and `d` are the control
 * points before and after. */
static float curve(float a, float b, float c, float d, float t) {
  return 0.5f * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t +
                 (3 * b - a - 3 * c + d) * t * t * t);
}

static void ink_stroke(canvas *paper, const point *points, size_t count, float radius,
                       float strength) {
  for (size_t i = 0; i + 1 < count; i++) {
    point b = points[i], c = points[i + 1];
    point a = i > 0 ? points[i - 1] : b, d = i + 2 < count ? points[i + 2] : c;
    point from = b;
    int steps = count > 2 ? CURVE_STEPS : 1;
    for (int step = 1; step <= steps; step++) {
      float t = (float)step / (float)steps;
      point to = {curve(a.x, b.x, c.x, d.x, t), curve(a.y, b.y, c.y, d.y, t)};
      ink_line(paper, from, to, radius, strength);
      from = to;
    }
  }
}

/* The style of one image: the map from the glyph's coordinates to the image's. */
typedef struct hand {
  float width, height, slant;
  float sine, cosine; /* of the angle by which the whole is turned */
  float middle_x, middle_y;
  float wobble; /* random deviation of the pen, as a fraction of the size */
  float radius, strength;
} hand;

static hand draw_hand(draws *d) {
  hand h = {.height = draw(d, 15, 21)};
  h.width = h.height * draw(d, 0.45f, 0.85f);
  h.slant = draw(d, -0.15f, 0.45f);
  float half = draw(d, -0.11f, 0.11f); /* tangent of half the angle */
  h.sine = 2 * half / (1 + half * half);
  h.cosine = (1 - half * half) / (1 + half * half);
  float room = (SIDE - h.height) / 2; /* so the larger the digit, the nearer to the middle */
  h.middle_x = SIDE / 2.0f + room * draw(d, -0.4f, 0.4f);
  h.middle_y = SIDE / 2.0f + room * draw(d, -0.4f, 0.4f);
  h.wobble = draw(d, 0.02f, 0.09f);
  h.radius = draw(d, 0.3f, 1.5f);
  h.strength = draw(d, 0.65f, 1);
  return h;
}

static point place(const hand *h, int8_t glyph_x, int8_t glyph_y, draws *d) {
  float x = ((float)glyph_x / 100 - 0.5f + draw(d, -h->wobble, h->wobble)) * h->width;
  float y = ((float)glyph_y / 100 - 0.5f + draw(d, -h->wobble, h->wobble)) * h->height;
  x -= h->slant * y;
  return (point){h->middle_x + h->cosine * x - h->sine * y,
                 h->middle_y + h->sine * x + h->cosine * y};
}

/* Follows the pen. Strokes that meet in a corner share its point, wobble and all. */
static void ink_glyph(canvas *paper, const int8_t *glyph, const hand *h, draws *d) {
  point stroke[LS_GLYPH_LENGTH / 2];
  size_t count = 0;
  for (const int8_t *code = glyph;;) {
    if (*code > 0) {
      stroke[count++] = place(h, code[0], code[1], d);
      code += 2;
      continue;
    }
    ink_stroke(paper, stroke, count, h->radius, h->strength);
    if (*code == LS_PEN_END) break;
    if (*code == LS_PEN_CORNER) stroke[0] = stroke[count - 1];
    count = *code == LS_PEN_CORNER ? 1 : 0;
    code++;
  }
}

static const int8_t *draw_style(size_t digit, draws *d) {
  size_t styles = 0;
  while (styles < LS_GLYPH_STYLES && ls_glyphs[digit][styles][0] != LS_PEN_END) styles++;
  return ls_glyphs[digit][draw_below(d, styles)];
}

static point draw_point(draws *d) {
  float x = draw(d, 0, SIDE);
  float y = draw(d, 0, SIDE);
  return (point){x, y};
}

/* Random dots, and sometimes a short line. */
static void ink_litter(canvas *paper, draws *d) {
  size_t specks = draw_below(d, 4);
  for (size_t i = 0; i < specks; i++) {
    point at = draw_point(d);
    float radius = draw(d, -0.2f, 0.4f);
    ink_line(paper, at, at, radius, draw(d, 0.3f, 0.9f));
  }
  if (draw(d, 0, 1) < 0.25f) {
    point from = draw_point(d);
    point to = draw_point(d);
    to.x = from.x + 0.25f * (to.x - from.x);
    to.y = from.y + 0.25f * (to.y - from.y);
    float radius = draw(d, 0, 0.5f);
    ink_line(paper, from, to, radius, draw(d, 0.3f, 0.8f));
  }
}

static void draw_digit(uint8_t *pixels, size_t digit, ls_stream stream) {
  stream.layer = SHAPE_STREAM;
  draws d = draws_of(stream);
  ls_real noise[PIXELS];
  stream.layer = NOISE_STREAM;
  ls_random_uniform(stream, 0, PIXELS, noise);

  canvas paper = {{0}};
  const int8_t *glyph = draw_style(digit, &d);
  hand h = draw_hand(&d);
  ink_glyph(&paper, glyph, &h, &d);
  ink_litter(&paper, &d);
  float grain = draw(&d, 0, 0.3f);
  for (size_t i = 0; i < PIXELS; i++) {
    float ink = paper.ink[i] + grain * ((float)noise[i] - 0.5f);
    pixels[i] = (uint8_t)(255 * clamp(ink, 0, 1) + 0.5f);
  }
}

int ls_digits_draw(ls_image_set *set, uint64_t seed, uint32_t which, size_t count) {
  *set = (ls_image_set){.count = count, .height = SIDE, .width = SIDE, .channels = 1};
  set->pixels = ls_new(count, PIXELS);
  set->labels = ls_new(count, 1);
  if (!set->pixels || !set->labels) {
    ls_image_set_clear(set);
    return LS_FAILED;
  }
  ls_stream stream = {.seed = seed, .purpose = LS_RANDOM_GENERATOR, .epoch = which};
  uint32_t order[10];
  for (size_t i = 0; i < count; i++) {
    if (i % 10 == 0) {
      stream.layer = LABEL_STREAM;
      stream.sample = (uint32_t)(i / 10);
      ls_random_permutation(stream, 10, order);
    }
    set->labels[i] = (uint8_t)order[i % 10];
    stream.sample = (uint32_t)i;
    draw_digit(set->pixels + i * PIXELS, set->labels[i], stream);
  }
  return LS_OK;
}
