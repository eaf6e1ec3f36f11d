/* The printed tables of an evaluation. */
#include "base/print.h"
#include "study/evaluate/result.h"
#include "study/model/output.h"

#include <math.h>
#include <string.h>

enum {
  NUMBER = 10,      /* columns of a number */
  MOST_SCORES = 40, /* rows of scores by class for several models */
};

/* The name of a class, or of one that the dataset does not have the number, which `number` holds.
 */
static const char *class_name(const class_head *h, size_t c, char number[24]) {
  if (c < h->named.count) return h->named.names[c];
  snprintf(number, 24, "%zu", c);
  return number;
}

static int longest_name(const evaluate_result *r) {
  int longest = (int)strlen("model");
  for (size_t i = 0; i < r->entry_count; i++)
    longest = ls_output_width(longest, r->entries[i].name);
  return longest;
}

static void print_plain(const evaluate_result *r, FILE *out) {
  int names = longest_name(r);
  ls_print(out, "%-*s", names, "model");
  for (size_t q = 0; q < r->quantity_count; q++) {
    ls_print(out, "  %*s", ls_output_width(NUMBER, r->quantities[q].name), r->quantities[q].name);
  }
  for (size_t i = 0; i < r->entry_count; i++) {
    ls_print(out, "\n%-*s", names, r->entries[i].name);
    for (size_t q = 0; q < r->quantity_count; q++) {
      ls_output_number(out, ls_output_width(NUMBER, r->quantities[q].name), 5,
                       r->plain[q * r->entry_count + i]);
    }
  }
  ls_print(out, "\n");
}

/* The scores of an entry by class. */
static void print_classes(const evaluate_result *r, const class_head *h, size_t i, FILE *out) {
  char title[sizeof h->prefix + 8], number[24];
  int width = snprintf(title, sizeof title, "%sclass", h->prefix);
  for (size_t c = 0; c < h->classes; c++) width = ls_output_width(width, class_name(h, c, number));
  ls_print(out, "\n");
  if (r->entry_count > 1) ls_print(out, "%s:\n", r->entries[i].name);
  ls_print(out, "%*s  %9s  %9s  %9s  %9s\n", width, title, "precision", "recall", "f1", "support");
  for (size_t c = 0; c < h->classes; c++) {
    const class_scores *scores = &h->scores[i * h->classes + c];
    const char *name = class_name(h, c, number);
    ls_print(out, "%*s", width, name);
    ls_output_number(out, 9, 5, scores->precision);
    ls_output_number(out, 9, 5, scores->recall);
    ls_output_number(out, 9, 5, scores->f1);
    ls_print(out, "  %9lld\n", (long long)h->support[c]);
  }
}

static void print_comparisons(const evaluate_result *r, size_t head, FILE *out) {
  const class_head *h = &r->heads[head];
  const entry *entries = r->entries;
  size_t n = r->entry_count;
  bool any = false;
  for (size_t k = 0; k < n * n; k++) {
    size_t one = k / n, other = k % n;
    const mcnemar *m = &h->comparisons[k];
    if (one >= other || isnan(m->p)) continue;
    if (!any) {
      ls_print(out, "\nMcNemar's test%s%s%s:\n", h->name ? " of " : "", h->name ? h->name : "",
               n > 2 ? "; p (Holm) is corrected for all pairs" : "");
    }
    any = true;
    ls_print(out, "  only %s correct: %lld; only %s: %lld; p = %.4g", entries[one].name,
             (long long)m->first, entries[other].name, (long long)m->second, m->p);
    if (n > 2) ls_print(out, ", p (Holm) = %.4g", m->p_holm);
    ls_print(out, " (%s", m->exact ? "exact binomial)\n" : "chi-square = ");
    if (!m->exact) ls_print(out, "%.4g with continuity correction)\n", m->statistic);
  }
}

/* The curves of a quantity. */
static void print_curves(const evaluate_result *r, size_t p, size_t q, FILE *out) {
  const ls_perturbation *own = &r->options->perturbations[p];
  bool plain = strcmp(own->type->units, "1") == 0;
  ls_print(out, "\n%s at levels of %s (%s%s%s)\n", r->quantities[q].name, own->type->name,
           own->type->level, plain ? "" : ", ", plain ? "" : own->type->units);
  int names = longest_name(r);
  ls_print(out, "%-*s", names, "model");
  for (size_t k = 0; k < own->count; k++) ls_print(out, "  %8.6g", own->levels[k]);
  for (size_t i = 0; i < r->entry_count; i++) {
    ls_print(out, "\n%-*s", names, r->entries[i].name);
    for (size_t k = 0; k < own->count; k++) {
      ls_output_number(out, 8, 5, r->curves[p][curve_at(r, p, q, i, k)]);
    }
  }
  ls_print(out, "\n");
}

/* Of each perturbation those of the first accuracy, or of the loss where there is none; or all. */
static void print_perturbations(const evaluate_result *r, FILE *out) {
  size_t shown = r->head_count > 0 ? 1 : 0, perturbations = r->options->perturbation_count;
  for (size_t k = 0; k < perturbations * r->quantity_count; k++) {
    size_t q = k % r->quantity_count;
    if (r->options->all || q == shown) print_curves(r, k / r->quantity_count, q, out);
  }
  if (!r->options->all && perturbations > 0 && r->quantity_count > 1) {
    ls_print(out, "1 of %zu measured values shown; --all shows all.\n", r->quantity_count);
  }
}

static void print_head(const evaluate_result *r, size_t head, FILE *out) {
  const class_head *h = &r->heads[head];
  bool all = r->options->all || r->entry_count == 1 || r->entry_count * h->classes <= MOST_SCORES;
  for (size_t i = 0; i < r->entry_count && all; i++) {
    if (r->entries[i].heads[head] != SIZE_MAX) print_classes(r, h, i, out);
  }
  if (r->entry_count > 1) print_comparisons(r, head, out);
  if (!all) ls_print(out, "\nScores by class are not shown; --all shows them.\n");
}

void evaluate_print(const void *result, FILE *out) {
  const evaluate_result *r = result;
  ls_print(out, "%zu %s samples of %s\n\n", r->inputs->count, ls_split_names[r->options->split],
           r->inputs->dataset->path);
  print_plain(r, out);
  for (size_t h = 0; h < r->head_count; h++) print_head(r, h, out);
  print_perturbations(r, out);
  ls_print(out, "\n");
}
