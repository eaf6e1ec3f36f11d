/* sequential: a list of layers in the place of one, so that a variable of a sweep can choose them
 * all. The model appends the layers themselves; this type only holds the list. */
#include "lockstep/error.h"
#include "nn/families.h"

typedef struct sequential_args {
  ls_choices layers;
} sequential_args;

static const ls_arg args[] = {
    {"layers", LS_ARG_CHOICES, offsetof(sequential_args, layers), "[]", "layers, first to last",
     .family = &ls_layers},
    {NULL},
};

const ls_choices *ls_sequential_layers(const ls_choice *layer) {
  if (layer->type != &ls_layer_sequential.component) return NULL;
  return &((const sequential_args *)layer->args)->layers;
}

const ls_layer_type ls_layer_sequential = {
    .component =
        {"sequential",
         "stands for a list of layers, so that a variable of the sweep can choose them all",
         sizeof(sequential_args), args},
};
