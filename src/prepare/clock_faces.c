/* Drawing clock faces. Shapes are distance functions in the coordinates of the dial (radius 1, y
 * points down), from which the coverage of each pixel follows; a projective map gives the position
 * of a pixel on the dial. Only operations that IEEE 754 rounds exactly are used
 * (no sines), so images are the same on every machine. */
#include "prepare/clock_faces.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "prepare/draws.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
  TURN = 720,       /* angles are in half degrees, clockwise from 12 */
  TIME_STREAM = 10, /* `layer` of the random streams; digits have those below */
  SHAPE_STREAM = 11,
  NOISE_STREAM = 12,
};

typedef struct point {
  float x, y;
} point;

/* How the dial is seen: x = middle.x + stretch.x u / (1 + tilt.x u + tilt.y v), y likewise, in
 * pixels. */
typedef struct view {
  point middle, stretch, tilt;
} view;

/* What all images need for drawing. */
typedef struct canvas {
  int size;
  float *shade;      /* [pixel], 0 black to 1 white */
  point *positions;  /* [pixel], where it is on the dial */
  ls_real *noise;    /* [pixel] */
  point units[TURN]; /* directions on the dial */
  view view;
  float scale; /* pixels of one unit, about */
} canvas;

/* fminf and fmaxf would be calls. */
static float lesser(float a, float b) {
  return a < b ? a : b;
}

static float greater(float a, float b) {
  return a > b ? a : b;
}

static float clamp(float value, float low, float high) {
  return lesser(greater(value, low), high);
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

/* Paints a pixel that lies `distance` (on the dial; negative: inside) from the edge of a shape. */
static void paint(const canvas *e, int pixel, float distance, float level) {
  float share = clamp(0.5f - distance * e->scale, 0, 1);
  e->shade[pixel] += share * (level - e->shade[pixel]);
}

static point project(const canvas *e, point p) {
  const view *v = &e->view;
  float depth = 1 + v->tilt.x * p.x + v->tilt.y * p.y;
  return (point){v->middle.x + v->stretch.x * p.x / depth,
                 v->middle.y + v->stretch.y * p.y / depth};
}

/* The inverse of `project` for the middle of every pixel. */
static void find_positions(canvas *e) {
  const view *v = &e->view;
  for (int row = 0; row < e->size; row++) {
    for (int column = 0; column < e->size; column++) {
      float x = ((float)column + 0.5f - v->middle.x) / v->stretch.x;
      float y = ((float)row + 0.5f - v->middle.y) / v->stretch.y;
      float depth = 1 / (1 - v->tilt.x * x - v->tilt.y * y);
      e->positions[row * e->size + column] = (point){x * depth, y * depth};
    }
  }
}

/* A ring about the middle; a disc if `inner` is negative. */
static void paint_ring(const canvas *e, float inner, float outer, float level) {
  for (int i = 0; i < e->size * e->size; i++) {
    float radius =
        sqrtf(e->positions[i].x * e->positions[i].x + e->positions[i].y * e->positions[i].y);
    paint(e, i, greater(inner - radius, radius - outer), level);
  }
}

/* A line from a to b with round ends, of a radius at either end. */
static void paint_line(const canvas *e, point a, point b, float radius_a, float radius_b,
                       float level) {
  point from = project(e, a), to = project(e, b);
  float reach = 1.5f * greater(radius_a, radius_b) * e->scale + 2, size = (float)e->size;
  int left = (int)clamp(lesser(from.x, to.x) - reach, 0, size);
  int right = (int)clamp(greater(from.x, to.x) + reach, 0, size);
  int top = (int)clamp(lesser(from.y, to.y) - reach, 0, size);
  int bottom = (int)clamp(greater(from.y, to.y) + reach, 0, size);
  float dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  for (int row = top; row < bottom; row++) {
    for (int column = left; column < right; column++) {
      int pixel = row * e->size + column;
      float px = e->positions[pixel].x - a.x, py = e->positions[pixel].y - a.y;
      float along = clamp((px * dx + py * dy) / length2, 0, 1);
      float ex = px - along * dx, ey = py - along * dy;
      float radius = radius_a + along * (radius_b - radius_a);
      paint(e, pixel, sqrtf(ex * ex + ey * ey) - radius, level);
    }
  }
}

/* The same along the direction of an angle, between two distances from the middle. */
static void paint_radial(const canvas *e, int angle, float inner, float outer, float radius_inner,
                         float radius_outer, float level) {
  point unit = e->units[(angle % TURN + TURN) % TURN];
  point a = {inner * unit.x, inner * unit.y}, b = {outer * unit.x, outer * unit.y};
  paint_line(e, a, b, radius_inner, radius_outer, level);
}

/* ---- A clock --------------------------------------------------------------------------------- */

/* The wall: grey, lighter on one side. */
static void paint_wall(const canvas *e, draws *d) {
  float level = draw(d, 0.2f, 0.8f), size = (float)e->size;
  float slope_x = draw(d, -0.15f, 0.15f), slope_y = draw(d, -0.15f, 0.15f);
  for (int i = 0; i < e->size * e->size; i++) {
    float x = (float)(i % e->size) / size - 0.5f, y = (float)(i / e->size) / size - 0.5f;
    e->shade[i] = level + slope_x * x + slope_y * y;
  }
}

static void paint_dial(const canvas *e, int turned, float ink, draws *d) {
  float rim = draw(d, 0.02f, 0.06f);
  float rim_level = draw(d, 0, 0.45f);
  paint_ring(e, -1, 1, draw(d, 0.7f, 1));
  paint_ring(e, 1 - rim, 1 + rim, rim_level);
  float hour_width = draw(d, 0.014f, 0.024f), outer = 0.94f - rim;
  for (int minute = 0; minute < 60; minute++) {
    bool hour = minute % 5 == 0;
    float length = hour ? 0.12f : 0.05f, width = hour ? hour_width : 0.007f;
    if (minute == 0) continue;
    paint_radial(e, turned + 12 * minute, outer - length, outer, width, width, ink);
  }
  paint_radial(e, turned, outer - 0.14f, outer - 0.03f, 0.008f, 0.055f, ink);
}

static void paint_hands(const canvas *e, int turned, uint32_t time, float ink, draws *d) {
  float hour_length = draw(d, 0.45f, 0.58f);
  float hour_width = draw(d, 0.03f, 0.045f);
  float minute_length = draw(d, 0.72f, 0.85f);
  float minute_width = draw(d, 0.018f, 0.028f);
  float tail = draw(d, 0, 0.14f), taper = draw(d, 0.5f, 1);
  int hour_angle = turned + (int)time, minute_angle = turned + 12 * (int)(time % 60);
  paint_radial(e, hour_angle, -tail, hour_length, hour_width, taper * hour_width, ink);
  paint_radial(e, minute_angle, -tail, minute_length, minute_width, taper * minute_width, ink);
  paint_ring(e, -1, draw(d, 0.05f, 0.075f), ink);
}

/* Draws the view of the dial; a larger dial is nearer to the middle. */
static void draw_view(canvas *e, draws *d) {
  float half = (float)e->size / 2, radius = half * draw(d, 0.68f, 0.84f);
  float room = greater(half - 1.12f * radius, 0);
  e->view.middle.x = half + room * draw(d, -1, 1);
  e->view.middle.y = half + room * draw(d, -1, 1);
  e->view.stretch.x = radius * draw(d, 0.9f, 1);
  e->view.stretch.y = radius * draw(d, 0.9f, 1);
  e->view.tilt.x = draw(d, -0.08f, 0.08f);
  e->view.tilt.y = draw(d, -0.08f, 0.08f);
  e->scale = (e->view.stretch.x + e->view.stretch.y) / 2;
  find_positions(e);
}

static void draw_clock(canvas *e, uint8_t *pixels, uint32_t time, size_t rotation,
                       ls_stream stream) {
  size_t count = (size_t)e->size * (size_t)e->size;
  stream.layer = SHAPE_STREAM;
  draws d = draws_of(stream);
  stream.layer = NOISE_STREAM;
  ls_random_uniform(stream, 0, count, e->noise);
  int most = 2 * (int)rotation;
  int turned = (int)draw(&d, 0, (float)(2 * most + 1)) - most;
  draw_view(e, &d);
  paint_wall(e, &d);
  float ink = draw(&d, 0, 0.25f);
  paint_dial(e, turned, ink, &d);
  paint_hands(e, turned, time, ink, &d);
  float contrast = draw(&d, 0.7f, 1), brightness = draw(&d, -0.1f, 0.1f);
  float grain = draw(&d, 0, 0.12f);
  for (size_t i = 0; i < count; i++) {
    float value = 0.5f + brightness + contrast * (e->shade[i] - 0.5f);
    value += grain * ((float)e->noise[i] - 0.5f);
    pixels[i] = (uint8_t)(255 * clamp(value, 0, 1) + 0.5f);
  }
}

/* ---- A set of clocks ------------------------------------------------------------------------- */

/* Each direction from the one before it, by turning it half a degree. */
static void set_units(point units[TURN]) {
  const double sine = 0.0087265354983739347, cosine = 0.99996192306417129;
  double x = 0, y = -1;
  for (int i = 0; i < TURN; i++) {
    units[i] = (point){(float)x, (float)y};
    double turned = x * cosine - y * sine;
    y = x * sine + y * cosine;
    x = turned;
  }
}

static int canvas_create(canvas *e, size_t size) {
  size_t count = size * size;
  *e = (canvas){.size = (int)size,
                .shade = ls_new(count, sizeof *e->shade),
                .positions = ls_new(count, sizeof *e->positions),
                .noise = ls_new(count, sizeof *e->noise)};
  set_units(e->units);
  return e->shade && e->positions && e->noise ? LS_OK : LS_FAILED;
}

static void canvas_destroy(canvas *e) {
  free(e->shade);
  free(e->positions);
  free(e->noise);
}

int ls_clock_faces_draw(ls_image_set *set, const ls_clock_faces_options *options, uint32_t which,
                        size_t count) {
  size_t pixels = options->size * options->size;
  *set = (ls_image_set){
      .count = count, .height = options->size, .width = options->size, .channels = 1};
  set->pixels = ls_new(count, pixels);
  set->labels = ls_new(count, 1);
  set->values = ls_new(count, sizeof *set->values);
  canvas e;
  int status = canvas_create(&e, options->size);
  if (!set->pixels || !set->labels || !set->values) status = LS_FAILED;
  ls_stream stream = {.seed = options->seed, .purpose = LS_RANDOM_GENERATOR, .epoch = which};
  uint32_t order[LS_CLOCK_FACES_TIMES];
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    if (i % LS_CLOCK_FACES_TIMES == 0) {
      stream.layer = TIME_STREAM;
      stream.sample = (uint32_t)(i / LS_CLOCK_FACES_TIMES);
      ls_random_permutation(stream, LS_CLOCK_FACES_TIMES, order);
    }
    uint32_t time = order[i % LS_CLOCK_FACES_TIMES];
    set->labels[i] = (uint8_t)(time / 60);
    set->values[i] = (float)(time % 60) / 60;
    stream.sample = (uint32_t)i;
    draw_clock(&e, set->pixels + i * pixels, time, options->rotation, stream);
  }
  canvas_destroy(&e);
  if (status != LS_OK) ls_image_set_clear(set);
  return status;
}
