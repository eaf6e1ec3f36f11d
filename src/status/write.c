/* Writing the status as JSON. */
#include "status/file.h"

#include "base/escape.h"
#include "base/paths.h"
#include "lockstep/error.h"

#include <math.h>

int ls_status_path(char **out, const char *results) {
  ls_text path = {0};
  ls_text_add_bytes(&path, results, ls_results_stem_length(results));
  ls_text_add(&path, ".status");
  *out = ls_text_take(&path);
  return *out ? LS_OK : LS_FAILED;
}

static void add_text(ls_text *out, const char *name, const char *value) {
  ls_text_add(out, "\"%s\": ", name);
  ls_escape_json(out, value ? value : "");
}

static void add_number(ls_text *out, const char *name, double value) {
  if (isfinite(value)) {
    ls_text_add(out, "\"%s\": %.9g", name, value);
  } else {
    ls_text_add(out, "\"%s\": null", name);
  }
}

void ls_status_add_header(ls_text *out, const ls_run_status *s) {
  ls_text_add(out, "\"format\": %d,\n", LS_STATUS_FORMAT);
  add_text(out, "version", LS_VERSION);
  ls_text_add(out, ",\n");
  add_text(out, "title", s->title);
  ls_text_add(out, ",\n");
  add_text(out, "host", s->host);
  ls_text_add(out, ",\n\"process\": %ld,\n\"process_start\": %llu,\n\"ranks\": %zu", s->process,
              s->process_start, s->ranks);
}

static void add_trial(ls_text *out, const ls_trial_status_row *t) {
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"epoch", t->epoch},
                 {"epochs", t->epochs},
                 {"epoch_done", t->epoch_done},
                 {"loss", t->loss},
                 {"metric", t->metric},
                 {"headline", t->headline},
                 {"samples_per_second", t->rate},
                 {"seconds_left", t->seconds_left}};
  ls_text_add(out, "  {\"trial\": %zu, ", t->trial + 1);
  add_text(out, "name", t->name);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    ls_text_add(out, ", ");
    add_number(out, numbers[i].name, numbers[i].value);
  }
  ls_text_add(out, "}");
}

void ls_status_add_progress(ls_text *out, const ls_run_status *s) {
  add_text(out, "metric", s->metric);
  ls_text_add(out, ",\n");
  add_text(out, "headline", s->headline);
  ls_text_add(out, ",\n\"trials\": %zu,\n\"finished\": %zu,\n", s->trials, s->finished);
  add_number(out, "fraction", s->fraction);
  ls_text_add(out, ",\n");
  add_number(out, "elapsed_seconds", s->elapsed);
  ls_text_add(out, ",\n");
  add_number(out, "seconds_left", ls_run_seconds_left(s));
  ls_text_add(out, ",\n\"running\": [");
  for (size_t i = 0; i < s->running_count; i++) {
    ls_text_add(out, i > 0 ? ",\n" : "\n");
    add_trial(out, &s->running[i]);
  }
  ls_text_add(out, "]");
}

static void add_rank(ls_text *out, const ls_rank_status *r) {
  ls_text_add(out, "    {\"rank\": %d, ", r->rank);
  add_text(out, "activity", r->activity);
  ls_text_add(out, ", \"waiting\": %s, \"trial\": %zu, \"epoch\": %zu, \"step\": %zu, ",
              r->waiting ? "true" : "false", r->trial + 1, r->epoch + 1, r->step + 1);
  ls_text_add(out, "\"idle_seconds\": %.1f}", r->idle_seconds);
}

static void add_node(ls_text *out, const ls_node_status *n) {
  ls_text_add(out, "  {");
  add_text(out, "host", n->host);
  ls_text_add(out, ", ");
  add_number(out, "age_seconds", n->age);
  ls_text_add(out, ", \"ranks\": [");
  for (size_t i = 0; i < n->count; i++) {
    ls_text_add(out, i > 0 ? ",\n" : "\n");
    add_rank(out, &n->ranks[i]);
  }
  ls_text_add(out, "]}");
}

void ls_status_add_life(ls_text *out, const ls_run_status *s) {
  ls_text_add(out, "\"updated\": %.3f,\n", s->updated);
  add_number(out, "interval_seconds", s->interval);
  ls_text_add(out, ",\n\"nodes\": [");
  for (size_t i = 0; i < s->node_count; i++) {
    ls_text_add(out, i > 0 ? ",\n" : "\n");
    add_node(out, &s->nodes[i]);
  }
  ls_text_add(out, "],\n\"ended\": %s", s->ended ? "true" : "false");
  if (!s->ended) return;
  ls_text_add(out, ",\n\"exit_status\": %d,\n", s->exit_status);
  add_text(out, "message", s->message);
}
