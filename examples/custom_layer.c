/* A trainer with a layer of its own: it does all that the program `lockstep` does, and its job
 * files can name the layer `scale`.
 *
 *   cc custom_layer.c -o custom_layer $(pkg-config --cflags --libs lockstep)
 *   mpirun -n 4 ./custom_layer run job.yaml
 *
 * scale: y[n, ..., j] = x[n, ..., j] factor[j], with a factor learnt for each element of the last
 * dimension. */
#include <lockstep/error.h>
#include <lockstep/layer.h>
#include <lockstep/program.h>

#include <stdio.h>
#include <string.h>

typedef struct scale_args {
  ls_layer_args base; /* name, trainable, weights: every layer has them */
  ls_choice factor_initializer;
} scale_args;

static const ls_arg args[] = {
    {"factor_initializer", LS_ARG_CHOICE, offsetof(scale_args, factor_initializer), "ones",
     "initial factors", .family = &ls_initializers},
    LS_TRAINABLE_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  const scale_args *a = layer->args;
  int64_t width = layer->input.extent[layer->input.rank - 1];
  layer->output = layer->input;
  return ls_layer_add_param(layer, "factor", (ls_shape){1, {width}}, width, width,
                            &a->factor_initializer, NULL);
}

static size_t rows(const ls_layer *layer, size_t n) {
  return n * (size_t)ls_shape_size(&layer->output) / layer->params[0].count;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const ls_real *factor = pass->weights + layer->params[0].offset;
  size_t width = layer->params[0].count;
  for (size_t i = 0; i < rows(layer, pass->n); i++) {
    for (size_t j = 0; j < width; j++) pass->y[i * width + j] = pass->x[i * width + j] * factor[j];
  }
}

/* Sets dx = dy factor, and the factors' gradient: the sum over rows of x dy. */
static void backward(const ls_layer *layer, const ls_pass *pass) {
  const ls_real *factor = pass->weights + layer->params[0].offset;
  ls_real *d_factor = pass->gradient + layer->params[0].offset;
  size_t width = layer->params[0].count;
  if (!layer->frozen) memset(d_factor, 0, width * sizeof *d_factor);
  for (size_t i = 0; i < rows(layer, pass->n); i++) {
    const ls_real *x = pass->x + i * width, *dy = pass->dy + i * width;
    for (size_t j = 0; !layer->frozen && j < width; j++) d_factor[j] += x[j] * dy[j];
    if (!pass->dx) continue;
    for (size_t j = 0; j < width; j++) pass->dx[i * width + j] = dy[j] * factor[j];
  }
}

static const ls_layer_type scale = {
    .component = {"scale", "multiplies by learnt factors", sizeof(scale_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
};

int main(int argc, char **argv) {
  if (ls_layer_register(&scale) != LS_OK) {
    fprintf(stderr, "custom_layer: %s\n", ls_error_message());
    return 1;
  }
  return ls_main(argc, argv);
}
