/* The families that job files choose from, made of the lists in layer.h. */
#include "lockstep/layer.h"

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

#define FAMILY(word, list)                                                                         \
  { word, list, sizeof list / sizeof *list }
const ls_family ls_layers = FAMILY("layer", layers);
const ls_family ls_activations = FAMILY("activation", activations);
const ls_family ls_initializers = FAMILY("initializer", initializers);
const ls_family ls_regularizers = FAMILY("regularizer", regularizers);
const ls_family ls_losses = FAMILY("loss", losses);
const ls_family ls_metrics = FAMILY("metric", metrics);
