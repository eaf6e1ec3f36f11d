/* The report as an HTML page. */
#include "report/page.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/html.h"
#include "report/reported_tables.h"
#include "report/search_page.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <stdint.h>

/* Rows of a table in a page, so that it opens quickly. */
enum { MOST_ROWS = 2000 };

/* Rows of a table that are shown, and that it unfolds to. */
typedef struct length {
  size_t shown, most;
} length;

typedef int table_function(report_table *out, const report_summary *summary, size_t most);

/* The rows of a long table, to be unfolded. */
static int add_rest(ls_text *page, const report_summary *s, const length *l, table_function *make) {
  report_table all;
  int status = make(&all, s, l->most);
  if (status != LS_OK) return status;
  const char *which = report_which(s);
  size_t points = s->results->points;
  if (points > l->most) {
    ls_text_add(page, "<details><summary>The %s %zu of %zu points; --all shows all", which, l->most,
                points);
  } else {
    ls_text_add(page, "<details><summary>The %s %zu of %zu points; unfold for all", which, l->shown,
                points);
  }
  ls_text_add(page, "</summary>\n");
  html_table(page, &all);
  ls_text_add(page, "</details>\n");
  return LS_OK;
}

/* A table of the points, the words `after` it, and if it is a long one the other rows. */
static int add_table(ls_text *page, const report_summary *s, const length *l, table_function *make,
                     const char *after) {
  report_table table;
  int status = make(&table, s, l->shown);
  if (status != LS_OK) return status;
  html_table(page, &table);
  ls_text_add(page, "%s", after);
  return l->shown < s->results->points ? add_rest(page, s, l, make) : LS_OK;
}

static int add_points(ls_text *page, const report_summary *s, const length *l) {
  const char *after = s->results->repeats > 1
                          ? "<p>Mean ± standard deviation; 95 % ± is half the width of the 95 % "
                            "interval of the mean "
                            "by Student's t, n the number of finished trials.</p>\n"
                          : "";
  ls_text_add(page, "\n<h2>Results</h2>\n");
  return add_table(page, s, l, report_points_table, after);
}

static int add_tests(ls_text *page, const report_summary *s, const length *l) {
  if (!report_has_tests(s)) return LS_OK;
  const report_results *r = s->results;
  ls_text best = {0};
  report_add_point(&best, r, s->best);
  const char *name = ls_memory_keep(s->memory, ls_text_take(&best));
  if (!name) return LS_FAILED;
  ls_text_add_html(page, "<h2>Differences from the best point</h2>\n<p>In the final %s, from %s",
                   r->monitor, name);
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
  return add_table(page, s, l, report_tests_table, "");
}

/* What was reported elsewhere, beside the results. */
static int add_reported(ls_text *page, const report_summary *s, const length *l) {
  const report_results *r = s->results;
  report_table references, orderings, comments;
  size_t rows = 0;
  int status = report_references_table(&references, s, l->most, &rows);
  if (status == LS_OK) status = report_orderings_table(&orderings, s);
  if (status == LS_OK) status = report_comments_table(&comments, s);
  if (status != LS_OK || r->reference_count + r->ordering_count == 0) return status;
  ls_text_add(page, "<h2>Reported elsewhere</h2>\n");
  if (r->reference_count > 0) html_table(page, &references);
  if (rows > l->most) {
    ls_text_add(page, "<p>%zu of %zu rows; --all shows all.</p>\n", l->most, rows);
  }
  if (r->ordering_count > 0) html_table(page, &orderings);
  if (comments.rows > 0) html_table(page, &comments);
  ls_text_add(page, "<p>");
  report_add_reported_legend(page, r);
  ls_text_add(page, "</p>\n");
  return LS_OK;
}

/* The sentences below the title. */
static void add_sentences(ls_text *page, const report_summary *s) {
  ls_text text = {0};
  report_add_counts(&text, s);
  ls_text_add(&text, " ");
  report_add_findings(&text, s, " ");
  const char *sentences = ls_memory_keep(s->memory, ls_text_take(&text));
  if (sentences) html_element(page, "p", "", sentences);
}

static int add_provenance(ls_text *page, const report_summary *s) {
  const report_results *r = s->results;
  report_table table = {0};
  ls_text_add(report_table_add_pair(&table, "source"), "%s", r->source);
  ls_text_add(report_table_add_pair(&table, "history"), "%s", r->history);
  for (size_t i = 0; i < r->entry_count; i++) {
    ls_text_add(report_table_add_pair(&table, r->provenance[i].name), "%s", r->provenance[i].text);
  }
  ls_text_add(page, "<h2>Provenance</h2>\n");
  return html_finish_table(page, &table, s->memory);
}

int report_page(ls_text *page, const report_summary *summary, size_t shown, bool all,
                const report_models *models, const report_figures *figures,
                const report_analyses *analyses) {
  const report_results *results = summary->results;
  const length l = {shown, all ? SIZE_MAX : MOST_ROWS};
  html_begin(page, results->title);
  add_sentences(page, summary);
  int status = add_points(page, summary, &l);
  if (status == LS_OK) status = add_reported(page, summary, &l);
  if (status == LS_OK) status = add_tests(page, summary, &l);
  if (status == LS_OK) status = report_page_search(page, summary);
  if (status == LS_OK) status = html_figures(page, figures);
  if (status == LS_OK) status = report_page_analyses(page, analyses, all);
  if (status == LS_OK) status = report_page_models(page, models);
  if (*results->job) {
    ls_text_add(page, "<h2>Job</h2>\n");
    html_element(page, "pre", "", results->job);
  }
  if (status == LS_OK) status = add_provenance(page, summary);
  html_end(page);
  return status;
}
