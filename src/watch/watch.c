/* Following a run: reading, deciding whether it lives, and showing it, once a second. */
#include "watch/watch.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/exit_status.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "lockstep/error.h"
#include "status/file.h"
#include "status/lines.h"
#include "status/view.h"
#include "watch/page.h"
#include "watch/screen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CURVES = 8, MOST_FAILURES = 10 };

static const double silence_to_end = 120; /* seconds */
static const double page_seconds = 5, line_seconds = 10, rows_seconds = 3;

/* What was read last. */
typedef struct snapshot {
  ls_memory memory; /* of the status and its texts */
  ls_run_status status;
  ls_memory rows_memory;
  watch_rows rows;
  bool has_rows, rows_current; /* they were read since the status */
  double rows_read, rows_took; /* when, and for how long, in seconds */
} snapshot;

typedef struct watcher {
  const ls_watch_options *options;
  char *path; /* of the status file */
  snapshot now;
  watch_pulse pulse;
  watch_life life;
  double age;
  int failures; /* to read the status, one after the other */
  watch_screen screen;
  double page_written, page_took; /* when, and for how long */
  double line_printed;
  char *line; /* printed last, where there is no terminal */
} watcher;

/* ---- Reading --------------------------------------------------------------------------------- */

/* Whether that was done long enough ago to be done again, if it is to take less than a tenth of the
 * time. */
static bool is_due(double done, double took, double interval) {
  return ls_clock_seconds() - done >= fmax(interval, 10 * took);
}

/* Sets the curves of trials that are in training still to the rows read last. */
static void keep_rows(snapshot *now, const ls_run_status *before) {
  for (size_t i = 0; i < now->status.running_count; i++) {
    ls_trial_status_row *row = &now->status.running[i];
    for (size_t k = 0; k < before->running_count; k++) {
      if (before->running[k].trial != row->trial || !before->running[k].curve) continue;
      row->curve = before->running[k].curve;
      row->curve_epochs = before->running[k].curve_epochs;
    }
  }
}

/* Reads rows of the results; where that fails the view does without. */
static void read_rows(watcher *w) {
  snapshot *now = &w->now;
  double start = ls_clock_seconds();
  ls_memory_free(&now->rows_memory);
  now->has_rows = watch_read_rows(&now->rows, &now->rows_memory, w->options->results, &now->status,
                                  MOST_CURVES) == LS_OK;
  if (!now->has_rows) ls_error_clear();
  now->rows_read = ls_clock_seconds();
  now->rows_took = now->rows_read - start;
  now->rows_current = true;
}

/* Before rows are shown: reads them, if it is time for that, or at once where only those of the
 * current status will do. */
static void update_rows(watcher *w, bool at_once) {
  const snapshot *now = &w->now;
  if (now->rows_current) return;
  if (at_once || is_due(now->rows_read, now->rows_took, rows_seconds)) read_rows(w);
}

/* Reads the status. On network file systems a file that is being replaced may be missing for a
 * moment: then the last one stays. */
static int read_status(watcher *w) {
  snapshot *now = &w->now;
  ls_memory memory = {0};
  ls_run_status status;
  int read = ls_status_read(&status, &memory, w->path);
  if (read != LS_OK) {
    ls_memory_free(&memory);
    bool first = w->pulse.seen == 0;
    return first || w->options->once || ++w->failures > MOST_FAILURES ? read : LS_OK;
  }
  ls_run_status before = now->status;
  ls_memory kept = now->memory;
  now->memory = memory;
  now->status = status;
  w->failures = 0;
  now->rows_current = false;
  keep_rows(now, &before);
  ls_memory_free(&kept);
  return LS_OK;
}

/* ---- Showing --------------------------------------------------------------------------------- */

static char *make_view(const watcher *w, const ls_view_size *size) {
  ls_text view = {0}, line = {0};
  ls_view_size rest = {size->width, size->lines > 3 ? size->lines - 3 : size->lines};
  ls_text_add_visible(&line, "%s", w->now.status.title);
  ls_status_end_line(&view, &line, size->width);
  watch_add_life(&line, w->life, &w->now.status, w->age);
  ls_status_end_line(&view, &line, size->width);
  if (w->now.has_rows) {
    ls_text_add(&line, "trials: ");
    watch_add_counts(&line, &w->now.rows);
    ls_status_end_line(&view, &line, size->width);
  }
  ls_status_add_view(&view, &w->now.status, &rest);
  return ls_text_take(&view);
}

/* Prints the view where the terminal scrolls. */
static void print_view(watcher *w) {
  update_rows(w, w->now.status.ended);
  ls_view_size size = watch_screen_size(&w->screen);
  char *view = make_view(w, &(ls_view_size){size.width, 0});
  if (view) ls_print_lines(stdout, view);
  fflush(stdout);
  free(view);
}

/* Without a terminal: the line of the run, when it has changed. */
static void print_line(watcher *w) {
  if (!is_due(w->line_printed, 0, line_seconds)) return;
  ls_text text = {0};
  ls_status_add_run(&text, &w->now.status);
  ls_text_add(&text, "\n");
  char *line = ls_text_take(&text);
  if (!line) return;
  if (!w->line || strcmp(line, w->line) != 0) ls_print_lines(stdout, line);
  fflush(stdout);
  free(w->line);
  w->line = line;
  w->line_printed = ls_clock_seconds();
}

static void draw(watcher *w) {
  if (!w->screen.entered) {
    print_line(w);
    return;
  }
  update_rows(w, false);
  ls_view_size size = watch_screen_size(&w->screen);
  char *view = make_view(w, &size);
  if (view) watch_draw(&w->screen, view);
  free(view);
}

/* Writes the page if it is time for that, or for the last time. */
static int write_page(watcher *w, bool last) {
  const char *path = w->options->page;
  if (!path || (!last && !is_due(w->page_written, w->page_took, page_seconds))) return LS_OK;
  double start = ls_clock_seconds();
  update_rows(w, true);
  watch_page page = {.status = &w->now.status,
                     .rows = w->now.has_rows ? &w->now.rows : NULL,
                     .life = w->life,
                     .age = w->age,
                     .refresh = last ? 0 : (int)page_seconds};
  int status = watch_write_page(&page, path);
  w->page_written = ls_clock_seconds();
  w->page_took = w->page_written - start;
  return status;
}

/* ---- The end --------------------------------------------------------------------------------- */

/* The status of a run that has ended, or seems to have; LS_OK while it lives. */
static int outcome(const watcher *w) {
  const ls_run_status *s = &w->now.status;
  if (w->life == WATCH_ALIVE) return LS_OK;
  if (w->life == WATCH_ENDED) {
    int status = ls_status_of_exit(s->exit_status);
    const char *message = *s->message ? s->message : "the run failed";
    return status == LS_OK ? LS_OK : ls_fail(status, "%s", message);
  }
  ls_text text = {0};
  watch_add_life(&text, w->life, s, w->age);
  int status = ls_fail(LS_FAILED, "%s: its run on %s: %s", w->options->results, s->host,
                       text.data ? text.data : "");
  ls_text_free(&text);
  return status;
}

static bool is_over(const watcher *w) {
  if (w->options->once || *w->options->end) return true;
  return w->life == WATCH_ENDED || w->life == WATCH_KILLED ||
         (w->life == WATCH_SILENT && w->age > silence_to_end);
}

/* Sleeps for a second, or until a signal. */
static void sleep_second(void) {
  nanosleep(&(struct timespec){1, 0}, NULL);
}

static int follow(watcher *w) {
  int status = LS_OK;
  for (;;) {
    status = read_status(w);
    if (status != LS_OK) return status;
    w->life = watch_find_life(&w->pulse, &w->now.status, &w->age);
    if (w->life == WATCH_KILLED) w->now.status.node_count = 0; /* their ranks do nothing */
    if (is_over(w)) break;
    if (!w->screen.entered) watch_enter_screen(&w->screen);
    draw(w);
    status = write_page(w, false);
    if (status != LS_OK && !*w->options->end) return status;
    if (!*w->options->end) sleep_second();
  }
  watch_leave_screen(&w->screen);
  print_view(w);
  if (*w->options->end) return LS_OK;
  status = write_page(w, w->life != WATCH_ALIVE);
  return status == LS_OK ? outcome(w) : status;
}

static int check(const watcher *w) {
  const char *const inputs[] = {w->options->results, w->path};
  return ls_check_output(w->options->page, inputs, 2);
}

int ls_watch(const ls_watch_options *options) {
  watcher w = {.options = options, .screen = watch_find_screen()};
  w.now.rows_read = w.page_written = w.line_printed = -INFINITY;
  int status = ls_status_path(&w.path, options->results);
  if (status == LS_OK && access(w.path, F_OK) != 0) {
    status = ls_fail(LS_INVALID,
                     "%s: no run has written its status file %s (expected the results file of a "
                     "running job)",
                     options->results, w.path);
  }
  if (status == LS_OK) status = check(&w);
  if (status == LS_OK) status = follow(&w);
  watch_leave_screen(&w.screen);
  ls_memory_free(&w.now.memory);
  ls_memory_free(&w.now.rows_memory);
  free(w.line);
  free(w.path);
  return status;
}
