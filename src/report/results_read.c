/* Results file -> plain data. The only file of the report that knows the layout of the file. */
#include "base/memory.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const ls_report_status_words[LS_REPORT_STATUS_COUNT] = {
    "pending", "running", "done", "stopped_early", "diverged", "failed"};

/* What is needed while reading and not afterwards. `extent` is that of the trials. */
typedef struct reader {
  hid_t file;
  const char *path;
  ls_report_results *out;
  int rank;
  hsize_t extent[LS_H5_MAX_RANK];
  size_t trials;
} reader;

static int not_results(const reader *r, const char *why) {
  return ls_fail(LS_INVALID, "%s: is not a results file: %s", r->path, why);
}

/* The text attribute of a member, or a copy of `fallback` where it has none. */
static int read_text(const reader *r, char **out, const char *name, const char *attribute,
                     const char *fallback) {
  if (ls_h5_has_attribute(r->file, name, attribute)) {
    return ls_h5_get_text(r->file, name, attribute, out);
  }
  *out = ls_copy_text(fallback);
  return *out ? LS_OK : LS_FAILED;
}

/* Which direction of a variable makes simpler models. */
static int read_simpler(const reader *r, ls_report_axis *axis) {
  char *simpler = NULL;
  int status = read_text(r, &simpler, axis->name, "simpler", "");
  if (status == LS_OK && strcmp(simpler, "higher") == 0) axis->simpler = 1;
  if (status == LS_OK && strcmp(simpler, "lower") == 0) axis->simpler = -1;
  free(simpler);
  return status;
}

static int read_variable(const reader *r, ls_report_axis *axis, const char *name, size_t count,
                         bool text) {
  axis->count = count;
  axis->name = ls_copy_text(name);
  if (!axis->name) return LS_FAILED;
  if (text) return ls_h5_read_texts(r->file, name, &axis->labels, &axis->count);
  axis->numbers = ls_new(count, sizeof *axis->numbers);
  if (!axis->numbers) return LS_FAILED;
  int status = ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, axis->numbers);
  if (status != LS_OK) return status;
  axis->labels = ls_report_labels(axis->numbers, count);
  if (!axis->labels) return LS_FAILED;
  char *spacing = NULL;
  status = read_text(r, &spacing, name, "spacing", "linear");
  axis->log = status == LS_OK && strcmp(spacing, "log") == 0;
  free(spacing);
  return status == LS_OK ? read_simpler(r, axis) : status;
}

/* The axis `name`, number `i` of `count`: a variable, replicate, fold, or at last epoch. */
static int read_axis(reader *r, const char *name, size_t i, size_t count) {
  ls_report_results *out = r->out;
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
  if (strcmp(name, "replicate") == 0) {
    out->replicates = n;
  } else if (strcmp(name, "fold") == 0) {
    out->folds = n;
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
  int status = ls_h5_get_texts(r->file, ".", "axes", &names, &count);
  if (status != LS_OK) return status;
  r->out->points = r->out->repeats = r->trials = 1;
  if (count > LS_H5_MAX_RANK) status = not_results(r, "it has too many axes");
  if (status == LS_OK) {
    r->out->variables = ls_new(count, sizeof *r->out->variables);
    if (!r->out->variables) status = LS_FAILED;
  }
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    status = read_axis(r, names[i], i, count);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  return status;
}

/* Whether a dataset lies over the trials, with `more` axes behind theirs. */
static bool over_trials(const reader *r, const ls_h5_shape *shape, int more) {
  if (shape->rank != r->rank + more) return false;
  return memcmp(shape->extent, r->extent, (size_t)r->rank * sizeof *r->extent) == 0;
}

/* Reads one value for each trial into `values` [trial]; leaves them where the file has none. */
static int read_trials(const reader *r, const char *name, bool required, hid_t type, void *values) {
  if (!required && !ls_h5_has(r->file, name)) return LS_OK;
  ls_h5_shape shape;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status != LS_OK) return status;
  if (!over_trials(r, &shape, 0)) {
    return ls_fail(LS_INVALID, "%s: /%s: is not laid out over the trials", r->path, name);
  }
  return ls_h5_read(r->file, name, type, values);
}

/* Turns the numbers that the file uses for statuses into ours, by their words. */
static int translate_statuses(const reader *r, const int64_t *numbers) {
  char *words = NULL;
  int status = ls_h5_get_text(r->file, "status", "flag_meanings", &words);
  int values[LS_REPORT_STATUS_COUNT], meanings[LS_REPORT_STATUS_COUNT];
  size_t count = 0;
  char *rest = NULL;
  for (char *word = words ? strtok_r(words, " ", &rest) : NULL; word && status == LS_OK;
       word = strtok_r(NULL, " ", &rest)) {
    int known = 0;
    while (known < LS_REPORT_STATUS_COUNT && strcmp(word, ls_report_status_words[known])) known++;
    if (known == LS_REPORT_STATUS_COUNT || count == LS_REPORT_STATUS_COUNT) {
      status = ls_fail(LS_INVALID, "%s: /status: unknown meaning '%s'", r->path, word);
    } else {
      meanings[count++] = known;
    }
  }
  free(words);
  if (status == LS_OK) {
    status = ls_h5_get_integers(r->file, "status", "flag_values", count, values);
  }
  for (size_t t = 0; status == LS_OK && t < r->trials; t++) {
    size_t k = 0;
    while (k < count && values[k] != numbers[t]) k++;
    if (k == count) {
      return ls_fail(LS_INVALID, "%s: /status: %lld is none of its flag_values", r->path,
                     (long long)numbers[t]);
    }
    r->out->trials[t].status = (ls_report_status)meanings[k];
  }
  return status;
}

static int read_trial_table(const reader *r) {
  size_t n = r->trials;
  ls_report_trial *trials = r->out->trials = ls_new(n, sizeof *trials);
  int64_t *whole = ls_new(n, sizeof *whole);
  uint64_t *bits = ls_new(n, sizeof *bits);
  double *real = ls_new(n, sizeof *real);
  int status = trials && whole && bits && real ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = read_trials(r, "status", true, H5T_NATIVE_INT64, whole);
  if (status == LS_OK) status = translate_statuses(r, whole);
  if (status == LS_OK) status = read_trials(r, "epochs_run", true, H5T_NATIVE_INT64, whole);
  for (size_t t = 0; status == LS_OK && t < n; t++) {
    if (whole[t] < 0 || (uint64_t)whole[t] > r->out->epochs) {
      status = ls_fail(LS_INVALID, "%s: /epochs_run: %lld is not within the %zu epochs", r->path,
                       (long long)whole[t], r->out->epochs);
    }
    trials[t].epochs_run = (size_t)whole[t];
    whole[t] = 0;
    real[t] = NAN;
  }
  if (status == LS_OK) status = read_trials(r, "best_epoch", false, H5T_NATIVE_INT64, whole);
  if (status == LS_OK) status = read_trials(r, "trial_seconds", false, H5T_NATIVE_DOUBLE, real);
  if (status == LS_OK) status = read_trials(r, "seed", false, H5T_NATIVE_UINT64, bits);
  for (size_t t = 0; status == LS_OK && t < n; t++) {
    bool known = whole[t] > 0 && (uint64_t)whole[t] <= trials[t].epochs_run;
    trials[t].best_epoch = known ? (size_t)whole[t] : 0;
    trials[t].seconds = real[t];
    trials[t].seed = bits[t];
    bits[t] = 0;
  }
  if (status == LS_OK) status = read_trials(r, "train_samples", false, H5T_NATIVE_UINT64, bits);
  for (size_t t = 0; status == LS_OK && t < n; t++) {
    trials[t].train_samples = bits[t];
    bits[t] = 0;
  }
  if (status == LS_OK) status = read_trials(r, "weights_hash", false, H5T_NATIVE_UINT64, bits);
  for (size_t t = 0; status == LS_OK && t < n; t++) {
    trials[t].weights_hash = bits[t];
    bits[t] = 0;
  }
  r->out->restored_known = ls_h5_has(r->file, "best_restored");
  if (status == LS_OK) status = read_trials(r, "best_restored", false, H5T_NATIVE_UINT64, bits);
  for (size_t t = 0; status == LS_OK && t < n; t++) trials[t].best_restored = bits[t] != 0;
  free(whole);
  free(bits);
  free(real);
  return status;
}

/* `each` is the number of values of a trial. */
static int read_curve(const reader *r, ls_report_curve *curve, const char *name, size_t each) {
  size_t count = 0;
  if (__builtin_mul_overflow(r->trials, each, &count)) {
    return not_results(r, "it is too large");
  }
  curve->name = ls_copy_text(name);
  curve->values = ls_new(count, sizeof *curve->values);
  if (!curve->name || !curve->values) return LS_FAILED;
  int status = read_text(r, &curve->title, name, "long_name", name);
  if (status == LS_OK) status = read_text(r, &curve->units, name, "units", "");
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
static int read_curves(const reader *r) {
  ls_report_results *out = r->out;
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(r->file, ".", &names, &count);
  if (status != LS_OK) return status;
  out->curves = ls_new(count, sizeof *out->curves);
  out->finals = ls_new(count, sizeof *out->finals);
  if (!out->curves || !out->finals) status = LS_FAILED;
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    ls_h5_shape shape;
    if (ls_h5_describe(r->file, names[i], &shape) != LS_OK) {
      ls_error_clear(); /* a group */
    } else if (shape.class_id == H5T_FLOAT && strcmp(names[i], "epoch") != 0 &&
               over_trials(r, &shape, 1) && shape.extent[r->rank] == out->epochs) {
      status = read_curve(r, &out->curves[out->curve_count++], names[i], out->epochs);
    } else if (shape.class_id == H5T_FLOAT && strncmp(names[i], "test_", 5) == 0 &&
               over_trials(r, &shape, 0)) {
      status = read_curve(r, &out->finals[out->final_count++], names[i], 1);
    }
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  return status;
}

static int read_note(hid_t group, ls_report_note *note, const char *name) {
  note->name = ls_copy_text(name);
  if (!note->name) return LS_FAILED;
  if (ls_h5_get_text(group, ".", name, &note->text) == LS_OK) return LS_OK;
  double number = NAN;
  int status = ls_h5_get_number(group, ".", name, &number);
  if (status != LS_OK) return status;
  note->text = ls_new(LS_REPORT_NUMBER, 1);
  if (!note->text) return LS_FAILED;
  ls_report_exact(note->text, number);
  return LS_OK;
}

/* The time of the end is a dataset, since it is overwritten while the job runs. */
static int read_end(hid_t group, ls_report_note *note) {
  char **texts = NULL;
  size_t count = 0;
  int status = ls_h5_read_texts(group, "end", &texts, &count);
  if (status != LS_OK) return status;
  note->name = ls_copy_text("end");
  note->text = ls_copy_text(count > 0 && *texts[0] ? texts[0] : "not ended");
  for (size_t i = 0; i < count; i++) free(texts[i]);
  free(texts);
  return note->name && note->text ? LS_OK : LS_FAILED;
}

static int read_provenance(const reader *r) {
  if (!ls_h5_has(r->file, "provenance")) return LS_OK;
  hid_t group = -1;
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_open_group(&group, r->file, "provenance");
  if (status == LS_OK) status = ls_h5_list_attributes(group, &names, &count);
  if (status == LS_OK) {
    r->out->provenance = ls_new(count + 1, sizeof *r->out->provenance);
    if (!r->out->provenance) status = LS_FAILED;
  }
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    status = read_note(group, &r->out->provenance[r->out->note_count++], names[i]);
  }
  if (status == LS_OK && ls_h5_has(group, "end")) {
    status = read_end(group, &r->out->provenance[r->out->note_count++]);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  ls_h5_close(&group);
  return status;
}

/* The reference: an attribute if it is one for all points, else a dataset over the variables. */
static int read_reference(const reader *r) {
  ls_report_results *out = r->out;
  int status = read_text(r, &out->reference_label, ".", "reference_label", "");
  if (status == LS_OK) {
    status = read_text(r, &out->reference_metric, ".", "reference_metric", out->monitor);
  }
  bool one = ls_h5_has_attribute(r->file, ".", "reference");
  if (status != LS_OK || (!one && !ls_h5_has(r->file, "reference"))) return status;
  out->reference_count = one ? 1 : out->points;
  out->references = ls_new(out->reference_count, sizeof *out->references);
  if (!out->references) return LS_FAILED;
  if (one) return ls_h5_get_number(r->file, ".", "reference", out->references);
  ls_h5_shape shape;
  status = ls_h5_describe(r->file, "reference", &shape);
  if (status != LS_OK) return status;
  if (shape.rank != (int)out->variable_count ||
      memcmp(shape.extent, r->extent, (size_t)shape.rank * sizeof *r->extent) != 0) {
    return ls_fail(LS_INVALID, "%s: /reference: is not laid out over the variables", r->path);
  }
  return ls_h5_read(r->file, "reference", H5T_NATIVE_DOUBLE, out->references);
}

static int read_root(const reader *r) {
  ls_report_results *out = r->out;
  int status = read_text(r, &out->title, ".", "title", r->path);
  if (status == LS_OK) status = read_text(r, &out->job, ".", "job", "");
  if (status == LS_OK) status = read_text(r, &out->source, ".", "source", "");
  if (status == LS_OK) status = read_text(r, &out->history, ".", "history", "");
  if (status == LS_OK) status = read_text(r, &out->monitor, ".", "monitor", "val_loss");
  return status == LS_OK ? read_reference(r) : status;
}

int ls_report_results_read(ls_report_results **out, const char *path) {
  *out = NULL;
  reader r = {.path = path, .file = -1};
  int status = ls_h5_open(&r.file, path);
  if (status != LS_OK) return status;
  r.out = ls_new(1, sizeof *r.out);
  if (!r.out) status = LS_FAILED;
  if (status == LS_OK) status = read_axes(&r);
  if (status == LS_OK) status = read_root(&r);
  if (status == LS_OK) status = read_trial_table(&r);
  if (status == LS_OK) status = read_curves(&r);
  if (status == LS_OK && !ls_report_find_curve(r.out, r.out->monitor)) {
    status = ls_fail(LS_INVALID, "%s: is not a results file: it has no curve '%s'", path,
                     r.out->monitor);
  }
  if (status == LS_OK) status = read_provenance(&r);
  ls_h5_close(&r.file);
  if (status == LS_OK) *out = r.out;
  if (status != LS_OK) ls_report_results_free(&r.out);
  return status;
}
