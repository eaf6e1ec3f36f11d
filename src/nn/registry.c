/* The families that job files choose from: the lists of families.h, and what a program registers.
 */
#include "nn/families.h"

#include "lockstep/error.h"

#define COMPONENT_OF_LAYER(name) &ls_layer_##name.component,
#define COMPONENT_OF_ACTIVATION(name) &ls_activation_##name.component,
#define COMPONENT_OF_INITIALIZER(name) &ls_initializer_##name.component,
#define COMPONENT_OF_REGULARIZER(name) &ls_regularizer_##name.component,
#define COMPONENT_OF_LOSS(name) &ls_loss_##name.component,
#define COMPONENT_OF_METRIC(name) &ls_metric_##name.component,

static const ls_component *const layers[] = {LS_LAYERS(COMPONENT_OF_LAYER)};
static const ls_component *const activations[] = {LS_ACTIVATIONS(COMPONENT_OF_ACTIVATION)};
static const ls_component *const initializers[] = {LS_INITIALIZERS(COMPONENT_OF_INITIALIZER)};
static const ls_component *const regularizers[] = {LS_REGULARIZERS(COMPONENT_OF_REGULARIZER)};
static const ls_component *const losses[] = {LS_LOSSES(COMPONENT_OF_LOSS)};
static const ls_component *const metrics[] = {LS_METRICS(COMPONENT_OF_METRIC)};

#define FAMILY(kind, list, purpose)                                                                \
  { kind, list, sizeof list / sizeof *list, purpose, false }
ls_family ls_layers =
    FAMILY("layer", layers,
           "A sample is a vector or an image [height, width, channel]. Sizes in images are one "
           "number, or a list of two for height and width. A factor by which images are changed at "
           "random is a list of the lowest and the highest value; one number f stands for [-f, f], "
           "or [0, f] for a probability");
ls_family ls_activations =
    FAMILY("activation", activations, "Functions of the output z of a layer");
ls_family ls_initializers = FAMILY("initializer", initializers, "Initial values of the parameters");
ls_family ls_regularizers =
    FAMILY("regularizer", regularizers, "Penalties on parameters w, added to the loss");
ls_family ls_losses =
    FAMILY("loss", losses,
           "Functions of the output y and the target t. Where a loss or metric for values meets a "
           "target of classes, the values are the labels one-hot, or 0 and 1 for a single output");
ls_family ls_metrics = FAMILY("metric", metrics, "Curves in addition to the loss");

/* Adds a type that has what it needs. */
static int add(ls_family *family, const ls_component *component, bool complete) {
  if (complete) return ls_family_add(family, component);
  return ls_fail(LS_INVALID, "%s '%s': lacks one of its functions", family->kind, component->name);
}

int ls_layer_register(const ls_layer_type *type) {
  const ls_component *component = &type->component;
  if (component->size < sizeof(ls_layer_args)) {
    return ls_fail(LS_INVALID, "layer '%s': its arguments must begin with ls_layer_args",
                   component->name);
  }
  return add(&ls_layers, component, type->build && type->forward && type->backward);
}

int ls_activation_register(const ls_activation_type *type) {
  return add(&ls_activations, &type->component, type->forward && type->backward);
}

int ls_initializer_register(const ls_initializer_type *type) {
  return add(&ls_initializers, &type->component, type->fill);
}

int ls_regularizer_register(const ls_regularizer_type *type) {
  return add(&ls_regularizers, &type->component, type->penalty);
}

int ls_loss_register(const ls_loss_type *type) {
  return add(&ls_losses, &type->component, type->evaluate);
}

int ls_metric_register(const ls_metric_type *type) {
  return add(&ls_metrics, &type->component,
             type->evaluate || (type->size && type->add && type->value));
}
