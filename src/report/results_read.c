/* Results file -> plain data: its axes, trials and curves, and what describes it. */
#include "base/paths.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/reader.h"
#include "report/statistics.h"

#include <math.h>
#include <string.h>

static void not_results(report_reader *r, const char *why) {
  r->status = ls_fail(LS_INVALID, "%s: is not a results file: %s", r->path, why);
}

/* ---- Axes ---- */

/* The trials or, with the axis of epochs, their epochs. */
static report_layout trials(const report_reader *r) {
  return (report_layout){r->rank, 0, "trials"};
}

static report_layout epochs(const report_reader *r) {
  return (report_layout){r->rank, r->results->epochs, "epochs"};
}

/* The extent of an axis; 0 after a failure. */
static size_t read_extent(report_reader *r, const char *name) {
  ls_h5_shape shape = report_read_shape(r, name);
  bool text = shape.class_id == H5T_STRING;
  bool number = shape.class_id == H5T_INTEGER || shape.class_id == H5T_FLOAT;
  if (r->status != LS_OK) return 0;
  if (shape.rank == 1 && shape.extent[0] > 0 && (text || number)) return (size_t)shape.extent[0];
  r->status = ls_fail(LS_INVALID, "%s: /%s: is not an axis (expected a list of numbers or texts)",
                      r->path, name);
  return 0;
}

/* The axis `name`, number `i`, of trials: a variable, the points of a sweep, replicates or folds.
 */
static void read_axis(report_reader *r, const char *name, size_t i) {
  report_results *out = r->results;
  size_t n = read_extent(r, name), all = 0;
  bool over_points =
      i == 0 && strcmp(name, "point") == 0 && ls_h5_has_attribute(r->file, ".", "coordinates");
  bool replicates = strcmp(name, "replicate") == 0, folds = strcmp(name, "fold") == 0;
  if (r->status != LS_OK) return;
  r->extent[r->rank++] = n;
  if (__builtin_mul_overflow(out->points * out->repeats, n, &all)) {
    not_results(r, "it is too large");
  } else if (replicates || folds) {
    *(folds ? &out->folds : &out->replicates) = n;
    out->repeats *= n;
  } else if (out->values) {
    not_results(r, "a sweep variable comes after 'point'");
  } else if (out->replicates || out->folds) {
    not_results(r, "a sweep variable comes after 'replicate' or 'fold'");
  } else {
    out->points *= n;
    r->point_rank++;
    if (over_points) report_read_coordinates(r);
    if (!over_points) report_read_variable(r, name);
  }
}

static void read_axes(report_reader *r) {
  report_results *out = r->results;
  size_t count = 0;
  char **names = report_read_texts(r, ".", "axes", &count);
  if (r->status != LS_OK) return;
  if (!ls_h5_has_attribute(r->file, ".", "axes")) not_results(r, "it has no attribute 'axes'");
  if (count > LS_H5_MAX_RANK) not_results(r, "it has too many axes");
  out->points = out->repeats = 1;
  out->variables = report_new(r, count, sizeof *out->variables);
  for (size_t i = 0; i < count && r->status == LS_OK; i++) {
    bool last = i + 1 == count;
    if (last != (strcmp(names[i], "epoch") == 0)) {
      not_results(r, "its last axis is not 'epoch'");
    } else if (last) {
      out->epochs = read_extent(r, names[i]);
    } else {
      read_axis(r, names[i], i);
    }
  }
}

/* ---- Trials ---- */

/* Lists the statuses that the file's meanings stand for, in their order. Returns their number. */
static size_t read_meanings(report_reader *r, report_status meanings[REPORT_STATUS_COUNT]) {
  const char *words = report_read_text(r, "status", "flag_meanings", "");
  size_t count = 0;
  for (size_t length = 0; *(words += strspn(words, " ")); words += length) {
    length = strcspn(words, " ");
    size_t k = 0;
    while (k < REPORT_STATUS_COUNT && (strncmp(words, report_status_words[k], length) != 0 ||
                                       report_status_words[k][length] != '\0')) {
      k++;
    }
    if (k == REPORT_STATUS_COUNT || count == REPORT_STATUS_COUNT) {
      r->status =
          ls_fail(LS_INVALID, "%s: /status: unknown meaning '%.*s'", r->path, (int)length, words);
      return 0;
    }
    meanings[count++] = (report_status)k;
  }
  return count;
}

/* Turns the numbers that the file uses for statuses into ours, by their words. */
static void read_statuses(report_reader *r) {
  static const ls_h5_range any = {INT64_MIN, INT64_MAX};
  const report_results *out = r->results;
  int64_t values[REPORT_STATUS_COUNT];
  report_status meanings[REPORT_STATUS_COUNT];
  int64_t *numbers = report_read_integers(r, "status", trials(r), INT64_MAX);
  size_t count = read_meanings(r, meanings);
  if (r->status == LS_OK) {
    r->status = ls_h5_get_integers(r->file, "status", "flag_values", any, count, values);
  }
  for (size_t t = 0; r->status == LS_OK && t < out->points * out->repeats; t++) {
    size_t k = 0;
    while (k < count && values[k] != numbers[t]) k++;
    if (k < count) out->trials[t].status = meanings[k];
    if (k == count) {
      r->status = ls_fail(LS_INVALID, "%s: /status: %lld is none of its flag_values", r->path,
                          (long long)numbers[t]);
    }
  }
}

_Static_assert(sizeof(size_t) == sizeof(int64_t), "a count is stored as it is read");

/* Reads the fields of trials, which stay as they are where the file has none: integers within a
 * range, or numbers of 8 bytes and any value. */
static void read_fields(report_reader *r) {
  const report_results *out = r->results;
  const int64_t epochs = (int64_t)out->epochs;
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
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    const char *name = fields[i].name;
    if (i > 0 && !ls_h5_has(r->file, name)) continue; /* epochs_run there has to be */
    const char *values = fields[i].most
                             ? (char *)report_read_integers(r, name, trials(r), fields[i].most)
                             : report_read_array(r, name, trials(r), fields[i].type, 8);
    for (size_t t = 0; r->status == LS_OK && t < out->points * out->repeats; t++) {
      memcpy((char *)&out->trials[t] + fields[i].offset, values + 8 * t, 8);
    }
  }
}

static void read_trials(report_reader *r) {
  report_results *out = r->results;
  size_t count = out->points * out->repeats;
  out->trials = report_new(r, count, sizeof *out->trials);
  if (r->status != LS_OK) return;
  out->restored_known = ls_h5_has(r->file, "best_restored");
  for (size_t t = 0; t < count; t++) out->trials[t].seconds = out->trials[t].speed = NAN;
  read_statuses(r);
  read_fields(r);
  for (size_t t = 0; t < count; t++) {
    report_trial *trial = &out->trials[t];
    if (trial->best_epoch > trial->epochs_run) trial->best_epoch = 0;
  }
}

/* ---- Curves ---- */

static void read_curve(report_reader *r, const char *name, report_layout layout, bool final) {
  const char *units = report_read_text(r, name, "units", "");
  report_curve *curve = &r->results->curves[r->results->curve_count++];
  *curve = (report_curve){.name = name, .final = final};
  curve->units = strcmp(units, "1") == 0 ? "" : units;
  if (r->status == LS_OK && ls_h5_has_attribute(r->file, name, "higher_is_better")) {
    double higher = 0;
    r->status = ls_h5_get_number(r->file, name, "higher_is_better", &higher);
    curve->better = higher != 0 ? 1 : -1;
  }
  curve->values = report_read_reals(r, name, layout);
}

/* Reads the member `name`, if it is a curve: every dataset of reals over all axes is one, whatever
 * its name; one over the trials is a final value if it begins with test_. */
static void read_member(report_reader *r, const char *name, bool final) {
  const report_layout layout = final ? trials(r) : epochs(r);
  if (r->status != LS_OK || ls_h5_has_group(r->file, name)) return;
  ls_h5_shape shape = report_read_shape(r, name);
  bool named = final ? strncmp(name, "test_", 5) == 0 : strcmp(name, "epoch") != 0;
  bool is = named && shape.class_id == H5T_FLOAT && report_is_over(r, &shape, layout);
  if (r->status == LS_OK && is) read_curve(r, name, layout, final);
}

static void read_curves(report_reader *r) {
  report_results *out = r->results;
  size_t count = 0;
  char **names = report_read_members(r, ".", &count);
  out->curves = report_new(r, count, sizeof *out->curves);
  for (size_t i = 0; i < 2 * count; i++) read_member(r, names[i % count], i >= count);
  if (r->status != LS_OK) return;
  const report_curve *monitor = report_find_curve(out, out->monitor);
  if (monitor && !monitor->final) return;
  r->status =
      ls_fail(LS_INVALID, "%s: is not a results file: it has no curve '%s'", r->path, out->monitor);
}

/* Sets the trials' speeds. The median epoch's: some may have had to wait for other programs. */
static void set_speeds(report_reader *r) {
  report_results *out = r->results;
  double *seconds = report_new(r, out->epochs, sizeof *seconds);
  if (!seconds) return;
  const report_curve *duration = report_find_curve(out, "epoch_seconds");
  for (size_t t = 0; duration && t < out->points * out->repeats; t++) {
    report_trial *trial = &out->trials[t];
    if (trial->epochs_run == 0) continue;
    memcpy(seconds, duration->values + t * out->epochs, trial->epochs_run * sizeof *seconds);
    report_sort(seconds, trial->epochs_run);
    double median = report_quantile(seconds, trial->epochs_run, 0.5);
    if (trial->train_samples > 0 && median > 0) {
      trial->speed = (double)trial->train_samples / median;
    }
  }
}

/* ---- The rest ---- */

/* The text of an attribute of the provenance, which may be a number. */
static const char *read_entry(report_reader *r, const char *name) {
  char *text = NULL;
  double number = NAN;
  if (ls_h5_get_text(r->file, "provenance", name, &text) == LS_OK) {
    return ls_memory_keep(r->memory, text);
  }
  r->status = ls_h5_get_number(r->file, "provenance", name, &number);
  return ls_memory_text(r->memory, "%s", report_number(number, REPORT_AS_EXACT, 0).text);
}

/* The time of the end is a dataset, since it is overwritten while the job runs. */
static const char *read_end(report_reader *r) {
  size_t count = 0;
  char **texts = report_read_strings(r, "provenance/end", &count);
  return count > 0 && *texts[0] ? texts[0] : "not ended";
}

static char **list_provenance(report_reader *r, size_t *count) {
  hid_t group = -1;
  char **names = NULL;
  int status = ls_h5_open_group(&group, r->file, "provenance");
  if (status == LS_OK) status = ls_h5_list_attributes(group, &names, count);
  ls_h5_close(&group);
  return report_keep_texts(r, names, count, status);
}

static void read_provenance(report_reader *r) {
  report_results *out = r->results;
  size_t count = 0;
  if (r->status != LS_OK || !ls_h5_has(r->file, "provenance")) return;
  char **names = list_provenance(r, &count);
  out->provenance = report_new(r, count + 1, sizeof *out->provenance);
  for (size_t i = 0; i < count && r->status == LS_OK; i++) {
    out->provenance[out->entry_count++] = (report_entry){names[i], read_entry(r, names[i])};
  }
  if (r->status == LS_OK && ls_h5_has(r->file, "provenance/end")) {
    out->provenance[out->entry_count++] = (report_entry){"end", read_end(r)};
  }
}

static void read_root(report_reader *r) {
  report_results *out = r->results;
  out->monitor = report_read_text(r, ".", "monitor", "val_loss");
  out->title = report_read_text(r, ".", "title", r->path);
  out->job = report_read_text(r, ".", "job", "");
  out->source = report_read_text(r, ".", "source", "");
  out->history = report_read_text(r, ".", "history", "");
  out->selection = report_read_text(r, ".", "selection", "");
}

int report_results_read(report_results **out, ls_memory *memory, const char *path) {
  const char *name = ls_file_name(path);
  report_reader r;
  report_open(&r, memory, path);
  r.results = *out = report_new(&r, 1, sizeof **out);
  if (*out) {
    (*out)->path = path;
    (*out)->name = ls_memory_text(memory, "%.*s", (int)ls_stem_length(name), name);
    read_axes(&r);
    read_root(&r);
    report_read_reported(&r);
    read_trials(&r);
    read_curves(&r);
    set_speeds(&r);
    report_read_search(&r);
    read_provenance(&r);
  }
  int status = report_close(&r);
  return status == LS_OK ? ls_memory_status(memory) : status;
}
