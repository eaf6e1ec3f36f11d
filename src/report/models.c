/* The models of a job: reading them from its results file, and their section of the page. */
#include "report/models.h"

#include "figure/diagram.h"
#include "lockstep/error.h"
#include "report/attributes.h"
#include "report/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MOST_PARAMETERS = (int64_t)1 << 53;

/* ---- Reading ---- */

static int check_length(const char *path, const ls_layer_table *table, const char *name,
                        size_t count) {
  if (count == table->count) return LS_OK;
  return ls_fail(LS_INVALID, "%s: models: %zu values of '%s' for %zu layers", path, count, name,
                 table->count);
}

static int read_texts(const report_models *m, ls_layer_table *table, hid_t group, const char *name,
                      size_t offset) {
  char **texts = NULL;
  size_t count = 0;
  int status = ls_h5_read_texts(group, name, &texts, &count);
  status = report_keep_texts(m->memory, texts, count, status);
  if (status == LS_OK) status = check_length(m->path, table, name, count);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    memcpy((char *)&table->rows[i] + offset, &texts[i], sizeof texts[i]);
  }
  return status;
}

static int read_numbers(const char *path, const ls_layer_table *table, hid_t group,
                        const char *name, int64_t most, int64_t *numbers) {
  ls_h5_shape shape;
  int status = ls_h5_describe(group, name, &shape);
  if (status == LS_OK)
    status = check_length(path, table, name, shape.rank == 1 ? shape.extent[0] : 0);
  if (status != LS_OK) return status;
  return ls_h5_read_integers(group, name, (ls_h5_range){0, most}, table->count, numbers);
}

static int read_columns(const report_models *m, ls_layer_table *table, hid_t group) {
  int64_t *parameters = ls_memory_new(m->memory, table->count, sizeof *parameters);
  int64_t *frozen = ls_memory_new(m->memory, table->count, sizeof *frozen);
  table->rows = ls_memory_new(m->memory, table->count, sizeof *table->rows);
  int status = ls_memory_status(m->memory);
  for (size_t i = 0; i < LS_LAYER_TEXTS && status == LS_OK; i++) {
    status = read_texts(m, table, group, ls_layer_texts[i].name, ls_layer_texts[i].offset);
  }
  if (status == LS_OK) {
    status = read_numbers(m->path, table, group, "parameters", MOST_PARAMETERS, parameters);
  }
  if (status == LS_OK) status = read_numbers(m->path, table, group, "frozen", 1, frozen);
  for (size_t i = 0; i < table->count && status == LS_OK; i++) {
    table->rows[i].parameters = (size_t)parameters[i];
    table->rows[i].frozen = frozen[i] != 0;
  }
  return status;
}

static int read_table(const report_models *m, ls_layer_table *table, hid_t models,
                      const char *name) {
  hid_t group = -1;
  ls_h5_shape shape;
  char *trial = NULL;
  int status = ls_h5_open_group(&group, models, name);
  if (status == LS_OK) status = report_read_text(m->memory, &trial, group, ".", "trial", "");
  if (status == LS_OK) status = ls_h5_describe(group, "layer", &shape);
  if (status == LS_OK && (shape.rank != 1 || shape.extent[0] == 0)) {
    status = ls_fail(LS_INVALID, "%s: models: 'layer' is not a list of names", m->path);
  }
  table->trial = trial;
  if (status == LS_OK) {
    table->count = (size_t)shape.extent[0];
    status = read_columns(m, table, group);
  }
  ls_h5_close(&group);
  return status;
}

static int read_group(report_models *out, hid_t models) {
  char **names = NULL, number[24];
  size_t count = 0;
  int64_t left_out = 0;
  int status = ls_h5_list(models, ".", &names, &count);
  status = report_keep_texts(out->memory, names, count, status);
  if (status == LS_OK) {
    status = ls_h5_get_integers(models, ".", "trials_left_out", (ls_h5_range){0, INT64_MAX}, 1,
                                &left_out);
  }
  out->trials_left_out = status == LS_OK ? (size_t)left_out : 0;
  out->tables = ls_memory_new(out->memory, count, sizeof *out->tables);
  if (status == LS_OK) status = ls_memory_status(out->memory);
  for (; out->count < count && status == LS_OK; out->count++) {
    snprintf(number, sizeof number, "%zu", out->count + 1);
    status = read_table(out, &out->tables[out->count], models, number);
  }
  return status;
}

int report_models_read(report_models *out, ls_memory *memory, const char *path) {
  hid_t file = -1, models = -1;
  *out = (report_models){.memory = memory, .path = path};
  int status = ls_h5_open(&file, path);
  if (status == LS_OK && ls_h5_has(file, "models")) {
    status = ls_h5_open_group(&models, file, "models");
    if (status == LS_OK) status = read_group(out, models);
  }
  ls_h5_close(&models);
  ls_h5_close(&file);
  return status;
}

/* ---- The page ---- */

static void add_row(report_table *t, const ls_layer_row *row, bool heads) {
  report_table_add_text(t, "layer", row->name);
  report_table_add_text(t, "type", row->type);
  report_table_add_text(t, "activation", row->activation);
  if (heads) report_table_add_text(t, "head", row->head);
  report_table_add_text(t, "output", row->output);
  ls_text *parameters = report_table_add(t, "parameters");
  ls_text_add_count(parameters, row->parameters);
  if (row->frozen) ls_text_add(parameters, " (frozen)");
  report_table_end_row(t);
}

static int add_table(ls_text *page, const ls_layer_table *layers, ls_memory *memory) {
  report_table table = {.headed = true};
  ls_layer_row all = {.name = "all", .type = "", .activation = "", .head = "", .output = ""};
  bool heads = false;
  for (size_t i = 0; i < layers->count; i++) {
    heads |= *layers->rows[i].head != '\0';
    all.parameters += layers->rows[i].parameters;
  }
  for (size_t i = 0; i < layers->count; i++) add_row(&table, &layers->rows[i], heads);
  add_row(&table, &all, heads);
  return html_finish_table(page, &table, memory);
}

static const char diagram_caption[] =
    "Layers with the shapes of their outputs and their numbers of parameters; frozen layers are "
    "grey.";

static int add_diagram(ls_text *page, const report_models *models, size_t i) {
  char *svg = NULL;
  report_figure figure = {.name = ls_memory_text(models->memory, "model%zu", i + 1),
                          .title = "Diagram of the model",
                          .caption = diagram_caption};
  if (ls_diagram_svg(&svg, &models->tables[i], 1, figure.title) != LS_OK) {
    html_element(page, "p", "", ls_error_message());
    ls_text_add(page, "\n");
    ls_error_clear();
    return LS_OK;
  }
  figure.svg = svg;
  int status = figure.name ? html_figure(page, &figure) : LS_FAILED;
  free(svg);
  return status;
}

int report_models_draw(report_figures *list, const report_models *models) {
  bool several = models->count > 1;
  report_figure figure = {.name = "diagram",
                          .title = several ? "Diagram of the models" : "Diagram of the model",
                          .caption = diagram_caption};
  char *svg = NULL;
  if (models->count == 0) return ls_fail(LS_INVALID, "%s: records no layers", models->path);
  int status = ls_diagram_svg(&svg, models->tables, models->count, figure.title);
  if (status != LS_OK) return status;
  figure.svg = ls_memory_keep(list->memory, svg);
  list->items[list->count++] = figure;
  return ls_memory_status(list->memory);
}

/* Of several models, each is to be unfolded. */
static int add_model(ls_text *page, const report_models *models, size_t i) {
  bool folded = models->count > 1;
  if (folded) {
    ls_text_add(page, "<details>");
    html_element(page, "summary", "", models->tables[i].trial);
    ls_text_add(page, "\n");
  }
  int status = add_table(page, &models->tables[i], models->memory);
  if (status == LS_OK) status = add_diagram(page, models, i);
  if (folded) ls_text_add(page, "</details>\n");
  return status;
}

int report_page_models(ls_text *page, const report_models *models) {
  int status = LS_OK;
  ls_text_add(page, models->count > 1 ? "<h2>Models</h2>\n" : "<h2>Model</h2>\n");
  if (models->count == 0) {
    ls_text_add(page, "<p>The results file records no layers; earlier versions did not.</p>\n");
  }
  if (models->count > 1) {
    ls_text_add(page, "<p>%zu different models, each named by its first trial:</p>\n",
                models->count);
  }
  for (size_t i = 0; i < models->count && status == LS_OK; i++) {
    status = add_model(page, models, i);
  }
  if (models->trials_left_out > 0) {
    ls_text_add(page, "<p>%zu more trials have other models, which are not recorded.</p>\n",
                models->trials_left_out);
  }
  return status;
}
