/* activation: applies an activation function, in place where its gradient allows. It is also
 * appended to every layer that has an `activation` argument. */
#include "lockstep/error.h"
#include "nn/families.h"

typedef struct activation_args {
  ls_layer_args base;
  ls_choice activation;
} activation_args;

static const ls_arg args[] = {
    {"activation", LS_ARG_CHOICE, offsetof(activation_args, activation), NULL,
     "the function to apply", .family = &ls_activations},
    LS_LAYER_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  const activation_args *a = layer->args;
  if (a) layer->activation = &a->activation;
  const ls_activation_type *type = (const ls_activation_type *)layer->activation->type;
  if (type->reads_input) layer->memory = LS_FRESH;
  layer->output = layer->input;
  return LS_OK;
}

/* Functions over rows work on the last dimension. */
static size_t row_width(const ls_layer *layer) {
  return (size_t)layer->output.extent[layer->output.rank - 1];
}

static size_t row_count(const ls_layer *layer, size_t n) {
  return n * (size_t)ls_shape_size(&layer->output) / row_width(layer);
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const ls_choice *chosen = layer->activation;
  const ls_activation_type *type = (const ls_activation_type *)chosen->type;
  type->forward(chosen->args, row_count(layer, pass->n), row_width(layer), pass->x, pass->y);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  const ls_choice *chosen = layer->activation;
  const ls_activation_type *type = (const ls_activation_type *)chosen->type;
  if (!pass->dx) return;
  type->backward(chosen->args, row_count(layer, pass->n), row_width(layer),
                 type->reads_input ? pass->x : NULL, pass->y, pass->dy, pass->dx);
}

const ls_layer_type ls_layer_activation = {
    .component = {"activation", "applies an activation function", sizeof(activation_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
    .keeps_output = true,
};
