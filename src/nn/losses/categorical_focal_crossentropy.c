/* categorical_focal_crossentropy: -alpha sum t[j] (1 - p[j])^gamma log(p[j]) over the classes.
 *
 * Source: T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017; argument names and
 * defaults of Keras. Behind softmax it is computed from the logits; behind anything else the
 * outputs are divided by their sum, then clipped to [1e-7, 1 - 1e-7], as in Keras. */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/losses/probability.h"

typedef struct focal_args {
  double alpha, gamma, label_smoothing;
} focal_args;

static const ls_arg args[] = {
    {"alpha", LS_ARG_REAL, offsetof(focal_args, alpha), "0.25", "factor of the loss", .min = 0,
     .max = 1e30},
    {"gamma", LS_ARG_REAL, offsetof(focal_args, gamma), "2",
     "how much less classes count that are predicted well; 0: categorical_crossentropy", .min = 0,
     .max = 100},
    LS_LABEL_SMOOTHING_ARG(focal_args),
    {NULL},
};

/* The target of class j. */
static double target_of(const focal_args *a, size_t width, int32_t label, size_t j) {
  return ls_smoothed_class(width, label, j, ls_label_smoothing(a->label_smoothing));
}

/* Returns what a class with target t and probability p adds to the loss; sets *slope to its
 * derivative by p, times p. */
static double focal(const focal_args *a, double t, double p, double log_p, double *slope) {
  double miss = 1 - p, factor = ls_power(miss, a->gamma);
  double change = miss > 0 ? a->gamma * factor / miss * p * log_p : 0;
  *slope = a->alpha * t * (change - factor);
  return -a->alpha * t * factor * log_p;
}

/* Behind softmax dz[k] = slope[k] - p[k] sum slope. */
static double row_from_logits(const focal_args *a, size_t width, const ls_real *z, int32_t label,
                              ls_real scale, ls_real *dz) {
  double top = (double)z[0], sum = 0, loss = 0, slopes = 0, slope;
  for (size_t j = 1; j < width; j++) top = (double)z[j] > top ? (double)z[j] : top;
  for (size_t j = 0; j < width; j++) sum += ls_exponential((double)z[j] - top);
  const double log_sum = ls_logarithm(sum);
  for (size_t j = 0; j < width; j++) {
    double t = target_of(a, width, label, j);
    double log_p = (double)z[j] - top - log_sum;
    loss += focal(a, t, ls_exponential(log_p), log_p, &slope);
    slopes += slope;
  }
  for (size_t j = 0; dz && j < width; j++) {
    double t = target_of(a, width, label, j);
    double log_p = (double)z[j] - top - log_sum, p = ls_exponential(log_p);
    focal(a, t, p, log_p, &slope);
    dz[j] = scale * (ls_real)(slope - p * slopes);
  }
  return loss;
}

/* dy[k] = slope[k] / y[k] - sum slope / sum y, without the slopes of what is clipped. */
static double row_from_probabilities(const focal_args *a, size_t width, const ls_real *y,
                                     int32_t label, ls_real scale, ls_real *dy) {
  double sum = 0, loss = 0, slopes = 0, slope;
  for (size_t j = 0; j < width; j++) sum += (double)y[j];
  for (size_t j = 0; j < width; j++) {
    double t = target_of(a, width, label, j);
    double given = (double)y[j] / sum, p = ls_clip_probability(given);
    loss += focal(a, t, p, ls_logarithm(p), &slope);
    if (p == given) slopes += slope;
  }
  for (size_t j = 0; dy && j < width; j++) {
    double t = target_of(a, width, label, j), own = (double)y[j];
    double given = own / sum, p = ls_clip_probability(given);
    focal(a, t, p, ls_logarithm(p), &slope);
    dy[j] = scale * (ls_real)((p == given ? slope / own : 0) - slopes / sum);
  }
  return loss;
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  double total = 0;
  for (size_t i = 0; i < o->n; i++) {
    size_t at = i * o->width;
    total += (o->logits ? row_from_logits : row_from_probabilities)(
        a, o->width, o->y + at, o->labels[i], scale, dy ? dy + at : NULL);
  }
  return total;
}

const ls_loss_type ls_loss_categorical_focal_crossentropy = {
    .component = {"categorical_focal_crossentropy",
                  "for classes: categorical_crossentropy in which samples count less that are "
                  "predicted well",
                  sizeof(focal_args), args},
    .outputs = LS_DISTRIBUTION_OUTPUTS,
    .fuses = &ls_activation_softmax,
    .evaluate = evaluate,
};
