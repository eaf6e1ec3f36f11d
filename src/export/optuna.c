/* The journal of an Optuna study (JournalStorage with JournalFileBackend, Optuna 3.1 and later):
 * one operation in JSON on each line. The study is created, gets its attributes, and each trial is
 * created as a whole, in the form that Optuna writes for Study.add_trial. optuna-dashboard opens
 * the file, and optuna.load_study reads it.
 *
 * A trial's value is the monitored metric, minimized or maximized; the same after each epoch are
 * its intermediate values. Parameters are the variables of the sweep, whose distributions range
 * over the values that the study has. */
#include "export/format.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/results.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Optuna's numbers of operations, directions and states. */
enum { CREATE_STUDY = 0, SET_STUDY_USER_ATTR = 2, CREATE_TRIAL = 4 };
enum { MINIMIZE = 1, MAXIMIZE = 2 };
enum { RUNNING = 0, COMPLETE = 1, PRUNED = 2, FAIL = 3, WAITING = 4 };

/* A variable as a parameter of the study. */
typedef struct parameter {
  const char *distribution; /* in JSON, which Optuna keeps as a text */
  bool range;               /* of numbers; else its values are numbers of choices */
} parameter;

typedef struct journal {
  ls_text_file *out;
  const export_study *study;
  parameter *parameters; /* [variable] */
} journal;

/* An object that is being filled; failures are kept until it is written. */
typedef struct object {
  json_t *json;
  bool failed;
} object;

static object new_object(void) {
  json_t *json = json_object();
  return (object){json, !json};
}

/* A text as JSON: what is no UTF-8 is written as escapes. */
static json_t *text_of(const char *text) {
  json_t *json = json_string(text);
  if (json) return json;
  ls_text visible = {0};
  ls_text_add_visible(&visible, "%s", text);
  json = visible.data ? json_string(visible.data) : NULL;
  ls_text_free(&visible);
  return json;
}

/* Adds a member, which is taken over. */
static void put(object *o, const char *key, json_t *value) {
  json_t *name = text_of(key);
  o->failed |= !name || json_object_set(o->json, json_string_value(name), value) != 0;
  json_decref(name);
  json_decref(value);
}

static void put_object(object *o, const char *key, object value) {
  o->failed |= value.failed;
  put(o, key, value.json);
}

/* JSON has no NaN and no infinity: null. */
static json_t *number_of(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static int out_of_memory(void) {
  return ls_fail(LS_FAILED, "out of memory for the journal");
}

/* Appends the operation as a line. */
static int write_operation(ls_text_file *out, object *o, int code) {
  put(o, "op_code", json_integer(code));
  put(o, "worker_id", json_string("lockstep"));
  char *line = o->failed ? NULL : json_dumps(o->json, JSON_COMPACT);
  json_decref(o->json);
  if (!line) return out_of_memory();
  ls_text_add(&out->text, "%s\n", line);
  free(line);
  return ls_text_file_flush(out);
}

/* ---- Parameters ---- */

/* The least value of a numeric variable with `sign` 1, its greatest with -1. */
static double extreme(const report_axis *axis, double sign) {
  double extreme = NAN;
  for (size_t i = 0; i < axis->count; i++) {
    double value = axis->values[i];
    if (!isnan(value) && !(sign * value >= sign * extreme)) extreme = value;
  }
  return extreme;
}

/* Numbers are distributed over their range, texts are categories. */
static bool is_range(const report_axis *axis) {
  return axis->values && isfinite(extreme(axis, 1)) && isfinite(extreme(axis, -1));
}

static bool is_integer(const report_axis *axis) {
  for (size_t i = 0; i < axis->count; i++) {
    double value = axis->values[i];
    if (!isnan(value) && (value != rint(value) || fabs(value) > 0x1p53)) return false;
  }
  return true;
}

static void put_range(object *attributes, const report_axis *axis, bool integer) {
  double low = extreme(axis, 1), high = extreme(axis, -1);
  bool log = axis->log && low > 0;
  put(attributes, "log", json_boolean(log));
  put(attributes, "low", integer ? json_integer((json_int_t)low) : json_real(low));
  put(attributes, "high", integer ? json_integer((json_int_t)high) : json_real(high));
  put(attributes, "step", integer ? json_integer(1) : json_null());
}

static void put_choices(object *attributes, const report_axis *axis) {
  json_t *choices = json_array();
  for (size_t i = 0; i < axis->count; i++) {
    if (i != axis->missing) {
      attributes->failed |= json_array_append_new(choices, text_of(axis->labels[i])) != 0;
    }
  }
  put(attributes, "choices", choices);
}

static int describe_parameter(parameter *out, ls_memory *memory, const report_axis *axis) {
  object distribution = new_object(), attributes = new_object();
  out->range = is_range(axis);
  bool integer = out->range && is_integer(axis);
  const char *name = !out->range ? "CategoricalDistribution"
                     : integer   ? "IntDistribution"
                                 : "FloatDistribution";
  if (out->range) put_range(&attributes, axis, integer);
  if (!out->range) put_choices(&attributes, axis);
  put(&distribution, "name", json_string(name));
  put_object(&distribution, "attributes", attributes);
  char *text = distribution.failed ? NULL : json_dumps(distribution.json, JSON_COMPACT);
  json_decref(distribution.json);
  if (!text) return out_of_memory();
  out->distribution = ls_memory_keep(memory, text);
  return ls_memory_status(memory);
}

static int describe_parameters(journal *j, ls_memory *memory) {
  const report_results *r = j->study->results;
  j->parameters = ls_memory_new(memory, r->variable_count, sizeof *j->parameters);
  int status = ls_memory_status(memory);
  for (size_t v = 0; v < r->variable_count && status == LS_OK; v++) {
    status = describe_parameter(&j->parameters[v], memory, &r->variables[v]);
  }
  return status;
}

static void put_parameters(object *o, const journal *j, size_t trial) {
  const report_results *r = j->study->results;
  object distributions = new_object(), parameters = new_object();
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    const parameter *p = &j->parameters[v];
    size_t i = report_index(r, export_point(j->study, trial), v);
    if (i == axis->missing) continue;
    put(&distributions, axis->name, json_string(p->distribution));
    put(&parameters, axis->name,
        p->range ? json_real(axis->values[i]) : json_integer((json_int_t)i));
  }
  put_object(o, "distributions", distributions);
  put_object(o, "params", parameters);
}

/* ---- Trials ---- */

/* A trial of a finished state has a value, or has failed. */
static int state_of(const export_study *s, size_t trial) {
  static const int states[REPORT_STATUS_COUNT] = {
      [REPORT_PENDING] = WAITING,        [REPORT_RUNNING] = RUNNING, [REPORT_DONE] = COMPLETE,
      [REPORT_STOPPED_EARLY] = COMPLETE, [REPORT_DIVERGED] = FAIL,   [REPORT_FAILED] = FAIL,
      [REPORT_PRUNED] = PRUNED};
  int state = states[s->results->trials[trial].status];
  return state == COMPLETE && !isfinite(export_monitored(s, trial)) ? FAIL : state;
}

static json_t *time_of(double seconds) {
  char text[64] = "";
  double whole = floor(seconds);
  time_t time = (time_t)whole;
  struct tm parts = {0};
  gmtime_r(&time, &parts);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return json_sprintf("%s.%06d+00:00", text, (int)((seconds - whole) * 1e6));
}

static void put_times(object *o, const export_study *s, size_t trial, int state) {
  size_t epochs = s->results->trials[trial].epochs_run;
  put(o, "datetime_start", state == WAITING ? json_null() : time_of(export_time(s, trial, 0)));
  if (state == RUNNING || state == WAITING) return;
  put(o, "datetime_complete", time_of(export_time(s, trial, epochs)));
}

static void put_intermediate(object *o, const export_study *s, size_t trial) {
  const report_results *r = s->results;
  object values = new_object();
  for (size_t e = 0; e < r->trials[trial].epochs_run; e++) {
    char epoch[24];
    double value = s->monitor->values[trial * r->epochs + e];
    snprintf(epoch, sizeof epoch, "%zu", e + 1);
    if (isfinite(value)) put(&values, epoch, json_real(value));
  }
  put_object(o, "intermediate_values", values);
}

/* What Optuna has no place for: replicate, fold, seed, hash, and all final values. */
static void put_attributes(object *o, const export_study *s, size_t trial) {
  const report_results *r = s->results;
  const report_trial *t = &r->trials[trial];
  object values = new_object();
  put(&values, "point", json_integer((json_int_t)export_point(s, trial) + 1));
  if (r->replicates)
    put(&values, "replicate", json_integer((json_int_t)export_replicate(s, trial)));
  if (r->folds) put(&values, "fold", json_integer((json_int_t)export_fold(s, trial)));
  put(&values, "status", json_string(report_status_words[t->status]));
  put(&values, "seed", json_sprintf("%" PRIu64, t->seed));
  put(&values, "epochs_run", json_integer((json_int_t)t->epochs_run));
  if (report_finished(t)) {
    put(&values, "weights_hash", json_sprintf("%016" PRIx64, t->weights_hash));
  }
  for (size_t c = 0; c < r->curve_count && report_finished(t); c++) {
    const report_curve *curve = &r->curves[c];
    char name[256];
    snprintf(name, sizeof name, "final_%s", curve->name);
    double value = report_value(r, curve, trial, false);
    if (curve->final || report_is_measure(curve)) put(&values, name, number_of(value));
  }
  put_object(o, "user_attrs", values);
}

static int write_trial(const journal *j, size_t trial) {
  const export_study *s = j->study;
  object o = new_object();
  int state = state_of(s, trial);
  bool valued = state == COMPLETE || state == PRUNED;
  put(&o, "study_id", json_integer(0));
  put(&o, "state", json_integer(state));
  put(&o, "value", valued ? number_of(export_monitored(s, trial)) : json_null());
  put(&o, "values", json_null());
  put_times(&o, s, trial, state);
  put_parameters(&o, j, trial);
  put_attributes(&o, s, trial);
  put(&o, "system_attrs", json_object());
  put_intermediate(&o, s, trial);
  return write_operation(j->out, &o, CREATE_TRIAL);
}

/* ---- The study ---- */

static int write_study(const journal *j) {
  const export_study *s = j->study;
  object o = new_object();
  put(&o, "study_name", text_of(s->results->name));
  put(&o, "directions", json_pack("[i]", s->monitor->better > 0 ? MAXIMIZE : MINIMIZE));
  return write_operation(j->out, &o, CREATE_STUDY);
}

static int write_attribute(const journal *j, const char *name, const char *text) {
  object o = new_object(), attribute = new_object();
  put(&attribute, name, text_of(text));
  put(&o, "study_id", json_integer(0));
  put_object(&o, "user_attr", attribute);
  return write_operation(j->out, &o, SET_STUDY_USER_ATTR);
}

static int write_attributes(const journal *j) {
  const report_results *r = j->study->results;
  const char *const attributes[][2] = {
      {"title", r->title}, {"metric", r->monitor}, {"source", r->source}, {"job", r->job}};
  int status = LS_OK;
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes && status == LS_OK; i++) {
    status = write_attribute(j, attributes[i][0], attributes[i][1]);
  }
  return status;
}

static int write_journal(ls_text_file *out, const export_study *s) {
  ls_memory memory = {0};
  journal j = {out, s, NULL};
  int status = describe_parameters(&j, &memory);
  if (status == LS_OK) status = write_study(&j);
  if (status == LS_OK) status = write_attributes(&j);
  for (size_t i = 0; i < s->listed && status == LS_OK; i++) {
    status = write_trial(&j, s->trials[i]);
  }
  ls_memory_free(&memory);
  return status;
}

const export_format export_format_optuna = {
    .name = "optuna", .suffix = ".journal.log", .write = write_journal};
