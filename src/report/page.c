/* The report as an HTML page. */
#include "report/page.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/html.h"
#include "report/reported_tables.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <stdint.h>

/* Rows of a table in a page, so that it opens quickly. */
enum { MOST_ROWS = 2000 };

/* Rows of a table that are shown, and that it unfolds to. */
typedef struct length {
  size_t shown, most;
} length;

typedef report_table table_function(const report_summary *summary, size_t most);

/* The rows of a long table, to be unfolded. */
static void add_rest(ls_text *page, const report_summary *s, const length *l,
                     table_function *make) {
  report_table all = make(s, l->most);
  size_t points = s->results->points;
  bool cut = points > l->most;
  ls_text_add(page, "<details><summary>The %s %zu of %zu points; %s</summary>\n", report_which(s),
              cut ? l->most : l->shown, points, cut ? "--all shows all" : "unfold for all");
  html_table(page, &all);
  ls_text_add(page, "</details>\n");
}

/* A table of the points, the words `after` it, and if it is a long one the other rows. */
static void add_table(ls_text *page, const report_summary *s, const length *l, table_function *make,
                      const char *after) {
  report_table table = make(s, l->shown);
  html_table(page, &table);
  ls_text_add(page, "%s", after);
  if (l->shown < s->results->points) add_rest(page, s, l, make);
}

static void add_points(ls_text *page, const report_summary *s, const length *l) {
  const char *after = s->results->repeats > 1
                          ? "<p>Mean ± standard deviation; 95 % ± is half the width of the 95 % "
                            "interval of the mean "
                            "by Student's t, n the number of finished trials.</p>\n"
                          : "";
  ls_text_add(page, "\n<h2>Results</h2>\n");
  add_table(page, s, l, report_points_table, after);
}

static void add_tests(ls_text *page, const report_summary *s, const length *l) {
  const report_results *r = s->results;
  ls_text best = {0};
  if (!report_has_tests(s)) return;
  report_add_point(&best, r, s->best);
  ls_text_add_html(page, "<h2>Differences from the best point</h2>\n<p>In the final %s, from %s",
                   r->monitor, best.data ? best.data : "");
  page->failed |= best.failed;
  ls_text_free(&best);
  ls_text_add(page,
              ", in pairs of the same replicate%s, with a t test of each. p (Holm) is "
              "corrected for making all these tests. The best point was chosen by the same "
              "values, so that differences from it tend to be too large.%s",
              r->folds ? " and fold" : "",
              r->folds ? " Folds share training samples, so that intervals are too narrow." : "");
  if (s->repeated > 0) {
    ls_text_add(page, " %zu of the points have the same weights as others, and count once.",
                s->repeated);
  }
  ls_text_add(page, "</p>\n");
  add_table(page, s, l, report_tests_table, "");
}

static void add_search(ls_text *page, const report_summary *s) {
  if (!s->results->search) return;
  report_table table = report_rungs_table(s);
  ls_text_add_html(page,
                   "<h2>Search</h2>\n<p>Points were compared at rungs by the mean %s of their "
                   "trials; those that are pruned were trained no further.</p>\n",
                   s->results->monitor);
  html_table(page, &table);
}

/* What was reported elsewhere, beside the results. */
static void add_reported(ls_text *page, const report_summary *s, const length *l) {
  const report_results *r = s->results;
  if (r->reference_count + r->ordering_count == 0) return;
  report_reported tables = report_reported_tables(s, l->most);
  ls_text_add(page, "<h2>Reported elsewhere</h2>\n");
  html_table(page, &tables.references);
  if (tables.rows > l->most) {
    ls_text_add(page, "<p>%zu of %zu rows; --all shows all.</p>\n", l->most, tables.rows);
  }
  html_table(page, &tables.orderings);
  html_table(page, &tables.comments);
  ls_text_add(page, "<p>");
  report_add_reported_legend(page, r);
  ls_text_add(page, "</p>\n");
}

/* The sentences below the title. */
static void add_sentences(ls_text *page, const report_summary *s) {
  ls_text text = {0};
  report_add_counts(&text, s);
  ls_text_add(&text, " ");
  report_add_findings(&text, s, " ");
  html_element(page, "p", "", text.data ? text.data : "");
  page->failed |= text.failed;
  ls_text_free(&text);
}

static void add_provenance(ls_text *page, const report_summary *s) {
  const report_results *r = s->results;
  report_table table = {0};
  ls_text_add(report_table_add_pair(&table, "source"), "%s", r->source);
  ls_text_add(report_table_add_pair(&table, "history"), "%s", r->history);
  for (size_t i = 0; i < r->entry_count; i++) {
    ls_text_add(report_table_add_pair(&table, r->provenance[i].name), "%s", r->provenance[i].text);
  }
  ls_text_add(page, "<h2>Provenance</h2>\n");
  html_finish_table(page, &table, s->memory);
}

int report_page(ls_text *page, const report_summary *summary, size_t shown, bool all,
                const report_models *models, const report_figures *figures,
                const report_analyses *analyses) {
  const report_results *results = summary->results;
  const length l = {shown, all ? SIZE_MAX : MOST_ROWS};
  html_begin(page, results->title, 0);
  add_sentences(page, summary);
  add_points(page, summary, &l);
  add_reported(page, summary, &l);
  add_tests(page, summary, &l);
  add_search(page, summary);
  int status = html_figures(page, figures);
  if (status == LS_OK) status = report_page_analyses(page, analyses, all);
  if (status == LS_OK) status = report_page_models(page, models);
  if (*results->job) {
    ls_text_add(page, "<h2>Job</h2>\n");
    html_element(page, "pre", "", results->job);
  }
  add_provenance(page, summary);
  html_end(page);
  return status;
}
