/* The tables of an evaluation. */
#include "study/evaluate/evaluation.h"

#include <math.h>
#include <string.h>

enum { NUMBER = 10 }; /* columns of a number */

static int longest_name(const evaluation *e) {
  size_t longest = strlen("model");
  for (size_t i = 0; i < e->entry_count; i++) {
    size_t length = strlen(e->entries[i].name);
    if (length > longest) longest = length;
  }
  return (int)longest;
}

static int column_width(const char *name) {
  int length = (int)strlen(name);
  return length < NUMBER ? NUMBER : length;
}

static void print_number(FILE *out, int width, double value) {
  if (isnan(value)) {
    fprintf(out, "  %*s", width, "-");
  } else {
    fprintf(out, "  %*.5f", width, value);
  }
}

static void print_plain(const evaluation *e, FILE *out) {
  int names = longest_name(e);
  fprintf(out, "%-*s", names, "model");
  for (size_t q = 0; q < e->quantity_count; q++) {
    fprintf(out, "  %*s", column_width(e->quantities[q].name), e->quantities[q].name);
  }
  for (size_t i = 0; i < e->entry_count; i++) {
    fprintf(out, "\n%-*s", names, e->entries[i].name);
    for (size_t q = 0; q < e->quantity_count; q++) {
      print_number(out, column_width(e->quantities[q].name),
                   e->plain_values[q * e->entry_count + i]);
    }
  }
  fprintf(out, "\n");
}

/* By class, of the only model. */
static void print_classes(const evaluation *e, size_t h, FILE *out) {
  const outcome *o = &e->plain[0];
  size_t head = evaluation_head(e, e->entries[0].model, h);
  fprintf(out, "\n%sclass  %9s  %9s  %9s  %9s\n", e->heads[h].prefix, "precision", "recall", "f1",
          "support");
  for (size_t c = 0; c < e->heads[h].classes; c++) {
    size_t right = 0, predicted = 0, support = 0;
    for (size_t i = 0; i < o->samples; i++) {
      const prediction *p = &o->predictions[i * o->heads + head];
      predicted += p->predicted == (double)c;
      support += p->truth == (double)c;
      right += p->truth == (double)c && p->predicted == (double)c;
    }
    fprintf(out, "%*zu", (int)(strlen(e->heads[h].prefix) + strlen("class")), c);
    print_number(out, 9, (double)right / (double)predicted);
    print_number(out, 9, (double)right / (double)support);
    print_number(out, 9, 2 * (double)right / (double)(predicted + support));
    fprintf(out, "  %9zu\n", support);
  }
}

static void print_comparisons(const evaluation *e, size_t h, FILE *out) {
  bool any = false;
  for (size_t i = 0; i < e->entry_count; i++) {
    for (size_t k = i + 1; k < e->entry_count; k++) {
      mcnemar m;
      if (!evaluation_compare(e, h, i, k, &m)) continue;
      if (!any)
        fprintf(out, "\nMcNemar's test%s%s:\n", e->heads[h].name ? " of " : "",
                e->heads[h].name ? e->heads[h].name : "");
      any = true;
      fprintf(out, "  %s: %zu right alone; %s: %zu; p = %.4g (%s", e->entries[i].name, m.first,
              e->entries[k].name, m.second, m.p, m.exact ? "exact binomial)\n" : "chi-square = ");
      if (!m.exact) fprintf(out, "%.4g with continuity correction)\n", m.statistic);
    }
  }
}

/* The curves of the first quantity that is an accuracy; of the loss where none is. */
static void print_curves(const evaluation *e, size_t p, FILE *out) {
  const ls_perturbation *own = &e->options->perturbations[p];
  size_t q = e->head_count > 0 ? 1 : 0;
  bool plain = strcmp(own->type->units, "1") == 0;
  fprintf(out, "\n%s at levels of %s (%s%s%s)\n", e->quantities[q].name, own->type->name,
          own->type->level, plain ? "" : ", ", plain ? "" : own->type->units);
  int names = longest_name(e);
  fprintf(out, "%-*s", names, "model");
  for (size_t k = 0; k < own->count; k++) fprintf(out, "  %8.6g", own->levels[k]);
  for (size_t i = 0; i < e->entry_count; i++) {
    fprintf(out, "\n%-*s", names, e->entries[i].name);
    for (size_t k = 0; k < own->count; k++) {
      print_number(out, 8, e->curves[p][curve_at(e, p, q, i, k)]);
    }
  }
  fprintf(out, "\n");
}

void evaluation_print(const evaluation *e, FILE *out) {
  static const char *const splits[] = {"train", "validation", "test"};
  fprintf(out, "%zu %s samples of %s\n\n", e->inputs->count, splits[e->options->split],
          e->inputs->dataset->path);
  print_plain(e, out);
  for (size_t h = 0; h < e->head_count; h++) {
    if (e->entry_count == 1) print_classes(e, h, out);
    if (e->entry_count > 1) print_comparisons(e, h, out);
  }
  for (size_t p = 0; p < e->options->perturbation_count; p++) print_curves(e, p, out);
  fprintf(out, "\n%s\n", e->options->output);
}
