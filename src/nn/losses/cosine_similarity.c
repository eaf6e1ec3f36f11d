/* cosine_similarity: minus the cosine of the angle between output and target, so that -1 is the
 * best value, as in Keras. Vectors shorter than 1e-7 are divided by 1e-7 instead of their length.
 */
#include "lockstep/layer.h"
#include "nn/losses/probability.h"

#include <math.h>

static const ls_arg args[] = {{NULL}};

static double dot(size_t width, const ls_real *a, const ls_real *b) {
  double sum = 0;
  for (size_t j = 0; j < width; j++) sum += (double)a[j] * (double)b[j];
  return sum;
}

/* The length by which a vector is divided; a NaN stays one. */
static double length_of(size_t width, const ls_real *a) {
  double length = sqrt(dot(width, a, a));
  return length < LS_PROBABILITY_EPSILON ? LS_PROBABILITY_EPSILON : length;
}

/* The gradient of -y t / (|y| |t|) is (cosine y / |y| - t / |t|) / |y|; where |y| is not that of y,
 * it is a constant. */
static double row(size_t width, const ls_real *y, const ls_real *t, ls_real scale, ls_real *dy) {
  const double of_y = length_of(width, y), of_t = length_of(width, t);
  const double cosine = dot(width, y, t) / (of_y * of_t);
  const double along = of_y > LS_PROBABILITY_EPSILON ? cosine / of_y : 0;
  for (size_t j = 0; dy && j < width; j++) {
    dy[j] = scale * (ls_real)((along * (double)y[j] - (double)t[j] / of_t) / of_y);
  }
  return -cosine;
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  (void)a;
  double total = 0;
  for (size_t i = 0; i < o->n; i++) {
    size_t at = i * o->width;
    total += row(o->width, o->y + at, o->values + at, scale, dy ? dy + at : NULL);
  }
  return total;
}

const ls_loss_type ls_loss_cosine_similarity = {
    .component = {"cosine_similarity",
                  "for vectors: minus the cosine of the angle between output and target", 0, args},
    .target = LS_VALUES,
    .takes_vectors = true,
    .evaluate = evaluate,
};
