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

#define FAMILY(kind, list)                                                                         \
  { kind, list, sizeof list / sizeof *list, false }
ls_family ls_layers = FAMILY("layer", layers);
ls_family ls_activations = FAMILY("activation", activations);
ls_family ls_initializers = FAMILY("initializer", initializers);
ls_family ls_regularizers = FAMILY("regularizer", regularizers);
ls_family ls_losses = FAMILY("loss", losses);
ls_family ls_metrics = FAMILY("metric", metrics);

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
  return add(&ls_metrics, &type->component, type->evaluate);
}
