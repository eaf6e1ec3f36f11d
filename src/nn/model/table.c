/* The table of a model's layers: one row for each layer of the job, with those that the model made
 * for its arguments. */
#include "nn/model/table.h"

#include "base/text.h"
#include "lockstep/error.h"
#include "nn/families.h"

#include <inttypes.h>
#include <string.h>

static const char *shape_text(ls_memory *memory, const ls_shape *shape) {
  ls_text text = {0};
  for (int i = 0; i < shape->rank; i++) {
    ls_text_add(&text, "%s%" PRId64, i > 0 ? " x " : "", shape->extent[i]);
  }
  return ls_memory_keep(memory, ls_text_take(&text));
}

static ls_layer_row *add_row(ls_layer_table *table, ls_memory *memory, const char *name,
                             const char *type, const ls_shape *output) {
  ls_layer_row *row = &table->rows[table->count++];
  *row = (ls_layer_row){.name = ls_memory_text(memory, "%s", name),
                        .type = type,
                        .activation = "",
                        .head = "",
                        .output = shape_text(memory, output)};
  return row;
}

/* Whether the layer was made for an argument of the one before it. */
static bool is_argument(const ls_layer *layer) {
  return !layer->args && layer->type != &ls_layer_flatten;
}

static void add_layer(ls_layer_table *table, ls_memory *memory, const ls_layer *layer) {
  const char *activation = layer->activation ? layer->activation->type->name : "";
  if (is_argument(layer)) {
    if (layer->activation) table->rows[table->count - 1].activation = activation;
    return;
  }
  ls_layer_row *row =
      add_row(table, memory, layer->name, layer->type->component.name, &layer->output);
  row->activation = activation;
  for (size_t k = 0; k < layer->param_count; k++) row->parameters += layer->params[k].count;
  row->frozen = layer->frozen && row->parameters > 0;
}

/* Adds the layers of a head, and the activation that is a part of its loss. */
static void add_head(ls_layer_table *table, ls_memory *memory, const ls_model *model, size_t h) {
  const ls_head *head = &model->heads[h];
  size_t first = table->count;
  for (size_t i = head->first; i < head->end; i++) add_layer(table, memory, &model->layers[i]);
  const char *fused = head->fused ? head->loss->fuses->component.name : NULL;
  const ls_layer_args *args = head->fused_args;
  if (args) {
    add_row(table, memory, args->name ? args->name : fused, ls_layer_activation.component.name,
            &head->output);
  }
  if (fused) table->rows[table->count - 1].activation = fused;
  for (size_t i = first; i < table->count && head->spec.name; i++) {
    table->rows[i].head = head->spec.name;
  }
}

int ls_model_table(ls_layer_table *out, ls_memory *memory, const ls_model *model) {
  size_t most = 1 + model->layer_count + model->head_count;
  *out = (ls_layer_table){.trial = "", .rows = ls_memory_new(memory, most, sizeof *out->rows)};
  if (!out->rows) return LS_FAILED;
  add_row(out, memory, "input", "input", &model->input);
  for (size_t i = 0; i < model->trunk; i++) add_layer(out, memory, &model->layers[i]);
  for (size_t h = 0; h < model->head_count; h++) add_head(out, memory, model, h);
  return ls_memory_status(memory);
}
