/* The page: sentences, the trials in training, curves, nodes and ranks. */
#include "watch/page.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/paths.h"
#include "figure/figure.h"
#include "lockstep/error.h"
#include "report/html.h"
#include "status/curves.h"
#include "status/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BAR = 20, TEXT_CURVE = 90, MARKERS = 8, MOST_RANKS = 256 };

/* ---- Sentences and tables -------------------------------------------------------------------- */

/* "<p>text</p>"; frees the text. */
static void add_paragraph(ls_text *out, ls_text *text) {
  html_element(out, "p", "", text->data ? text->data : "");
  ls_text_add(out, "\n");
  ls_text_free(text);
}

static void add_sentences(ls_text *out, const watch_page *page) {
  char now[32];
  ls_text text = {0};
  ls_clock_utc(now);
  ls_text_add(&text, "%s: ", now);
  watch_add_life(&text, page->life, page->status, page->age);
  add_paragraph(out, &text);
  if (page->life == WATCH_ENDED && *page->status->message) {
    ls_text_add(&text, "%s", page->status->message);
    add_paragraph(out, &text);
  }
  ls_status_add_run(&text, page->status);
  add_paragraph(out, &text);
  if (!page->rows) return;
  ls_text_add(&text, "All trials: ");
  watch_add_counts(&text, page->rows);
  add_paragraph(out, &text);
}

static void add_number(report_table *table, const char *title, double value) {
  ls_text *cell = report_table_add(table, title);
  if (!isnan(value)) ls_text_add(cell, "%.4f", value);
}

static void add_trial(report_table *table, const ls_run_status *s, const ls_trial_status_row *t) {
  char left[32];
  ls_clock_duration(left, t->seconds_left);
  report_table_add_text(table, "trial", t->name);
  ls_status_add_bar(report_table_add(table, "progress"), ls_trial_fraction(t), BAR);
  ls_text_add(report_table_add(table, "epoch"), "%.0f/%.0f", t->epoch, t->epochs);
  add_number(table, "loss", t->loss);
  if (*s->metric) add_number(table, s->metric, t->metric);
  add_number(table, *s->headline ? s->headline : "metric", t->headline);
  ls_text_add(report_table_add(table, "samples/s"), "%.0f", t->rate);
  ls_text_add(report_table_add(table, "left"), "%s", left);
  report_table_end_row(table);
}

static void add_trials(ls_text *out, const ls_run_status *s, ls_memory *memory) {
  if (s->running_count == 0) return;
  report_table table = {.headed = true};
  for (size_t i = 0; i < s->running_count; i++) add_trial(&table, s, &s->running[i]);
  ls_text_add(out, "<h2>Trials in training</h2>\n");
  html_finish_table(out, &table, memory);
}

static void add_nodes(ls_text *out, const ls_run_status *s, ls_memory *memory) {
  if (s->node_count == 0) return;
  report_table table = {.headed = true};
  for (size_t n = 0; n < s->node_count; n++) {
    char age[32];
    ls_clock_duration(age, s->nodes[n].age);
    report_table_add_text(&table, "node", s->nodes[n].host);
    ls_status_add_activities(report_table_add(&table, "ranks"), &s->nodes[n]);
    ls_text_add(report_table_add(&table, "received"), "%s ago", age);
    report_table_end_row(&table);
  }
  ls_text_add(out, "<h2>Nodes</h2>\n");
  html_finish_table(out, &table, memory);
}

static void add_rank(report_table *table, const char *host, const ls_rank_status *r) {
  char idle[32];
  ls_clock_duration(idle, r->idle_seconds);
  ls_text_add(report_table_add(table, "rank"), "%d", r->rank);
  report_table_add_text(table, "node", host);
  report_table_add_text(table, "activity", r->activity);
  ls_text_add(report_table_add(table, "trial"), "%zu", r->trial + 1);
  ls_text_add(report_table_add(table, "epoch"), "%zu", r->epoch + 1);
  ls_text_add(report_table_add(table, "step"), "%zu", r->step + 1);
  ls_text_add(report_table_add(table, "waits for others"), "%s", r->waiting ? "yes" : "no");
  ls_text_add(report_table_add(table, "without progress"), "%s", idle);
  report_table_end_row(table);
}

static void add_ranks(ls_text *out, const ls_run_status *s, ls_memory *memory) {
  report_table table = {.headed = true};
  size_t count = 0;
  for (size_t n = 0; n < s->node_count; n++) {
    const ls_node_status *node = &s->nodes[n];
    for (size_t r = 0; r < node->count && count < MOST_RANKS; r++, count++) {
      add_rank(&table, node->host, &node->ranks[r]);
    }
  }
  if (count == 0) return;
  ls_text_add(out, "<h2>Ranks</h2>\n");
  html_finish_table(out, &table, memory);
}

/* ---- Curves ---------------------------------------------------------------------------------- */

/* A figure of one curve of all trials whose rows were read. */
static void add_figure(report_figures *list, const watch_page *page, double **curves,
                       const char *name, const char *title) {
  const watch_rows *rows = page->rows;
  ls_memory *memory = list->memory;
  ls_figure_line *lines = ls_memory_new(memory, rows->count, sizeof *lines);
  double *epochs = ls_memory_new(memory, rows->epochs, sizeof *epochs);
  const char *kept = ls_memory_text(memory, "%s", title);
  if (!lines || !epochs || !kept) return;
  for (size_t e = 0; e < rows->epochs; e++) epochs[e] = (double)(e + 1);
  for (size_t i = 0; i < rows->count; i++) {
    lines[i] = (ls_figure_line){.label = page->status->running[i].name,
                                .count = rows->epochs,
                                .x = epochs,
                                .y = curves[i],
                                .every = rows->epochs / MARKERS};
  }
  ls_plot plot = ls_figure_lines(&(ls_figure_curves){kept, "Epoch", kept, lines, rows->count});
  ls_text caption = {0};
  ls_text_add(&caption, "%s of the trials in training.", title);
  report_figure_add(list, name, &caption, &plot);
}

/* The curves as figures; as text where gnuplot cannot draw them. */
static int add_curves(ls_text *out, const watch_page *page, ls_memory *memory) {
  if (!page->rows || ls_status_count_curves(page->status) == 0) return LS_OK;
  report_figures figures = {.memory = memory};
  add_figure(&figures, page, page->rows->headline, "headline", page->status->headline);
  if (page->rows->loss) add_figure(&figures, page, page->rows->loss, "loss", "loss");
  if (report_figures_status(&figures) == LS_OK) return html_figures(out, &figures);
  ls_error_clear();
  ls_text text = {0};
  ls_status_add_curves(&text, page->status, TEXT_CURVE / 3, TEXT_CURVE);
  ls_text_add(out, "<h2>Curves</h2>\n");
  html_element(out, "pre", "", text.data ? text.data : "");
  ls_text_free(&text);
  return LS_OK;
}

/* ---- The page -------------------------------------------------------------------------------- */

static int make_page(ls_text *out, const watch_page *page, ls_memory *memory) {
  const ls_run_status *s = page->status;
  html_begin(out, s->title, page->refresh);
  add_sentences(out, page);
  add_trials(out, s, memory);
  int status = add_curves(out, page, memory);
  add_nodes(out, s, memory);
  add_ranks(out, s, memory);
  html_end(out);
  return status;
}

int watch_write_page(const watch_page *page, const char *path) {
  ls_text text = {0};
  ls_memory memory = {0};
  int status = make_page(&text, page, &memory);
  char *made = ls_text_take(&text);
  if (status == LS_OK && !made) status = LS_FAILED;
  if (status == LS_OK) status = ls_write_file(path, made, strlen(made));
  free(made);
  ls_memory_free(&memory);
  return status;
}
