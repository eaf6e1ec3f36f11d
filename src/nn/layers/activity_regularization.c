/* activity_regularization: y = x, and a penalty l1 * sum |x| + l2 * sum x^2 on each sample, of
 * which the loss takes the mean over the minibatch. As keras.layers.ActivityRegularization of Keras
 * 2 (Keras 3 leaves out the division by the batch size). It is also appended to every layer that
 * has an `activity_regularizer`. */
#include "lockstep/error.h"
#include "nn/families.h"

#include <math.h>

typedef struct activity_args {
  ls_layer_args base;
  double l1, l2;
} activity_args;

static const ls_arg args[] = {
    {"l1", LS_ARG_REAL, offsetof(activity_args, l1), "0", "factor of the sum of magnitudes",
     .min = 0, .max = 1e30, .flags = LS_MORE_IS_SIMPLER},
    {"l2", LS_ARG_REAL, offsetof(activity_args, l2), "0", "factor of the sum of squares", .min = 0,
     .max = 1e30, .flags = LS_MORE_IS_SIMPLER},
    LS_LAYER_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  const activity_args *a = layer->args;
  if (a) layer->activity = (ls_penalty){a->l1, a->l2};
  layer->output = layer->input;
  return LS_OK;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  (void)layer, (void)pass;
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  const ls_real l1 = pass->scale * (ls_real)layer->activity.l1;
  const ls_real l2 = pass->scale * (ls_real)(2 * layer->activity.l2);
  size_t count = pass->n * (size_t)ls_shape_size(&layer->output);
  if (!pass->dx) return;
  for (size_t i = 0; i < count; i++) {
    ls_real x = pass->x[i];
    pass->dx[i] = pass->dy[i] + l2 * x + (x > 0 ? l1 : x < 0 ? -l1 : 0);
  }
}

static double penalty(const ls_layer *layer, const ls_pass *pass) {
  size_t count = pass->n * (size_t)ls_shape_size(&layer->output);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < count; i++) {
    sum += fabs((double)pass->x[i]);
    squares += (double)pass->x[i] * (double)pass->x[i];
  }
  return layer->activity.l1 * sum + layer->activity.l2 * squares;
}

const ls_layer_type ls_layer_activity_regularization = {
    .component = {"activity_regularization",
                  "adds a penalty on its input to the loss, as a mean over samples",
                  sizeof(activity_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .penalty = penalty,
    .memory = LS_VIEW,
    .keeps_output = true,
    .training_only = true,
};
