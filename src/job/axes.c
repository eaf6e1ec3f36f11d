/* The sweep section: its settings by their table, every other key as a variable. */
#include "job/axes.h"

#include "base/memory.h"
#include "job/bind.h"
#include "job/joint.h"
#include "job/resolve.h"
#include "job/twins.h"
#include "job/values.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ls_arg settings[] = {
    {"replicates", LS_ARG_INTEGER, offsetof(ls_sweep_settings, replicates), "null",
     "number of trials at each point, which have different seeds; the seeds are the same at every "
     "point",
     .min = 1, .max = LS_MAX_TRIALS},
    {"folds", LS_ARG_INTEGER, offsetof(ls_sweep_settings, folds), "null",
     "number of folds of a cross-validation at each point; goes with `dataset.validation: folds`",
     .min = 2, .max = LS_MAX_TRIALS},
    {"count", LS_ARG_INTEGER, offsetof(ls_sweep_settings, count), "null",
     "number of draws, if variables have distributions: each is a point for each combination of "
     "the other variables' values",
     .min = 1, .max = LS_MAX_TRIALS},
    {"sampler", LS_ARG_WORD, offsetof(ls_sweep_settings, sampler), "random",
     "random: independent draws; sobol: a scrambled Sobol sequence, which covers the space more "
     "evenly",
     .words = (const char *const[]){"random", "sobol", NULL}},
    {"ranks_per_trial", LS_ARG_INTEGER, offsetof(ls_sweep_settings, ranks_per_trial), "auto",
     "ranks that work on one trial; auto: as many as let the whole job finish first by the "
     "estimate",
     .min = 1, .max = LS_MAX_TRIALS, .words = (const char *const[]){"auto", NULL}},
    {NULL},
};

const ls_component ls_sweep_section = {
    "sweep",
    "optional; the variables of the job with their values, and how often each point is trained",
    sizeof(ls_sweep_settings), settings, NULL};

const char *const ls_axes_taken[] = {
    "epoch",         "replicate",  "fold",          "loss",          "accuracy",
    "learning_rate", "status",     "epoch_seconds", "trial_seconds", "seed",
    "epochs_run",    "best_epoch", "weights_hash",  "provenance",    "shards",
    "train_samples", "reference",  "best_restored", "references",    "orderings",
    "search",        NULL,
};

static bool is_setting(const char *name) {
  for (const ls_arg *arg = settings; arg->name; arg++) {
    if (strcmp(name, arg->name) == 0) return true;
  }
  return false;
}

static bool is_taken(const char *name) {
  for (const char *const *other = ls_axes_taken; *other; other++) {
    if (strcmp(name, *other) == 0) return true;
  }
  static const char *const prefixes[] = {"val_", "test_", "final_", "best_"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
  }
  return false;
}

/* Arguments of xarray's Dataset.sel, by which a point of the sweep is selected: sel(NAME=value). */
static bool is_argument_of_sel(const char *name) {
  static const char *const arguments[] = {"indexers", "method", "tolerance", "drop"};
  for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
    if (strcmp(name, arguments[i]) == 0) return true;
  }
  return false;
}

/* LS_OK if a variable may have the name: letters, digits and underscores, and nothing that the
 * results file uses itself. `place` and `path` are for the message. */
static int check_name(const char *name, ls_place place, const ls_path *path) {
  int status = ls_diagnostic_check_name(place, path, "variable", name);
  if (status == LS_OK && is_argument_of_sel(name)) {
    return ls_diagnostic_fail(place, path,
                              "'%s' is an argument of xarray's sel, which selects values of "
                              "variables (expected another name, such as 'my_%s')",
                              name, name);
  }
  if (status != LS_OK || !is_taken(name)) return status;
  const char *other = strcmp(name, "learning_rate") == 0 ? "lr" : NULL;
  return ls_diagnostic_fail(
      place, path, "the results have a '%s' of their own (expected another name, such as '%s%s')",
      name, other ? "" : "my_", other ? other : name);
}

/* ---- What an axis shows of its values -------------------------------------------------------- */

static int fill_numbers(ls_axis *axis, const ls_values *values, ls_arena *arena) {
  double *numbers = ls_arena_new(arena, values->count * sizeof *numbers);
  if (!numbers) return LS_FAILED;
  bool integer = true;
  for (size_t i = 0; i < values->count; i++) {
    bool number = !values->labelled && ls_node_number(values->nodes[i], &numbers[i]);
    if (!number) return LS_OK; /* not a numeric axis */
    integer &= numbers[i] == rint(numbers[i]) && fabs(numbers[i]) <= 0x1p53;
  }
  axis->numbers = numbers;
  axis->integer = integer;
  return LS_OK;
}

static bool look_alike(double a, double b, int digits) {
  char text_a[320], text_b[320]; /* more than any double needs */
  snprintf(text_a, sizeof text_a, "%.*g", digits, a);
  snprintf(text_b, sizeof text_b, "%.*g", digits, b);
  return strcmp(text_a, text_b) == 0;
}

/* The digits, at least 6, with which neighbours of a computed axis are still told apart. */
static int label_digits(const double *numbers, size_t count) {
  int digits = 6;
  for (size_t i = 1; i < count; i++) {
    while (digits < 17 && look_alike(numbers[i - 1], numbers[i], digits)) digits++;
  }
  return digits;
}

/* Listed values are labelled as written, labelled ones by their labels, computed ones with
 * few digits. */
static int fill_labels(ls_axis *axis, const ls_values *values, ls_arena *arena) {
  const char **labels = ls_arena_new(arena, values->count * sizeof *labels);
  if (!labels) return LS_FAILED;
  bool rounded = values->ranged && !axis->integer;
  int digits = rounded ? label_digits(axis->numbers, values->count) : 0;
  for (size_t i = 0; i < values->count; i++) {
    ls_text label = {0};
    const ls_node *value = values->nodes[i];
    if (values->labelled) {
      ls_text_add(&label, "%s", value->key);
    } else if (rounded) {
      ls_text_add(&label, "%.*g", digits, axis->numbers[i]);
    } else {
      ls_tree_add_label(&label, value);
    }
    size_t length = label.length;
    char *text = ls_text_take(&label);
    if (!text) return LS_FAILED;
    labels[i] = ls_arena_text(arena, text, length);
    free(text);
    if (!labels[i]) return LS_FAILED;
  }
  axis->labels = labels;
  return LS_OK;
}

static int check_twins(const ls_axis *axis, const ls_values *values, const ls_path *path) {
  if (values->ranged || values->labelled) return LS_OK; /* checked where they are read */
  ls_item *items = ls_new(axis->count, sizeof *items);
  if (!items) return LS_FAILED;
  for (size_t i = 0; i < axis->count; i++) {
    items[i] = (ls_item){.index = i};
    if (axis->numbers) {
      items[i].number = axis->numbers[i];
    } else {
      items[i].text = axis->labels[i];
    }
  }
  size_t first, second;
  bool found = 0 < ls_twins_find(items, axis->count, &first, &second);
  free(items);
  if (!found) return LS_OK;
  ls_path at = {path, NULL, second};
  return ls_diagnostic_fail(values->nodes[second]->place, &at, "%s is the same as item %zu",
                            axis->labels[second], first);
}

/* ---- Reading the section --------------------------------------------------------------------- */

/* Appends the axis, for which the sweep has room. */
static int add_axis(ls_axes *sweep, const ls_axis *axis, ls_place place) {
  sweep->axes[sweep->axis_count++] = *axis;
  if (axis->count > LS_MAX_TRIALS / sweep->trials) {
    ls_path path = {NULL, "sweep", 0};
    return ls_diagnostic_fail(place, &path, "has too many trials (expected at most %d)",
                              LS_MAX_TRIALS);
  }
  sweep->trials *= axis->count;
  return LS_OK;
}

static int describe(ls_axis *axis, const ls_values *values, ls_arena *arena) {
  *axis = (ls_axis){.name = values->name, .count = values->count, .log = values->log};
  int status = fill_numbers(axis, values, arena);
  return status == LS_OK ? fill_labels(axis, values, arena) : status;
}

/* Reads the values of a variable that is not joint with others. */
static int read_variable(ls_values *values, ls_arena *arena, const ls_node *entry,
                         const ls_path *path) {
  int status = check_name(entry->key, entry->place, path);
  return status == LS_OK ? ls_values_read(values, arena, entry, path) : status;
}

/* Appends the axis of the numbers 0 .. count - 1, unless count is 0. */
static int add_numbered(ls_axes *sweep, const char *name, size_t count, ls_arena *arena,
                        ls_place place) {
  if (count == 0) return LS_OK;
  ls_axis axis;
  ls_values values = {.name = name, .place = place, .count = count};
  values.nodes = ls_arena_new(arena, count * sizeof *values.nodes);
  if (!values.nodes) return LS_FAILED;
  for (size_t i = 0; i < count; i++) {
    char text[24];
    int length = snprintf(text, sizeof text, "%zu", i);
    const char *kept = ls_arena_text(arena, text, (size_t)length);
    values.nodes[i] = kept ? ls_node_new_scalar(arena, kept, place) : NULL;
    if (!values.nodes[i]) return LS_FAILED;
  }
  int status = describe(&axis, &values, arena);
  return status == LS_OK ? add_axis(sweep, &axis, place) : status;
}

static int read_settings(ls_axes *sweep, ls_arena *arena, const ls_node *section,
                         const ls_path *path) {
  const ls_variables none = {0};
  ls_node *given = ls_node_new(arena, LS_NODE_MAPPING, section->place), *resolved = NULL;
  if (!given) return LS_FAILED;
  for (const ls_node *entry = section->first; entry; entry = entry->next) {
    if (!is_setting(entry->key)) continue;
    ls_node *copy = ls_node_copy(arena, entry);
    if (!copy) return LS_FAILED;
    ls_node_add(given, entry->key, copy);
  }
  int status = ls_resolve(&resolved, arena, &none, &ls_sweep_section, given, path);
  return status == LS_OK ? ls_bind(&ls_sweep_section, resolved, path, &sweep->settings) : status;
}

/* Reads the joint variables. */
static int read_joint(ls_axes *sweep, ls_arena *arena, const ls_node *entry, const ls_path *path) {
  ls_values *values = &sweep->variables.items[sweep->variables.count];
  int status = ls_joint_read(values, arena, entry, path);
  for (size_t i = 0; i < ls_joint_count(entry) && status == LS_OK; i++) {
    const ls_path at = {path, values[i].name, 0};
    status = check_name(values[i].name, values[i].place, &at);
    if (status == LS_OK && ls_variables_find(&sweep->variables, values[i].name)) {
      status = ls_diagnostic_fail(values[i].place, &at, "is a variable already");
    }
    sweep->variables.count++;
  }
  return status;
}

static int read_variables(ls_axes *sweep, ls_arena *arena, const ls_node *section,
                          const ls_path *path) {
  size_t most = section->count + ls_joint_count(ls_node_find(section, LS_SWEEP_JOINT));
  sweep->variables.items = ls_arena_new(arena, most * sizeof *sweep->variables.items);
  sweep->parameters = ls_arena_new(arena, most * sizeof *sweep->parameters);
  sweep->axes = ls_arena_new(arena, (most + 2) * sizeof *sweep->axes);
  if (!sweep->variables.items || !sweep->parameters || !sweep->axes) return LS_FAILED;
  int status = LS_OK;
  for (const ls_node *entry = section->first; entry && status == LS_OK; entry = entry->next) {
    if (is_setting(entry->key)) continue;
    const ls_path at = {path, entry->key, 0};
    if (strcmp(entry->key, LS_SWEEP_JOINT) == 0) {
      status = read_joint(sweep, arena, entry, &at);
    } else {
      status = read_variable(&sweep->variables.items[sweep->variables.count++], arena, entry, &at);
    }
  }
  return status;
}

/* ---- Points ---------------------------------------------------------------------------------- */

/* Values may occur twice in a list only where they go together with those of other lists. */
static int describe_variables(ls_axes *sweep, ls_arena *arena, const ls_path *path) {
  int status = LS_OK;
  for (size_t v = 0; v < sweep->variables.count && status == LS_OK; v++) {
    const ls_values *values = &sweep->variables.items[v];
    const ls_path at = {path, values->name, 0};
    status = describe(&sweep->parameters[v], values, arena);
    if (status == LS_OK && !values->joint) {
      status = check_twins(&sweep->parameters[v], values, &at);
    }
  }
  return status;
}

/* A grid has an axis for each variable. */
static int add_axes(ls_axes *sweep, const ls_node *section, const ls_path *path) {
  int status = LS_OK;
  if (sweep->settings.count > 0) {
    const ls_path at = {path, "count", 0};
    return ls_diagnostic_fail(ls_node_find(section, at.key)->place, &at,
                              "no variable is drawn (expected a distribution, such as {uniform: "
                              "{low: 0, high: 1}})");
  }
  for (size_t v = 0; v < sweep->variables.count && status == LS_OK; v++) {
    status = add_axis(sweep, &sweep->parameters[v], sweep->variables.items[v].place);
  }
  return status;
}

static int check_point_name(const ls_variables *variables, const ls_path *path) {
  const ls_values *found = ls_variables_find(variables, LS_AXIS_POINT);
  if (!found) return LS_OK;
  const ls_path at = {path, found->name, 0};
  return ls_diagnostic_fail(found->place, &at,
                            "the results have a '%s' of their own (expected another name, such as "
                            "'my_%s')",
                            found->name, found->name);
}

static int make_points(ls_axes *sweep, ls_arena *arena, const ls_node *section,
                       const ls_node *seed) {
  const ls_sampling sampling = {(size_t)sweep->settings.count, (ls_sampler)sweep->settings.sampler,
                                seed};
  const ls_path path = {NULL, ls_sweep_section.name, 0};
  int status = check_point_name(&sweep->variables, &path);
  if (status != LS_OK) return status;
  return ls_points_make(&sweep->points, &sweep->variables, &sampling, arena, section);
}

/* The points as axes: one for all of them, or one for each variable. */
static int arrange(ls_axes *sweep, ls_arena *arena, const ls_node *section, const ls_node *seed,
                   const ls_path *path) {
  bool points = ls_points_needed(&sweep->variables);
  int status = points ? make_points(sweep, arena, section, seed) : LS_OK;
  if (status == LS_OK) status = describe_variables(sweep, arena, path);
  if (status != LS_OK) return status;
  return points ? add_numbered(sweep, LS_AXIS_POINT, sweep->points.count, arena, section->place)
                : add_axes(sweep, section, path);
}

int ls_axes_read(ls_axes *sweep, ls_arena *arena, const ls_node *section, const ls_node *seed) {
  *sweep = (ls_axes){.trials = 1};
  if (!section || ls_node_is_null(section)) return LS_OK;
  ls_path path = {NULL, ls_sweep_section.name, 0};
  if (section->kind != LS_NODE_MAPPING) {
    return ls_node_fail(section, &path, "a mapping of variables to their values");
  }
  int status = read_variables(sweep, arena, section, &path);
  if (status == LS_OK) status = read_settings(sweep, arena, section, &path);
  if (status == LS_OK) status = arrange(sweep, arena, section, seed, &path);
  const ls_sweep_settings *s = &sweep->settings;
  if (status == LS_OK) {
    status = add_numbered(sweep, "replicate", (size_t)s->replicates, arena, section->place);
  }
  if (status == LS_OK) {
    status = add_numbered(sweep, "fold", (size_t)s->folds, arena, section->place);
  }
  return status;
}

void ls_axes_values(const ls_axes *sweep, size_t point, size_t *index) {
  size_t count = sweep->variables.count;
  for (size_t v = count; v-- > 0;) {
    if (sweep->points.count > 0) {
      index[v] = sweep->points.index[point * count + v];
    } else {
      index[v] = point % sweep->parameters[v].count;
      point /= sweep->parameters[v].count;
    }
  }
}

int ls_axes_check_count(const ls_axes *sweep, const ls_node *section) {
  if (sweep->axis_count <= LS_MAX_AXES) return LS_OK;
  ls_path path = {NULL, ls_sweep_section.name, 0};
  return ls_diagnostic_fail(section->place, &path,
                            "has %zu dimensions (expected at most %d: variables, replicate, fold)",
                            sweep->axis_count, LS_MAX_AXES);
}
