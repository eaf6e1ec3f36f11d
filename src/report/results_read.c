/* Results file -> plain data. The only file of the report that knows the layout of the file. */
#include "base/paths.h"
#include "lockstep/error.h"
#include "report/attributes.h"
#include "report/coordinates.h"
#include "report/format.h"
#include "report/reported_read.h"
#include "report/results.h"
#include "report/search.h"
#include "report/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is needed while reading and not afterwards. `extent` is that of the trials. */
typedef struct reader {
  hid_t file;
  const char *path;
  report_results *out;
  ls_memory *memory;
  int rank;
  hsize_t extent[LS_H5_MAX_RANK];
  size_t trials;
} reader;

static int not_results(const reader *r, const char *why) {
  return ls_fail(LS_INVALID, "%s: is not a results file: %s", r->path, why);
}

/* ---- Axes ---- */

static int compare_values(const void *a, const void *b, void *numbers) {
  double x = ((double *)numbers)[*(const size_t *)a], y = ((double *)numbers)[*(const size_t *)b];
  return (x > y) - (x < y);
}

static int read_variable(const reader *r, report_axis *axis, const char *name, size_t count,
                         bool text) {
  axis->count = count;
  axis->missing = SIZE_MAX;
  axis->name = ls_memory_text(r->memory, "%s", name);
  int status = axis->name ? report_describe_axis(axis, r->memory, r->file) : LS_FAILED;
  if (status != LS_OK) return status;
  if (text) {
    status = ls_h5_read_texts(r->file, name, &axis->labels, &axis->count);
    return report_keep_texts(r->memory, axis->labels, axis->count, status);
  }
  axis->numbers = ls_memory_new(r->memory, count, sizeof *axis->numbers);
  if (!axis->numbers) return LS_FAILED;
  status = ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, axis->numbers);
  if (status != LS_OK) return status;
  axis->values = axis->numbers;
  axis->labels = report_labels(r->memory, axis->numbers, count);
  qsort_r(axis->order, count, sizeof *axis->order, compare_values, axis->numbers);
  for (size_t i = 0; i < count; i++) axis->places[axis->order[i]] = i;
  return ls_memory_status(r->memory);
}

/* The axis `name`, number `i` of `count`: a variable, replicate, fold, or at last epoch. */
static int read_axis(reader *r, const char *name, size_t i, size_t count) {
  report_results *out = r->out;
  ls_h5_shape shape;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status != LS_OK) return status;
  bool text = shape.class_id == H5T_STRING;
  bool number = shape.class_id == H5T_INTEGER || shape.class_id == H5T_FLOAT;
  if (shape.rank != 1 || shape.extent[0] == 0 || !(text || number)) {
    return ls_fail(LS_INVALID, "%s: /%s: is not an axis (expected a list of numbers or texts)",
                   r->path, name);
  }
  size_t n = (size_t)shape.extent[0];
  bool last = i + 1 == count;
  if (last != (strcmp(name, "epoch") == 0)) return not_results(r, "its last axis is not 'epoch'");
  if (last) {
    out->epochs = n;
    return LS_OK;
  }
  r->extent[r->rank++] = n;
  if (__builtin_mul_overflow(r->trials, n, &r->trials)) return not_results(r, "it is too large");
  if (strcmp(name, "point") == 0 && i == 0 && ls_h5_has_attribute(r->file, ".", "coordinates")) {
    out->points = n;
    return report_read_coordinates(out, r->memory, r->file);
  }
  if (strcmp(name, "replicate") == 0) {
    out->replicates = n;
  } else if (strcmp(name, "fold") == 0) {
    out->folds = n;
  } else if (out->values) {
    return not_results(r, "a sweep variable comes after 'point'");
  } else if (out->replicates || out->folds) {
    return not_results(r, "a sweep variable comes after 'replicate' or 'fold'");
  } else {
    out->points *= n;
    return read_variable(r, &out->variables[out->variable_count++], name, n, text);
  }
  out->repeats *= n;
  return LS_OK;
}

static int read_axes(reader *r) {
  char **names = NULL;
  size_t count = 0;
  if (!ls_h5_has_attribute(r->file, ".", "axes")) {
    return not_results(r, "it has no attribute 'axes'");
  }
  int status = report_read_texts(r->memory, &names, &count, r->file, ".", "axes");
  if (status == LS_OK && count > LS_H5_MAX_RANK) status = not_results(r, "it has too many axes");
  r->out->points = r->out->repeats = r->trials = 1;
  r->out->variables = ls_memory_new(r->memory, count, sizeof *r->out->variables);
  if (status == LS_OK) status = ls_memory_status(r->memory);
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    status = read_axis(r, names[i], i, count);
  }
  return status;
}

/* Whether a dataset is over the first `axes` of the file's. That of the epochs is not checked. */
static bool is_over(const reader *r, const ls_h5_shape *shape, int axes) {
  size_t checked = (size_t)(axes < r->rank ? axes : r->rank);
  return shape->rank == axes && memcmp(shape->extent, r->extent, checked * sizeof *r->extent) == 0;
}

/* Checks that a dataset is over the first `axes`, which are `what`. */
static int check_over(const reader *r, const char *name, int axes, const char *what) {
  ls_h5_shape shape;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status == LS_OK && !is_over(r, &shape, axes)) {
    status = ls_fail(LS_INVALID, "%s: /%s: is not laid out over the %s", r->path, name, what);
  }
  return status;
}

/* ---- Trials ---- */

/* Finds the statuses that the file's meanings stand for, in their order. */
static int read_meanings(const reader *r, char *words, int *meanings, size_t *count) {
  char *rest = NULL;
  *count = 0;
  for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    int known = 0;
    while (known < REPORT_STATUS_COUNT && strcmp(word, report_status_words[known])) known++;
    if (known == REPORT_STATUS_COUNT || *count == REPORT_STATUS_COUNT) {
      return ls_fail(LS_INVALID, "%s: /status: unknown meaning '%s'", r->path, word);
    }
    meanings[(*count)++] = known;
  }
  return LS_OK;
}

/* Turns the numbers that the file uses for statuses into ours, by their words. */
static int read_statuses(const reader *r, int64_t *numbers) {
  char *words = NULL;
  static const ls_h5_range any = {INT64_MIN, INT64_MAX};
  int64_t values[REPORT_STATUS_COUNT];
  int meanings[REPORT_STATUS_COUNT];
  size_t count = 0;
  int status = check_over(r, "status", r->rank, "trials");
  if (status == LS_OK) status = ls_h5_read_integers(r->file, "status", any, r->trials, numbers);
  if (status == LS_OK) status = ls_h5_get_text(r->file, "status", "flag_meanings", &words);
  if (status == LS_OK) words = ls_memory_keep(r->memory, words);
  if (status == LS_OK) status = words ? read_meanings(r, words, meanings, &count) : LS_FAILED;
  if (status == LS_OK) {
    status = ls_h5_get_integers(r->file, "status", "flag_values", any, count, values);
  }
  for (size_t t = 0; status == LS_OK && t < r->trials; t++) {
    size_t k = 0;
    while (k < count && values[k] != numbers[t]) k++;
    if (k == count) {
      return ls_fail(LS_INVALID, "%s: /status: %lld is none of its flag_values", r->path,
                     (long long)numbers[t]);
    }
    r->out->trials[t].status = (report_status)meanings[k];
  }
  return status;
}

/* Reads the fields of trials, which stay as they are where the file has none: integers within a
 * range, or numbers of 8 bytes and any value. */
static int read_fields(const reader *r, void *values) {
  const int64_t epochs = (int64_t)r->out->epochs;
  const struct {
    const char *name;
    size_t offset;
    int64_t most; /* of an integer; 0: any value, of the type */
    hid_t type;
  } fields[] = {
      {"epochs_run", offsetof(report_trial, epochs_run), epochs},
      {"best_epoch", offsetof(report_trial, best_epoch), epochs},
      {"train_samples", offsetof(report_trial, train_samples), (int64_t)1 << 53},
      {"best_restored", offsetof(report_trial, best_restored), 1},
      {"seed", offsetof(report_trial, seed), .type = H5T_NATIVE_UINT64},
      {"weights_hash", offsetof(report_trial, weights_hash), .type = H5T_NATIVE_UINT64},
      {"trial_seconds", offsetof(report_trial, seconds), .type = H5T_NATIVE_DOUBLE},
  };
  int status = LS_OK;
  for (size_t i = 0; i < sizeof fields / sizeof *fields && status == LS_OK; i++) {
    const char *name = fields[i].name;
    const ls_h5_range range = {0, fields[i].most};
    if (i > 0 && !ls_h5_has(r->file, name)) continue; /* epochs_run there has to be */
    status = check_over(r, name, r->rank, "trials");
    if (status != LS_OK) return status;
    status = fields[i].most ? ls_h5_read_integers(r->file, name, range, r->trials, values)
                            : ls_h5_read(r->file, name, fields[i].type, values);
    for (size_t t = 0; status == LS_OK && t < r->trials; t++) {
      memcpy((char *)&r->out->trials[t] + fields[i].offset, (const char *)values + 8 * t, 8);
    }
  }
  return status;
}

_Static_assert(sizeof(size_t) == sizeof(int64_t), "a count is stored as it is read");

static int read_trial_table(const reader *r) {
  report_trial *trials = r->out->trials = ls_memory_new(r->memory, r->trials, sizeof *trials);
  void *values = ls_memory_new(r->memory, r->trials, 8);
  int status = ls_memory_status(r->memory);
  for (size_t t = 0; status == LS_OK && t < r->trials; t++)
    trials[t].seconds = trials[t].speed = NAN;
  if (status == LS_OK) status = read_statuses(r, values);
  if (status == LS_OK) status = read_fields(r, values);
  for (size_t t = 0; status == LS_OK && t < r->trials; t++) {
    if (trials[t].best_epoch > trials[t].epochs_run) trials[t].best_epoch = 0;
  }
  r->out->restored_known = ls_h5_has(r->file, "best_restored");
  return status;
}

/* ---- Curves ---- */

static int read_curve(const reader *r, report_curve *curve, const char *name, bool final) {
  size_t count = 0;
  if (__builtin_mul_overflow(r->trials, final ? 1 : r->out->epochs, &count)) {
    return not_results(r, "it is too large");
  }
  curve->final = final;
  curve->name = ls_memory_text(r->memory, "%s", name);
  curve->values = ls_memory_new(r->memory, count, sizeof *curve->values);
  int status = ls_memory_status(r->memory);
  if (status == LS_OK)
    status = report_read_text(r->memory, &curve->units, r->file, name, "units", "");
  if (status == LS_OK && strcmp(curve->units, "1") == 0) curve->units[0] = '\0';
  if (status == LS_OK && ls_h5_has_attribute(r->file, name, "higher_is_better")) {
    double higher = 0;
    status = ls_h5_get_number(r->file, name, "higher_is_better", &higher);
    curve->better = higher != 0 ? 1 : -1;
  }
  return status == LS_OK ? ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, curve->values) : status;
}

/* Every dataset of reals over all axes is a curve, whatever its name; one over the trials is a
 * final value if it begins with test_. */
static bool is_curve(const reader *r, const char *name, const ls_h5_shape *shape, bool final) {
  if (shape->class_id != H5T_FLOAT || !is_over(r, shape, r->rank + !final)) return false;
  if (final) return strncmp(name, "test_", 5) == 0;
  return strcmp(name, "epoch") != 0 && shape->extent[r->rank] == r->out->epochs;
}

/* Appends the member `name` of the file, if it is a curve. */
static int add_curve(const reader *r, const char *name, bool final) {
  ls_h5_shape shape;
  if (ls_h5_has_group(r->file, name)) return LS_OK;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status != LS_OK || !is_curve(r, name, &shape, final)) return status;
  return read_curve(r, &r->out->curves[r->out->curve_count++], name, final);
}

static int read_curves(const reader *r) {
  report_results *out = r->out;
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(r->file, ".", &names, &count);
  status = report_keep_texts(r->memory, names, count, status);
  out->curves = ls_memory_new(r->memory, count, sizeof *out->curves);
  if (status == LS_OK) status = ls_memory_status(r->memory);
  for (size_t i = 0; status == LS_OK && i < 2 * count; i++) {
    status = add_curve(r, names[i % count], i >= count);
  }
  return status;
}

/* Sets the trials' speeds. The median epoch's: some may have had to wait for other programs. */
static int set_speeds(const reader *r) {
  const report_curve *duration = report_find_curve(r->out, "epoch_seconds");
  double *seconds = ls_memory_new(r->memory, r->out->epochs, sizeof *seconds);
  for (size_t t = 0; seconds && duration && t < r->trials; t++) {
    report_trial *trial = &r->out->trials[t];
    if (trial->epochs_run == 0) continue;
    memcpy(seconds, duration->values + t * r->out->epochs, trial->epochs_run * sizeof *seconds);
    report_sort(seconds, trial->epochs_run);
    double median = report_quantile(seconds, trial->epochs_run, 0.5);
    if (trial->train_samples > 0 && median > 0) {
      trial->speed = (double)trial->train_samples / median;
    }
  }
  return seconds ? LS_OK : LS_FAILED;
}

/* ---- The rest ---- */

static void add_entry(const reader *r, const char *name, const char *text) {
  r->out->provenance[r->out->entry_count++] = (report_entry){name, text};
}

static int read_entry(const reader *r, hid_t group, const char *name) {
  char *text = NULL;
  int status = ls_h5_get_text(group, ".", name, &text);
  if (status == LS_OK) {
    ls_memory_keep(r->memory, text);
  } else {
    double number = NAN;
    status = ls_h5_get_number(group, ".", name, &number);
    text = ls_memory_text(r->memory, "%s", report_number(number, REPORT_AS_EXACT, 0).text);
  }
  add_entry(r, name, text);
  return status == LS_OK ? ls_memory_status(r->memory) : status;
}

/* The time of the end is a dataset, since it is overwritten while the job runs. */
static int read_end(const reader *r, hid_t group) {
  char **texts = NULL;
  size_t count = 0;
  int status = ls_h5_read_texts(group, "end", &texts, &count);
  status = report_keep_texts(r->memory, texts, count, status);
  if (status == LS_OK) add_entry(r, "end", count > 0 && *texts[0] ? texts[0] : "not ended");
  return status;
}

static int read_provenance(const reader *r) {
  if (!ls_h5_has(r->file, "provenance")) return LS_OK;
  hid_t group = -1;
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_open_group(&group, r->file, "provenance");
  if (status == LS_OK) status = ls_h5_list_attributes(group, &names, &count);
  status = report_keep_texts(r->memory, names, count, status);
  r->out->provenance = ls_memory_new(r->memory, count + 1, sizeof *r->out->provenance);
  if (status == LS_OK) status = ls_memory_status(r->memory);
  for (size_t i = 0; status == LS_OK && i < count; i++) status = read_entry(r, group, names[i]);
  if (status == LS_OK && ls_h5_has(group, "end")) status = read_end(r, group);
  ls_h5_close(&group);
  return status;
}

static int read_root(const reader *r) {
  report_results *out = r->out;
  const report_text texts[] = {{"monitor", &out->monitor, "val_loss"},
                               {"title", &out->title, r->path},
                               {"job", &out->job, ""},
                               {"source", &out->source, ""},
                               {"history", &out->history, ""},
                               {"selection", &out->selection, ""},
                               {NULL}};
  int status = report_read_list(r->memory, r->file, ".", texts);
  return status == LS_OK ? reported_read(out, r->memory, r->file) : status;
}

int report_results_read(report_results **out, ls_memory *memory, const char *path) {
  const char *name = ls_file_name(path);
  reader r = {.path = path, .file = -1, .memory = memory};
  r.out = *out = ls_memory_new(memory, 1, sizeof *r.out);
  if (!r.out) return LS_FAILED;
  r.out->path = path;
  r.out->name = ls_memory_text(memory, "%.*s", (int)ls_stem_length(name), name);
  int status = ls_h5_open(&r.file, path);
  if (status == LS_OK) status = read_axes(&r);
  if (status == LS_OK) status = read_root(&r);
  if (status == LS_OK) status = read_trial_table(&r);
  if (status == LS_OK) status = read_curves(&r);
  if (status == LS_OK) status = set_speeds(&r);
  if (status == LS_OK) status = report_read_search(r.out, memory, r.file);
  const report_curve *monitor = status == LS_OK ? report_find_curve(r.out, r.out->monitor) : NULL;
  if (status == LS_OK && (!monitor || monitor->final)) {
    status = ls_fail(LS_INVALID, "%s: is not a results file: it has no curve '%s'", path,
                     r.out->monitor);
  }
  if (status == LS_OK) status = read_provenance(&r);
  ls_h5_close(&r.file);
  return status;
}
