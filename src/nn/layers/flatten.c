/* flatten: one sample becomes a vector. Memory is the same, so there is nothing to compute. */
#include "lockstep/error.h"
#include "nn/families.h"

static const ls_arg args[] = {LS_LAYER_ARGS, {NULL}};

static int build(ls_layer *layer) {
  layer->output = (ls_shape){1, {ls_shape_size(&layer->input)}};
  return LS_OK;
}

static void nothing(const ls_layer *layer, const ls_pass *pass) {
  (void)layer, (void)pass;
}

const ls_layer_type ls_layer_flatten = {
    .component = {"flatten", "makes each sample a vector", sizeof(ls_layer_args), args},
    .build = build,
    .forward = nothing,
    .backward = nothing,
    .memory = LS_VIEW,
};
