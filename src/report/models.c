/* The models of a job: reading them from its results file, and their section of the page. */
#include "report/models.h"

#include "figure/diagram.h"
#include "lockstep/error.h"
#include "report/html.h"
#include "report/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MOST_PARAMETERS = (int64_t)1 << 53;

/* ---- Reading ---- */

static void read_texts(report_reader *r, ls_layer_table *table, const char *name, size_t offset) {
  size_t count = 0;
  char **texts = report_read_strings(r, name, &count);
  if (r->status == LS_OK && count != table->count) {
    r->status = ls_fail(LS_INVALID, "%s: /%s: is not laid out over the layers", r->path, name);
  }
  for (size_t i = 0; i < count && r->status == LS_OK; i++) {
    memcpy((char *)&table->rows[i] + offset, &texts[i], sizeof texts[i]);
  }
}

/* Reads the model in the group `name`; datasets are columns of its table. */
static void read_table(report_reader *r, ls_layer_table *table, const char *name) {
  char column[64];
  snprintf(column, sizeof column, "%s/layer", name);
  ls_h5_shape shape = report_read_shape(r, column);
  const report_layout layers = {0, shape.rank == 1 ? (size_t)shape.extent[0] : 0, "layers"};
  if (r->status == LS_OK && layers.extent == 0) {
    r->status = ls_fail(LS_INVALID, "%s: /%s: is not a list of names", r->path, column);
  }
  table->trial = report_read_text(r, name, "trial", "");
  table->count = layers.extent;
  table->rows = report_new(r, table->count, sizeof *table->rows);
  for (size_t i = 0; i < LS_LAYER_TEXTS; i++) {
    snprintf(column, sizeof column, "%s/%s", name, ls_layer_texts[i].name);
    read_texts(r, table, column, ls_layer_texts[i].offset);
  }
  snprintf(column, sizeof column, "%s/parameters", name);
  int64_t *parameters = report_read_integers(r, column, layers, MOST_PARAMETERS);
  snprintf(column, sizeof column, "%s/frozen", name);
  int64_t *frozen = report_read_integers(r, column, layers, 1);
  for (size_t i = 0; i < table->count && r->status == LS_OK; i++) {
    table->rows[i].parameters = (size_t)parameters[i];
    table->rows[i].frozen = frozen[i] != 0;
  }
}

int report_models_read(report_models *out, ls_memory *memory, const char *path) {
  const ls_h5_range any = {0, INT64_MAX};
  int64_t left_out = 0;
  report_reader r;
  *out = (report_models){.memory = memory, .path = path};
  report_open(&r, memory, path);
  if (r.status == LS_OK && ls_h5_has(r.file, "models")) {
    char **names = report_read_members(&r, "models", &out->count), name[32];
    (void)names; /* they are numbers */
    if (r.status == LS_OK) {
      r.status = ls_h5_get_integers(r.file, "models", "trials_left_out", any, 1, &left_out);
    }
    out->trials_left_out = (size_t)left_out;
    out->tables = report_new(&r, out->count, sizeof *out->tables);
    for (size_t i = 0; i < out->count && r.status == LS_OK; i++) {
      snprintf(name, sizeof name, "models/%zu", i + 1);
      read_table(&r, &out->tables[i], name);
    }
  }
  return report_close(&r);
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

static void add_table(ls_text *page, const ls_layer_table *layers, ls_memory *memory) {
  report_table table = {.headed = true};
  ls_layer_row all = {.name = "all", .type = "", .activation = "", .head = "", .output = ""};
  bool heads = false;
  for (size_t i = 0; i < layers->count; i++) {
    heads |= *layers->rows[i].head != '\0';
    all.parameters += layers->rows[i].parameters;
  }
  for (size_t i = 0; i < layers->count; i++) add_row(&table, &layers->rows[i], heads);
  add_row(&table, &all, heads);
  html_finish_table(page, &table, memory);
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
  report_figures_append(list, figure);
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
  add_table(page, &models->tables[i], models->memory);
  int status = add_diagram(page, models, i);
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
