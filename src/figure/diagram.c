/* Diagrams of models in DOT. */
#include "figure/diagram.h"

#include "base/escape.h"
#include "base/paths.h"
#include "figure/gnuplot.h"
#include "figure/program.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- DOT ---- */

/* The name with type and activation, below them the shape of the output and the parameters. */
static void add_node(ls_text *out, const ls_layer_row *row, size_t model, size_t number) {
  ls_text_add_html(
      out,
      "    m%zu_%zu [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" "
      "cellpadding=\"5\"><tr><td colspan=\"2\" bgcolor=\"%s\"><font color=\"white\"><b>%s</b>",
      model, number, row->frozen ? "#909090" : "#303030", row->name);
  if (strcmp(row->name, row->type) != 0) ls_text_add_html(out, "  %s", row->type);
  if (*row->activation) ls_text_add_html(out, ", %s", row->activation);
  ls_text_add_html(out, "%s</font></td></tr><tr><td colspan=\"%d\">%s</td>",
                   row->frozen ? ", frozen" : "", row->parameters > 0 ? 1 : 2, row->output);
  if (row->parameters > 0) {
    ls_text_add(out, "<td>");
    ls_text_add_count(out, row->parameters);
    ls_text_add(out, " parameters</td>");
  }
  ls_text_add(out, "</tr></table>>]\n");
}

/* From the layer before it, which for the first one of a head is the last common one. */
static void add_edge(ls_text *out, const ls_layer_table *table, size_t model, size_t number) {
  const ls_layer_row *row = &table->rows[number];
  size_t from = number - 1;
  bool first = strcmp(row->head, table->rows[from].head) != 0;
  while (first && from > 0 && *table->rows[from].head) from--;
  ls_text_add(out, "    m%zu_%zu -> m%zu_%zu", model, from, model, number);
  if (first) ls_text_add_html(out, " [label=<%s>]", row->head);
  ls_text_add(out, "\n");
}

static void add_model(ls_text *out, const ls_layer_table *table, size_t model, bool framed) {
  ls_text_add(out, "  subgraph %s_%zu {\n", framed ? "cluster" : "model", model);
  if (framed) ls_text_add_html(out, "    color=\"#aaaaaa\"\n    label=<%s>\n", table->trial);
  for (size_t i = 0; i < table->count; i++) add_node(out, &table->rows[i], model, i);
  for (size_t i = 1; i < table->count; i++) add_edge(out, table, model, i);
  ls_text_add(out, "  }\n");
}

static void add_models(ls_text *out, const ls_layer_table *models, size_t count) {
  ls_text_add(out, "digraph model {\n"
                   "  graph [fontname=\"Helvetica\", fontsize=12]\n"
                   "  node [shape=plain, fontname=\"Helvetica\", fontsize=12]\n"
                   "  edge [fontname=\"Helvetica\", fontsize=12, arrowsize=0.7]\n");
  for (size_t i = 0; i < count; i++) add_model(out, &models[i], i + 1, count > 1);
  ls_text_add(out, "}\n");
}

/* ---- Drawing ---- */

static int draw(ls_text *out, const char *format, const ls_layer_table *models, size_t count) {
  const char *arguments[] = {"dot", format, NULL};
  const ls_program program = {arguments, "graphviz"};
  ls_text dot = {0};
  add_models(&dot, models, count);
  char *made = ls_text_take(&dot);
  int status = made ? program_run(out, &program, made) : LS_FAILED;
  free(made);
  return status;
}

int ls_diagram_svg(char **svg, const ls_layer_table *models, size_t count, const char *title) {
  ls_text drawn = {0}, mended = {0};
  int status = draw(&drawn, "-Tsvg", models, count);
  if (status == LS_OK) ls_figure_mend(&mended, drawn.data, title);
  *svg = status == LS_OK ? ls_text_take(&mended) : NULL;
  ls_text_free(&drawn);
  return *svg ? LS_OK : LS_FAILED;
}

/* ---- Files ---- */

/* Extensions, and the formats of dot; NULL: DOT itself. */
static const char *const formats[][2] = {
    {".svg", "-Tsvg"}, {".png", "-Tpng"}, {".pdf", "-Tpdf"}, {".dot", NULL}, {".gv", NULL}};
enum { FORMATS = sizeof formats / sizeof *formats };

static int find_format(const char *path) {
  const char *extension = path + ls_stem_length(path);
  for (int i = 0; i < FORMATS; i++) {
    if (strcmp(extension, formats[i][0]) == 0) return i;
  }
  return -1;
}

int ls_diagram_check_path(const char *path) {
  if (find_format(path) >= 0) return LS_OK;
  return ls_fail(LS_INVALID, "%s: unknown format (expected .svg, .png, .pdf, .dot or .gv)", path);
}

int ls_diagram_write(const char *path, const ls_layer_table *models, size_t count) {
  int status = ls_diagram_check_path(path);
  if (status != LS_OK) return status;
  ls_text text = {0};
  const char *format = formats[find_format(path)][1];
  if (format) {
    status = draw(&text, format, models, count);
  } else {
    add_models(&text, models, count);
  }
  if (text.failed) status = ls_fail(LS_FAILED, "out of memory for a diagram");
  if (status == LS_OK) status = ls_write_file(path, text.data, text.length);
  ls_text_free(&text);
  return status;
}
