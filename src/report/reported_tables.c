/* Rows and cells of references and orderings. */
#include "report/reported_tables.h"

#include "base/escape.h"
#include "report/sentences.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const char mark[] = " ▼";

void report_add_reported_legend(ls_text *out, const report_results *r) {
  ls_text_add_visible(out,
                      "▼ marks what is worse than reported by more than a standard deviation, and "
                      "claims that do not hold.");
  if (r->repeats == 1) {
    ls_text_add_visible(
        out, " There is one trial for each point: values are compared without deviations.");
  }
}

/* ---- Cells ----------------------------------------------------------------------------------- */

void report_add_reported(ls_text *out, const report_reference *reference, size_t point) {
  double value = reference->values[point];
  if (isnan(value)) return;
  ls_text_add_visible(out, "%s%s",
                      reference->bound > 0   ? "≥ "
                      : reference->bound < 0 ? "≤ "
                                             : "",
                      report_number(value, REPORT_AS_EXACT, 0).text);
}

void report_add_ours(ls_text *out, const report_reference *reference, const report_values *values,
                     size_t point) {
  if (values->stats[point].n == 0) return;
  report_add_mean(out, &values->stats[point], values->decimals);
  if (reference && report_is_worse(reference, values, point)) ls_text_add_visible(out, "%s", mark);
}

/* ---- References ------------------------------------------------------------------------------ */

static void add_settings(report_table *t, const report_results *r, size_t point) {
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count == 1) continue;
    report_table_add_text(t, r->variables[v].name, report_label(r, point, v));
  }
}

static void add_reference(report_table *t, const report_results *r, const report_reference *ref,
                          const report_values *values, size_t point) {
  ls_text_add_visible(report_table_add(t, "metric"), "%s%s", ref->best ? "best " : "", ref->metric);
  add_settings(t, r, point);
  report_add_reported(report_table_add(t, "reported"), ref, point);
  report_add_ours(report_table_add(t, "ours"), ref, values, point);
  if (r->repeats > 1) {
    report_table_add_count(t, "n", values->stats[point].n);
  }
  report_table_add_text(t, "source", ref->label);
  report_table_end_row(t);
}

/* ---- Orderings ------------------------------------------------------------------------------- */

/* Whether a variable that is not varied has several values. */
static bool varies_others(const report_results *r, const report_ordering *o) {
  for (size_t v = 0; v < r->variable_count; v++) {
    if (!o->varied[v] && r->variables[v].count > 1) return true;
  }
  return false;
}

/* Appends the values of the variables that are varied, or of the others. */
static void add_variables(ls_text *out, const report_results *r, const report_ordering *o,
                          bool varied, size_t point) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    bool shown = o->varied[v] == varied && r->variables[v].count > 1;
    if (shown) report_add_value(out, r, point, v, &comma);
  }
}

/* "0.9776 ± 0.0013 (lr = 0.5)". */
static void add_side(ls_text *out, const report_results *r, const report_ordering *o,
                     const report_values *values, size_t point) {
  report_add_ours(out, NULL, values, point);
  ls_text_add_visible(out, " (");
  add_variables(out, r, o, true, point);
  ls_text_add_visible(out, ")");
}

/* The pair that decides, and where it is if several were compared. */
static void add_pair(ls_text *out, const report_results *r, const report_ordering *o,
                     const report_values *values, const report_finding *f) {
  if (f->first == SIZE_MAX) return;
  add_side(out, r, o, values, f->first);
  ls_text_add_visible(out, ", ");
  add_side(out, r, o, values, f->second);
  if (!varies_others(r, o) || f->compared == 1) return;
  ls_text_add_visible(out, " at ");
  add_variables(out, r, o, false, f->first);
}

static void add_verdict(ls_text *out, const report_finding *f) {
  ls_text_add_visible(out, "%s", report_verdict_words[f->verdict]);
  if (f->verdict == REPORT_DOES_NOT_HOLD) ls_text_add_visible(out, "%s", mark);
  if (f->compared > 1) ls_text_add_visible(out, ", holds for %zu of %zu", f->held, f->compared);
}

void report_add_orderings(report_table *t, const report_summary *s, const char *job) {
  const report_results *r = s->results;
  for (size_t i = 0; i < r->ordering_count; i++) {
    const report_ordering *o = &r->orderings[i];
    if (job) report_table_add_text(t, "job", job);
    report_table_add_text(t, "claim", o->claim);
    ls_text_add_visible(report_table_add(t, "metric"), "%s%s", o->best ? "best " : "", o->metric);
    add_verdict(report_table_add(t, "result"), &s->findings[i]);
    add_pair(report_table_add(t, "ours"), r, o, &s->orderings[i], &s->findings[i]);
    report_table_add_text(t, "source", o->label);
    report_table_end_row(t);
  }
}

/* ---- Comments -------------------------------------------------------------------------------- */

/* The comment of a reference or, behind these, of an ordering. */
static const char *comment_of(const report_results *r, size_t i) {
  if (i < r->reference_count) return r->references[i].comment;
  return r->orderings[i - r->reference_count].comment;
}

void report_add_comments(report_table *t, const report_results *r, const char *job) {
  for (size_t i = 0; i < r->reference_count + r->ordering_count; i++) {
    const char *comment = comment_of(r, i);
    size_t k = 0;
    while (k < i && strcmp(comment_of(r, k), comment) != 0) k++;
    if (*comment == '\0' || k < i) continue;
    if (job) report_table_add_text(t, "job", job);
    report_table_add_text(t, "comment", comment);
    report_table_end_row(t);
  }
}

/* ---- All of it ------------------------------------------------------------------------------- */

report_reported report_reported_tables(const report_summary *s, size_t most) {
  const report_results *r = s->results;
  report_reported out = {
      .references.headed = true, .orderings.headed = true, .comments.headed = true};
  for (size_t i = 0; i < r->reference_count; i++) {
    for (size_t p = 0; p < r->points; p++) {
      if (isnan(r->references[i].values[p]) || out.rows++ >= most) continue;
      add_reference(&out.references, r, &r->references[i], &s->references[i], p);
    }
  }
  report_add_orderings(&out.orderings, s, NULL);
  report_add_comments(&out.comments, r, NULL);
  report_table_finish(&out.references, s->memory);
  report_table_finish(&out.orderings, s->memory);
  report_table_finish(&out.comments, s->memory);
  return out;
}
