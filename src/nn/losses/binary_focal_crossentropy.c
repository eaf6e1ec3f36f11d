/* binary_focal_crossentropy: mean over the output's elements of (1 - p_t)^gamma times the binary
 * crossentropy, where p_t = t p + (1 - t)(1 - p) is the probability of the true value; optionally
 * times alpha for targets of 1 and 1 - alpha for those of 0.
 *
 * Source: T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017; argument names and
 * defaults of Keras. Behind sigmoid it is computed from the logits; behind anything else the
 * outputs are clipped to [1e-7, 1 - 1e-7], as in Keras. */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/losses/elementwise.h"
#include "nn/losses/probability.h"

typedef struct focal_args {
  bool apply_class_balancing;
  double alpha, gamma, label_smoothing;
} focal_args;

static const ls_arg args[] = {
    {"apply_class_balancing", LS_ARG_BOOLEAN, offsetof(focal_args, apply_class_balancing), "false",
     "whether elements are weighted by alpha"},
    {"alpha", LS_ARG_REAL, offsetof(focal_args, alpha), "0.25",
     "weight of targets of 1; that of targets of 0 is 1 - alpha", .min = 0, .max = 1},
    {"gamma", LS_ARG_REAL, offsetof(focal_args, gamma), "2",
     "how much less elements count that are predicted well; 0: binary_crossentropy", .min = 0,
     .max = 100},
    LS_LABEL_SMOOTHING_ARG(focal_args),
    {NULL},
};

/* An element: the probabilities of 1 and 0, and their logarithms. */
typedef struct element {
  double one, zero, log_one, log_zero;
} element;

static element of_logit(double z) {
  double e = ls_exponential(z > 0 ? -z : z), larger = 1 / (1 + e), smaller = e / (1 + e);
  double log_larger = -ls_logarithm(1 + e), log_smaller = log_larger - (z > 0 ? z : -z);
  return z > 0 ? (element){larger, smaller, log_larger, log_smaller}
               : (element){smaller, larger, log_smaller, log_larger};
}

static element of_probability(double p) {
  return (element){p, 1 - p, ls_logarithm(p), ls_logarithm(1 - p)};
}

/* Returns the loss of an element; sets *slope to its derivative by the logit, which is that by the
 * probability times p (1 - p). */
static double focal(const focal_args *a, element e, double t, double *slope) {
  double miss = t * e.zero + (1 - t) * e.one; /* 1 - p_t */
  double entropy = -t * e.log_one - (1 - t) * e.log_zero;
  double weight = a->apply_class_balancing ? t * a->alpha + (1 - t) * (1 - a->alpha) : 1;
  double factor = ls_power(miss, a->gamma);
  double change = miss > 0 ? a->gamma * factor / miss * (1 - 2 * t) * e.one * e.zero : 0;
  *slope = weight * (factor * (e.one - t) + change * entropy);
  return weight * factor * entropy;
}

static void from_logits(const void *a, size_t count, const ls_real *z, const ls_real *t,
                        ls_real scale, ls_real *losses, ls_real *dz) {
  const focal_args *own = a;
  const double smoothing = ls_label_smoothing(own->label_smoothing);
  for (size_t i = 0; i < count; i++) {
    double target = (double)ls_smoothed_value(t[i], smoothing), slope;
    losses[i] = (ls_real)focal(own, of_logit((double)z[i]), target, &slope);
    if (dz) dz[i] = scale * (ls_real)slope;
  }
}

static void from_probabilities(const void *a, size_t count, const ls_real *y, const ls_real *t,
                               ls_real scale, ls_real *losses, ls_real *dy) {
  const focal_args *own = a;
  const double smoothing = ls_label_smoothing(own->label_smoothing);
  for (size_t i = 0; i < count; i++) {
    double target = (double)ls_smoothed_value(t[i], smoothing), slope;
    double given = (double)y[i], p = ls_clip_probability(given);
    losses[i] = (ls_real)focal(own, of_probability(p), target, &slope);
    if (dy) dy[i] = p != given ? 0 : scale * (ls_real)(slope / (p * (1 - p)));
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, o->logits ? from_logits : from_probabilities);
}

const ls_loss_type ls_loss_binary_focal_crossentropy = {
    .component = {"binary_focal_crossentropy",
                  "for values from 0 to 1: binary_crossentropy in which elements count less that "
                  "are predicted well",
                  sizeof(focal_args), args},
    .target = LS_VALUES,
    .outputs = LS_PROBABILITY_OUTPUTS,
    .fuses = &ls_activation_sigmoid,
    .evaluate = evaluate,
};
