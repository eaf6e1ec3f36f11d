/* Descriptions of figures: their table, reading and checking them. */
#include "job/figures.h"

#include "base/memory.h"
#include "job/bind.h"
#include "job/resolve.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- The table ------------------------------------------------------------------------------- */

static const char *const scales[] = {"auto", "linear", "log", "category", NULL};
static const char *const kinds[] = {"final", "best", NULL};

static const ls_arg figure_args[] = {
    {"metric", LS_ARG_TEXTS, offsetof(ls_figure_args, metric), "null",
     "curve or final value of the results file, such as val_accuracy, or a list of them; default: "
     "the one by which trials are compared"},
    {"x", LS_ARG_TEXT, offsetof(ls_figure_args, x), "epoch",
     "horizontal axis: epoch, or a sweep variable"},
    {"color", LS_ARG_TEXT, offsetof(ls_figure_args, color), "null",
     "sweep variable with a line for each value. Of several points in one place of a line, the "
     "best one is drawn. Default: a line for each combination of the variables that x and panel "
     "do not name; of more than 20, curves are a selection, and against a variable there is one "
     "line of the best points"},
    {"panel", LS_ARG_TEXT, offsetof(ls_figure_args, panel), "null",
     "sweep variable with a panel for each value; or metric, for a panel for each metric"},
    {"scale", LS_ARG_WORD, offsetof(ls_figure_args, scale), "auto",
     "horizontal axis; category: equally spaced values", .words = scales},
    {"of", LS_ARG_WORD, offsetof(ls_figure_args, of), "null",
     "value of a trial against a variable: that of its final weights (the default), or the best "
     "over its epochs",
     .words = kinds},
    {"diagram", LS_ARG_BOOLEAN, offsetof(ls_figure_args, diagram), "false",
     "true: a diagram of the model's layers, which the program dot draws, instead of values"},
    {NULL},
};

static bool same_name(const char *a, const char *b) {
  return a && b && strcmp(a, b) == 0;
}

static const char *check_figure(const void *values) {
  const ls_figure_args *f = values;
  bool of_values = f->metric.count > 0 || f->color || f->panel || !same_name(f->x, "epoch");
  if (f->diagram && of_values) return "has 'diagram' and keys of a figure of values";
  if (f->of >= 0 && same_name(f->x, "epoch")) return "has 'of' (expected it with a variable as x)";
  if (same_name(f->x, f->color)) return "x and color name the same variable";
  if (same_name(f->x, f->panel)) return "x and panel name the same variable";
  if (same_name(f->color, f->panel)) return "color and panel name the same variable";
  return NULL;
}

const ls_component ls_figure_section = {"figure", "a figure of the report", sizeof(ls_figure_args),
                                        figure_args, check_figure};

static const ls_arg list_args[] = {
    {"figures", LS_ARG_LIST, 0, "null", "", .section = &ls_figure_section},
    {NULL},
};
static const ls_component list = {"figures", "", sizeof(ls_sections), list_args};

/* ---- Reading --------------------------------------------------------------------------------- */

/* Binds a list of descriptions, or none for NULL. */
static int bind_list(ls_sections *out, ls_arena *arena, ls_node *given) {
  const ls_variables none = {0};
  ls_node *resolved = NULL, *mapping = ls_node_new(arena, LS_NODE_MAPPING, (ls_place){"job", 0});
  if (!mapping) return LS_FAILED;
  if (given) ls_node_add(mapping, "figures", given);
  int status = ls_resolve(&resolved, arena, &none, &list, mapping, NULL);
  return status == LS_OK ? ls_bind(&list, resolved, NULL, out) : status;
}

int ls_figures_read_job(ls_sections *out, const char *job, const char *source) {
  ls_arena arena = {0};
  ls_node *root = NULL;
  *out = (ls_sections){0};
  int status = ls_tree_read(&root, &arena, job, (ls_place){source, 1});
  bool mapping = status == LS_OK && root->kind == LS_NODE_MAPPING;
  if (mapping) status = bind_list(out, &arena, ls_node_remove(root, "figures"));
  ls_arena_free(&arena);
  return status;
}

int ls_figures_read_options(ls_sections *out, const char *const *texts, size_t count) {
  ls_arena arena = {0};
  const ls_place option = {"--figure", 0};
  ls_node *items = ls_node_new(&arena, LS_NODE_LIST, option);
  *out = (ls_sections){0};
  int status = items ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    ls_node *item = NULL;
    status = ls_tree_read(&item, &arena, texts[i], option);
    if (status == LS_OK) ls_node_add(items, NULL, item);
  }
  if (status == LS_OK && count > 0) status = bind_list(out, &arena, items);
  ls_arena_free(&arena);
  return status;
}

void ls_figures_clear(ls_sections *figures) {
  ls_component_clear(&list, figures);
}

/* ---- Checking -------------------------------------------------------------------------------- */

static int fail(const char *where, const char *key, const char *what, const char *name) {
  return ls_fail(LS_INVALID, "%s: %s: %s %s", where, key, name, what);
}

static int fail_unknown(const char *where, const char *key, const char *name,
                        const char *const *names, size_t count) {
  const ls_path path = {.key = key};
  const char *what = strcmp(key, "metric") == 0 ? "metric" : "variable";
  return ls_diagnostic_fail_unknown((ls_place){where, 0}, &path, what, name, names, count);
}

static int check_metric(const ls_figure_args *f, const char *where, const char *name,
                        const ls_figure_names *n) {
  const ls_figure_metric *metric = NULL;
  const char **names = ls_new(n->metric_count, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t i = 0; i < n->metric_count; i++) {
    names[i] = n->metrics[i].name;
    if (strcmp(name, names[i]) == 0) metric = &n->metrics[i];
  }
  int status = metric ? LS_OK : fail_unknown(where, "metric", name, names, n->metric_count);
  free(names);
  if (!metric) return status;
  if (!metric->over_epochs && strcmp(f->x, "epoch") == 0) {
    return fail(where, "metric", "is measured once, after training (expected a variable as x)",
                name);
  }
  if (metric->better == 0 && f->of == LS_FIGURE_BEST) {
    return fail(where, "of", "has no best value (expected a loss or a metric)", name);
  }
  return LS_OK;
}

/* `other`: a word that may stand there, too; NULL: none. */
static int check_variable(const char *where, const char *key, const char *name, const char *other,
                          const ls_figure_names *n, const ls_figure_variable **out) {
  size_t count = 0;
  *out = NULL;
  if (!name || same_name(name, other)) return LS_OK;
  const char **names = ls_new(n->variable_count + 1, sizeof *names);
  if (!names) return LS_FAILED;
  for (size_t v = 0; v < n->variable_count; v++) {
    names[count++] = n->variables[v].name;
    if (strcmp(name, n->variables[v].name) == 0) *out = &n->variables[v];
  }
  if (other) names[count++] = other;
  int status = *out ? LS_OK : fail_unknown(where, key, name, names, count);
  free(names);
  return status;
}

static int check_scale(const ls_figure_args *f, const char *where, const ls_figure_variable *x) {
  if (!x || f->scale == LS_SCALE_AUTO || f->scale == LS_SCALE_CATEGORY) return LS_OK;
  if (!x->numbers) {
    return fail(where, "scale", "has texts as values (expected category)", x->name);
  }
  for (size_t i = 0; i < x->count && f->scale == LS_SCALE_LOG; i++) {
    if (x->numbers[i] >= 0) continue;
    return fail(where, "scale", "has values below 0 (expected linear or category)", x->name);
  }
  return LS_OK;
}

int ls_figure_check(const ls_figure_args *f, const char *where, const ls_figure_names *names) {
  const ls_figure_variable *x = NULL, *other = NULL;
  if (f->diagram) return LS_OK;
  int status = check_variable(where, "x", f->x, "epoch", names, &x);
  if (status == LS_OK) status = check_variable(where, "color", f->color, NULL, names, &other);
  if (status == LS_OK) status = check_variable(where, "panel", f->panel, "metric", names, &other);
  if (status == LS_OK) status = check_scale(f, where, x);
  for (size_t i = 0; i < f->metric.count && status == LS_OK; i++) {
    status = check_metric(f, where, f->metric.items[i], names);
  }
  return status;
}
