/* The sweep section, as axes. */
#include "job/axes.h"

#include "lockstep/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ls_axes_settings[LS_AXES_SETTINGS] = {"replicates", "folds", "ranks_per_trial"};

/* The results file has datasets of these names, and of all that begin with val_ or test_, beside
 * those of the variables. */
static const char *const taken[] = {
    "epoch",         "replicate",  "fold",          "loss",          "accuracy",
    "learning_rate", "status",     "epoch_seconds", "trial_seconds", "seed",
    "epochs_run",    "best_epoch", "weights_hash",  "provenance",    "shards",
    "train_samples", "reference",
};

static bool is_among(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return false;
}

static bool is_setting(const char *name) {
  return is_among(name, ls_axes_settings, LS_AXES_SETTINGS);
}

static bool is_taken(const char *name) {
  return is_among(name, taken, sizeof taken / sizeof *taken) || strncmp(name, "val_", 4) == 0 ||
         strncmp(name, "test_", 5) == 0;
}

static int check_name(const ls_node *entry, const ls_path *path) {
  const char *name = entry->key;
  int status = ls_check_name(entry->place, path, "variable", name);
  if (status != LS_OK || !is_taken(name)) return status;
  const char *other = strcmp(name, "learning_rate") == 0 ? "lr" : NULL;
  return ls_fail_at(entry->place, path,
                    "the results have a '%s' of their own (expected another name, such as '%s%s')",
                    name, other ? "" : "my_", other ? other : name);
}

/* ---- What an axis shows of its values -------------------------------------------------------- */

static int fill_numbers(ls_axis *axis, const ls_values *values, ls_arena *arena) {
  double *numbers = ls_arena_new(arena, values->count * sizeof *numbers);
  if (!numbers) return LS_FAILED;
  bool integer = true;
  for (size_t i = 0; i < values->count; i++) {
    bool number = !values->named && ls_node_number(values->nodes[i], &numbers[i]);
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

/* Listed values are labelled as they were written, named ones by their names, computed ones with
 * few digits. */
static int fill_labels(ls_axis *axis, const ls_values *values, ls_arena *arena) {
  const char **labels = ls_arena_new(arena, values->count * sizeof *labels);
  if (!labels) return LS_FAILED;
  bool rounded = values->ranged && !axis->integer;
  int digits = rounded ? label_digits(axis->numbers, values->count) : 0;
  for (size_t i = 0; i < values->count; i++) {
    ls_text label = {0};
    const ls_node *value = values->nodes[i];
    if (values->named) {
      ls_text_add(&label, "%s", value->key);
    } else if (rounded) {
      ls_text_add(&label, "%.*g", digits, axis->numbers[i]);
    } else if (value->kind == LS_NODE_SCALAR && !ls_node_is_null(value)) {
      ls_text_add(&label, "%s", ls_node_text(value));
    } else {
      ls_tree_add_flow(&label, value);
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
  if (values->ranged || values->named) return LS_OK; /* checked where they are read */
  for (size_t i = 1; i < axis->count; i++) {
    for (size_t j = 0; j < i; j++) {
      bool alike = axis->numbers ? axis->numbers[i] == axis->numbers[j]
                                 : strcmp(axis->labels[i], axis->labels[j]) == 0;
      ls_path at = {path, NULL, i};
      if (alike) {
        return ls_fail_at(values->nodes[i]->place, &at, "%s is the same as item %zu",
                          axis->labels[i], j);
      }
    }
  }
  return LS_OK;
}

/* ---- Reading the section --------------------------------------------------------------------- */

/* Appends an axis of `count` values; the sweep has room for it. */
static int add_axis(ls_axes *sweep, const char *name, const ls_values *values, ls_arena *arena) {
  ls_axis *axis = &sweep->axes[sweep->axis_count++];
  *axis = (ls_axis){.name = name, .count = values->count, .log = values->log};
  if (values->count > LS_MAX_TRIALS / sweep->trials) {
    ls_path path = {NULL, "sweep", 0};
    return ls_fail_at(values->place, &path, "has too many trials (expected at most %d)",
                      LS_MAX_TRIALS);
  }
  sweep->trials *= values->count;
  int status = fill_numbers(axis, values, arena);
  return status == LS_OK ? fill_labels(axis, values, arena) : status;
}

static int add_variable(ls_axes *sweep, ls_arena *arena, const ls_node *entry,
                        const ls_path *path) {
  ls_values *values = &sweep->values[sweep->variable_count++];
  const ls_axis *axis = &sweep->axes[sweep->axis_count];
  int status = check_name(entry, path);
  if (status == LS_OK) status = ls_values_read(values, arena, entry, path);
  if (status == LS_OK) status = add_axis(sweep, entry->key, values, arena);
  if (status == LS_OK) status = check_twins(axis, values, path);
  return status;
}

/* Appends the axis of the numbers 0 .. count - 1, unless count is 0. */
static int add_numbered(ls_axes *sweep, const char *name, size_t count, ls_arena *arena,
                        ls_place place) {
  if (count == 0) return LS_OK;
  ls_values values = {.place = place, .count = count};
  values.nodes = ls_arena_new(arena, count * sizeof *values.nodes);
  if (!values.nodes) return LS_FAILED;
  for (size_t i = 0; i < count; i++) {
    char text[24];
    int length = snprintf(text, sizeof text, "%zu", i);
    const char *kept = ls_arena_text(arena, text, (size_t)length);
    values.nodes[i] = kept ? ls_node_new_scalar(arena, kept, place) : NULL;
    if (!values.nodes[i]) return LS_FAILED;
  }
  return add_axis(sweep, name, &values, arena);
}

static int read_setting(ls_axes *sweep, const ls_node *entry, const ls_path *path) {
  bool folds = strcmp(entry->key, "folds") == 0, ranks = strcmp(entry->key, "ranks_per_trial") == 0;
  if (ranks && entry->kind == LS_NODE_SCALAR && strcmp(entry->text, "auto") == 0) return LS_OK;
  int64_t value, min = folds ? 2 : 1;
  if (!ls_node_integer(entry, &value) || value < min || value > LS_MAX_TRIALS) {
    char expected[80];
    snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %d%s", min,
             LS_MAX_TRIALS, ranks ? ", or auto" : "");
    return ls_node_fail(entry, path, expected);
  }
  if (ranks) {
    sweep->ranks_per_trial = value;
  } else {
    *(folds ? &sweep->folds : &sweep->replicates) = (size_t)value;
  }
  return LS_OK;
}

int ls_axes_read(ls_axes *sweep, ls_arena *arena, const ls_node *section) {
  *sweep = (ls_axes){.trials = 1};
  if (!section || ls_node_is_null(section)) return LS_OK;
  ls_path path = {NULL, "sweep", 0};
  if (section->kind != LS_NODE_MAPPING) {
    return ls_node_fail(section, &path, "a mapping of variables to their values");
  }
  sweep->values = ls_arena_new(arena, section->count * sizeof *sweep->values);
  sweep->axes = ls_arena_new(arena, (section->count + 2) * sizeof *sweep->axes);
  if (!sweep->values || !sweep->axes) return LS_FAILED;
  for (const ls_node *entry = section->first; entry; entry = entry->next) {
    ls_path at = {&path, entry->key, 0};
    int status = is_setting(entry->key) ? read_setting(sweep, entry, &at)
                                        : add_variable(sweep, arena, entry, &at);
    if (status != LS_OK) return status;
  }
  int status = add_numbered(sweep, "replicate", sweep->replicates, arena, section->place);
  if (status != LS_OK) return status;
  return add_numbered(sweep, "fold", sweep->folds, arena, section->place);
}
