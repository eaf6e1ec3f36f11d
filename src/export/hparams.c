/* Messages of TensorBoard's plugin `hparams`, with the field numbers of its .proto files. */
#include "export/hparams.h"

#include "export/events.h"
#include "export/protobuf.h"
#include "report/results.h"

#include <math.h>
#include <stdio.h>

enum { DATA_EXPERIMENT = 2, DATA_START = 3, DATA_END = 4 };
enum { EXPERIMENT_VARIABLE = 4, EXPERIMENT_METRIC = 5, EXPERIMENT_NAME = 6 };
enum { VARIABLE_NAME = 1, VARIABLE_TYPE = 4, TYPE_STRING = 1, TYPE_NUMBER = 3 };
enum { METRIC_NAME = 1, METRIC_NAME_TAG = 2 };
enum { START_VALUES = 1, START_GROUP = 4, START_TIME = 5 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2, VALUE_NUMBER = 2, VALUE_STRING = 3 };
enum { END_STATUS = 1, END_TIME = 2, STATUS_SUCCESS = 1, STATUS_FAILURE = 2, STATUS_RUNNING = 3 };

/* Appends the plugin's data, of which `message`, which is released, is the field. */
static void add_data(ls_text *summary, const char *tag, unsigned field, ls_text *message) {
  ls_text data = {0};
  protobuf_add_message(&data, field, message);
  events_add_plugin(summary, tag, "hparams", &data);
}

void hparams_add_study(ls_text *summary, const export_study *s, const char *const *metrics,
                       size_t metric_count) {
  const report_results *r = s->results;
  ls_text experiment = {0};
  for (size_t v = 0; v < r->variable_count; v++) {
    ls_text variable = {0};
    protobuf_add_text(&variable, VARIABLE_NAME, r->variables[v].name);
    protobuf_add_integer(&variable, VARIABLE_TYPE,
                         r->variables[v].values ? TYPE_NUMBER : TYPE_STRING);
    protobuf_add_message(&experiment, EXPERIMENT_VARIABLE, &variable);
  }
  for (size_t i = 0; i < metric_count; i++) {
    ls_text metric = {0}, name = {0};
    protobuf_add_text(&name, METRIC_NAME_TAG, metrics[i]);
    protobuf_add_message(&metric, METRIC_NAME, &name);
    protobuf_add_message(&experiment, EXPERIMENT_METRIC, &metric);
  }
  protobuf_add_text(&experiment, EXPERIMENT_NAME, r->name);
  add_data(summary, "_hparams_/experiment", DATA_EXPERIMENT, &experiment);
}

static void add_value(ls_text *start, const report_axis *axis, size_t i) {
  ls_text entry = {0}, value = {0};
  if (axis->values) protobuf_add_double(&value, VALUE_NUMBER, axis->values[i]);
  if (!axis->values) protobuf_add_text(&value, VALUE_STRING, axis->labels[i]);
  protobuf_add_text(&entry, ENTRY_KEY, axis->name);
  protobuf_add_message(&entry, ENTRY_VALUE, &value);
  protobuf_add_message(start, START_VALUES, &entry);
}

/* Replicates and folds of a point are a group, whose metrics TensorBoard can average. */
void hparams_add_start(ls_text *summary, const export_study *s, size_t trial) {
  const report_results *r = s->results;
  ls_text start = {0};
  char group[32];
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    size_t i = report_index(r, export_point(s, trial), v);
    if (i != axis->missing) add_value(&start, axis, i);
  }
  snprintf(group, sizeof group, "point_%zu", export_point(s, trial) + 1);
  protobuf_add_text(&start, START_GROUP, group);
  protobuf_add_double(&start, START_TIME, export_time(s, trial, 0));
  add_data(summary, "_hparams_/session_start_info", DATA_START, &start);
}

void hparams_add_end(ls_text *summary, const export_study *s, size_t trial) {
  const report_trial *t = &s->results->trials[trial];
  bool ended = report_finished(t) || t->status == REPORT_PRUNED;
  ls_text end = {0};
  protobuf_add_integer(&end, END_STATUS,
                       ended                         ? STATUS_SUCCESS
                       : t->status == REPORT_RUNNING ? STATUS_RUNNING
                                                     : STATUS_FAILURE);
  protobuf_add_double(&end, END_TIME, export_time(s, trial, t->epochs_run));
  add_data(summary, "_hparams_/session_end_info", DATA_END, &end);
}
