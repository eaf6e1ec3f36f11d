/* model_config: layers as Keras's get_config() gives them, a chain as a Sequential model, several
 * heads as a Functional one. Format: that of Keras 2 (keras/src/saving/legacy/hdf5_format.py),
 * which Keras 3 reads too (keras/src/legacy/saving). Our layers and their arguments have Keras's
 * names, so that nearly everything follows from the tables of arguments. */
#include "store/checkpoint/keras_config.h"

#include "lockstep/error.h"
#include "nn/families.h"
#include "store/checkpoint/keras_input.h"
#include "store/checkpoint/keras_output.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Values ---------------------------------------------------------------------------------- */

/* Keras's class of a component: its name in camel case, "conv2d_transpose" being Conv2DTranspose.
 */
static void class_of(const ls_component *type, char out[64]) {
  size_t length = 0;
  bool capital = true;
  for (const char *c = type->name; *c && length < 63; c++) {
    if (*c != '_') out[length++] = (char)(capital ? toupper((unsigned char)*c) : *c);
    capital = *c == '_' || isdigit((unsigned char)*c);
  }
  out[length] = '\0';
}

/* Keras requires integers for the sizes of images. */
static json_t *number(double value) {
  if (isnan(value)) return json_null();
  return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
                                                     : json_real(value);
}

static json_t *arguments(const ls_component *type, const void *values);

/* Activations with arguments, which are layers in Keras. */
static const struct {
  const ls_activation_type *type;
  const char *class_name, *argument;
} activation_layers[] = {{&ls_activation_leaky_relu, "LeakyReLU", "alpha"},
                         {&ls_activation_elu, "ELU", "alpha"}};

/* An activation with default arguments is its name; else it is a layer, or a class that the user
 * gives to load_model. */
static json_t *activation(const ls_choice *chosen) {
  const ls_arg *table = chosen->type->args;
  json_t *config = arguments(chosen->type, chosen->args);
  bool plain = true;
  for (const ls_arg *arg = table; arg->name; arg++) {
    json_t *fallback = json_loads(arg->fallback, JSON_DECODE_ANY, NULL);
    json_t *value = json_object_get(config, arg->name);
    plain &= json_is_number(value) ? json_number_value(value) == json_number_value(fallback)
                                   : json_equal(value, fallback);
    json_decref(fallback);
  }
  if (plain) {
    json_decref(config);
    return json_string(chosen->type->name);
  }
  char class_name[64];
  class_of(chosen->type, class_name);
  for (size_t i = 0; i < sizeof activation_layers / sizeof *activation_layers; i++) {
    if (chosen->type != &activation_layers[i].type->component) continue;
    snprintf(class_name, sizeof class_name, "%s", activation_layers[i].class_name);
    json_object_set(config, activation_layers[i].argument, json_object_get(config, table->name));
    if (strcmp(activation_layers[i].argument, table->name) != 0) {
      json_object_del(config, table->name);
    }
  }
  return json_pack("{s:s, s:s, s:o, s:n}", "module", "keras.layers", "class_name", class_name,
                   "config", config, "registered_name");
}

/* An initialiser or regulariser is an object. */
static json_t *choice(const ls_family *family, const ls_choice *chosen) {
  char class_name[64];
  if (!chosen->type) return json_null();
  if (family == &ls_activations) return activation(chosen);
  class_of(chosen->type, class_name);
  return json_pack("{s:s, s:o}", "class_name", class_name, "config",
                   arguments(chosen->type, chosen->args));
}

/* One number stands for all dimensions, except where it is a shape. */
static json_t *numbers(const char *name, const ls_reals *list) {
  if (list->count == 0) return json_null();
  if (list->count == 1 && strcmp(name, "target_shape") != 0) return number(list->values[0]);
  json_t *array = json_array();
  for (size_t i = 0; i < list->count; i++) json_array_append_new(array, number(list->values[i]));
  return array;
}

static json_t *value_of(const ls_arg *arg, const void *values) {
  const void *at = (const char *)values + arg->offset;
  bool may_lack = arg->fallback && strcmp(arg->fallback, "null") == 0;
  switch (arg->kind) {
  case LS_ARG_INTEGER: {
    int64_t value = *(const int64_t *)at;
    return may_lack && value == 0 ? json_null() : json_integer(value);
  }
  case LS_ARG_REAL: {
    double value = *(const double *)at;
    return isnan(value) ? json_null() : json_real(value);
  }
  case LS_ARG_BOOLEAN:
    return json_boolean(*(const bool *)at);
  case LS_ARG_TEXT:
    return *(char *const *)at ? json_string(*(char *const *)at) : json_null();
  case LS_ARG_WORD:
    return *(const int *)at < 0 ? json_null() : json_string(arg->words[*(const int *)at]);
  case LS_ARG_REALS:
    return numbers(arg->name, at);
  case LS_ARG_CHOICE:
    return choice(arg->family, at);
  default: /* no layer of Keras's has lists of components or sections */
    return NULL;
  }
}

/* Whether Keras lacks the argument, has it under another name, or has it only with some backends.
 */
static bool is_own(const char *argument) {
  static const char *const names[] = {"name", "weights", "synchronized"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(argument, names[i]) == 0) return true;
  }
  return false;
}

static json_t *arguments(const ls_component *type, const void *values) {
  json_t *object = json_object();
  for (const ls_arg *arg = type->args; arg->name && object; arg++) {
    if (is_own(arg->name)) continue;
    if (json_object_set_new(object, arg->name, value_of(arg, values)) == 0) continue;
    json_decref(object);
    object = NULL;
  }
  return object;
}

/* ---- Layers ---------------------------------------------------------------------------------- */

static bool is_written(const ls_layer *layer) {
  bool behind = !layer->args && (layer->type == &ls_layer_activation ||
                                 layer->type == &ls_layer_activity_regularization);
  return !behind && !(layer->type->keras_class && !*layer->type->keras_class);
}

/* The number of a head's layers: its own, the activation that is fused with its loss, if that is a
 * layer, and the one that undoes the scaling of its target. */
static size_t depth_of(const ls_model *model, const ls_head *head) {
  size_t depth = (head->fused_args ? 1 : 0) + (head->spec.scales ? 1 : 0);
  for (size_t i = head->first; i < head->end; i++) depth += is_written(&model->layers[i]);
  return depth;
}

/* The layer that is `depth` layers from the end of a head, the last one's being 1; or NULL. */
static const ls_layer *layer_at(const ls_model *model, const ls_head *head, size_t depth) {
  size_t at = depth_of(model, head);
  for (size_t i = head->first; i < head->end; i++) {
    if (!is_written(&model->layers[i])) continue;
    if (at-- == depth) return &model->layers[i];
  }
  return NULL;
}

/* Functional models sort their layers by their distance from the outputs, and then by outputs
 * (keras/src/ops/function.py, map_graph). */
size_t keras_layers(const ls_model *model, const ls_layer **layers) {
  size_t count = 0, deepest = 0;
  for (size_t i = 0; i < model->trunk; i++) {
    if (is_written(&model->layers[i])) layers[count++] = &model->layers[i];
  }
  for (size_t h = 0; h < model->head_count; h++) {
    size_t depth = depth_of(model, &model->heads[h]);
    if (depth > deepest) deepest = depth;
  }
  for (size_t depth = deepest; depth > 0; depth--) {
    for (size_t h = 0; h < model->head_count; h++) {
      const ls_layer *layer = layer_at(model, &model->heads[h], depth);
      if (layer) layers[count++] = layer;
    }
  }
  return count;
}

/* Appends those of the model's layers [first, end) that Keras has. */
static void append_layers(keras_chain *c, size_t first, size_t end) {
  for (size_t i = first; i < end; i++) {
    const ls_layer *layer = &c->model->layers[i];
    char derived[64];
    if (!is_written(layer)) continue;
    class_of(&layer->type->component, derived);
    const char *own = layer->type->keras_class;
    json_t *config = layer->args ? arguments(&layer->type->component, layer->args) : json_object();
    keras_append(c, own ? own : derived, layer->name, config);
  }
}

/* Appends a head's own layers, and the activation that is fused with its loss, unless that is an
 * argument of the layer before it. */
static void append_head(keras_chain *c, const ls_head *head) {
  append_layers(c, head->first, head->end);
  const ls_layer_args *args = head->fused_args;
  if (!args) return;
  char unnamed[LS_MAX_NAME];
  keras_unused_name(c->model, "activation", unnamed);
  keras_append(c, "Activation", args->name ? args->name : unnamed,
               arguments(&ls_layer_activation.component, args));
}

/* ---- Models ---------------------------------------------------------------------------------- */

static json_t *sequential(keras_chain *c, const ls_preprocessing *preprocessing) {
  keras_input_append(c, preprocessing);
  append_layers(c, 0, c->model->trunk);
  append_head(c, &c->model->heads[0]);
  keras_output_append(c, 0, &preprocessing->targets[0]);
  return json_pack("{s:s, s:{s:s, s:O}}", "class_name", "Sequential", "config", "name",
                   "sequential", "layers", c->layers);
}

static json_t *functional(keras_chain *c, const ls_preprocessing *preprocessing) {
  char fork[LS_MAX_NAME];
  json_t *outputs = json_array();
  keras_input_append(c, preprocessing);
  json_t *first = json_object_get(json_array_get(c->layers, 0), "name");
  json_t *inputs = json_pack("[[O, i, i]]", first, 0, 0);
  append_layers(c, 0, c->model->trunk);
  snprintf(fork, sizeof fork, "%s", c->last);
  for (size_t h = 0; h < c->model->head_count; h++) {
    snprintf(c->last, sizeof c->last, "%s", fork);
    append_head(c, &c->model->heads[h]);
    keras_output_append(c, h, &preprocessing->targets[h]);
    json_array_append_new(outputs, json_pack("[s, i, i]", c->last, 0, 0));
  }
  if (json_array_size(outputs) != c->model->head_count) c->failed = true;
  return json_pack("{s:s, s:{s:s, s:b, s:O, s:o, s:o}}", "class_name", "Functional", "config",
                   "name", "model", "trainable", 1, "layers", c->layers, "input_layers", inputs,
                   "output_layers", outputs);
}

int keras_config(char **out, const ls_model *model, const ls_preprocessing *preprocessing) {
  keras_chain c = {.model = model, .layers = json_array(), .functional = model->head_count > 1};
  json_t *whole = c.functional ? functional(&c, preprocessing) : sequential(&c, preprocessing);
  *out = whole && !c.failed ? json_dumps(whole, JSON_REAL_PRECISION(15)) : NULL;
  json_decref(whole);
  json_decref(c.layers);
  return *out ? LS_OK : ls_fail(LS_FAILED, "out of memory for the description of a model");
}
