/* Reading a status file. Members that are missing or of another type count as not known. */
#include "status/file.h"

#include "lockstep/error.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static const size_t largest = 64 << 20; /* bytes */

static const char *get_text(const json_t *from, const char *name, ls_memory *memory) {
  const char *text = json_string_value(json_object_get(from, name));
  return ls_memory_text(memory, "%s", text ? text : "");
}

/* NaN where there is none. */
static double get_number(const json_t *from, const char *name) {
  const json_t *value = json_object_get(from, name);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* 0 where there is none. */
static size_t get_count(const json_t *from, const char *name) {
  json_int_t value = json_integer_value(json_object_get(from, name));
  return value > 0 ? (size_t)value : 0;
}

/* A number from 1 in the file, from 0 here. */
static size_t get_index(const json_t *from, const char *name) {
  size_t number = get_count(from, name);
  return number > 0 ? number - 1 : 0;
}

/* A number of `low` to `high`, which it is nearest to. */
static double within(double value, double low, double high) {
  return value >= low ? fmin(value, high) : low;
}

static ls_trial_status_row read_trial(const json_t *from, ls_memory *memory) {
  const double epochs = within(get_number(from, "epochs"), 1, 1e9);
  return (ls_trial_status_row){.trial = get_index(from, "trial"),
                               .name = get_text(from, "name", memory),
                               .epoch = within(get_number(from, "epoch"), 1, epochs),
                               .epochs = epochs,
                               .epoch_done = within(get_number(from, "epoch_done"), 0, 1),
                               .loss = get_number(from, "loss"),
                               .metric = get_number(from, "metric"),
                               .headline = get_number(from, "headline"),
                               .rate = within(get_number(from, "samples_per_second"), 0, 1e12),
                               .seconds_left = get_number(from, "seconds_left")};
}

static ls_rank_status read_rank(const json_t *from, ls_memory *memory) {
  return (ls_rank_status){.rank = (int)within(get_number(from, "rank"), 0, 1e9),
                          .activity = get_text(from, "activity", memory),
                          .waiting = json_is_true(json_object_get(from, "waiting")),
                          .trial = get_index(from, "trial"),
                          .epoch = get_index(from, "epoch"),
                          .step = get_index(from, "step"),
                          .idle_seconds = within(get_number(from, "idle_seconds"), 0, 1e9)};
}

static ls_node_status read_node(const json_t *from, ls_memory *memory) {
  const json_t *list = json_object_get(from, "ranks");
  ls_node_status node = {.host = get_text(from, "host", memory),
                         .age = within(get_number(from, "age_seconds"), 0, 1e9),
                         .count = json_array_size(list)};
  node.ranks = ls_memory_new(memory, node.count, sizeof *node.ranks);
  for (size_t i = 0; node.ranks && i < node.count; i++) {
    node.ranks[i] = read_rank(json_array_get(list, i), memory);
  }
  return node;
}

static void read_progress(ls_run_status *s, const json_t *from, ls_memory *memory) {
  const json_t *list = json_object_get(from, "running");
  s->metric = get_text(from, "metric", memory);
  s->headline = get_text(from, "headline", memory);
  s->trials = get_count(from, "trials");
  s->finished = get_count(from, "finished");
  s->fraction = within(get_number(from, "fraction"), 0, 1);
  s->elapsed = get_number(from, "elapsed_seconds");
  s->running_count = json_array_size(list);
  s->running = ls_memory_new(memory, s->running_count, sizeof *s->running);
  for (size_t i = 0; s->running && i < s->running_count; i++) {
    s->running[i] = read_trial(json_array_get(list, i), memory);
  }
}

static void read_life(ls_run_status *s, const json_t *from, ls_memory *memory) {
  const json_t *list = json_object_get(from, "nodes");
  s->updated = within(get_number(from, "updated"), 0, 1e12);
  s->interval = within(get_number(from, "interval_seconds"), 0, 1e6);
  s->ended = json_is_true(json_object_get(from, "ended"));
  s->exit_status = (int)within(get_number(from, "exit_status"), 0, 255);
  s->message = get_text(from, "message", memory);
  s->node_count = json_array_size(list);
  s->nodes = ls_memory_new(memory, s->node_count, sizeof *s->nodes);
  for (size_t i = 0; s->nodes && i < s->node_count; i++) {
    s->nodes[i] = read_node(json_array_get(list, i), memory);
  }
}

static int read_document(ls_run_status *s, const json_t *from, ls_memory *memory,
                         const char *path) {
  if (json_integer_value(json_object_get(from, "format")) != LS_STATUS_FORMAT) {
    return ls_fail(LS_INVALID, "%s: is not the status file of a run (expected format %d)", path,
                   LS_STATUS_FORMAT);
  }
  *s = (ls_run_status){.title = get_text(from, "title", memory),
                       .host = get_text(from, "host", memory),
                       .process = (long)get_count(from, "process"),
                       .process_start = get_count(from, "process_start"),
                       .ranks = get_count(from, "ranks")};
  read_progress(s, from, memory);
  read_life(s, from, memory);
  return ls_memory_status(memory);
}

int ls_status_read(ls_run_status *out, ls_memory *memory, const char *path) {
  char *text = NULL;
  json_error_t error;
  int status = ls_text_read_regular(&text, path, largest);
  if (status != LS_OK) return status;
  json_t *document = json_loads(text, 0, &error);
  free(text);
  if (!document) {
    return ls_fail(LS_INVALID, "%s:%d: is not JSON: %s", path, error.line, error.text);
  }
  status = read_document(out, document, memory, path);
  json_decref(document);
  return status;
}
