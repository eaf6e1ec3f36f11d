/* The table as comma-separated values. */
#include "csv.h"

#include "format.h"
#include "lockstep/error.h"
#include "lockstep/text.h"

#include <string.h>

/* A field and the comma before it; quoted where it must be. */
static void add_field(ls_text *out, const char *text) {
  if (out->length > 0 && out->data[out->length - 1] != '\n') ls_text_add(out, ",");
  if (!strpbrk(text, ",\"\r\n")) {
    ls_text_add(out, "%s", text);
    return;
  }
  ls_text_add(out, "\"");
  for (; *text; text++) {
    if (*text == '"') ls_text_add(out, "\"");
    ls_text_add_bytes(out, text, 1);
  }
  ls_text_add(out, "\"");
}

static void add_number(ls_text *out, double value) {
  char number[LS_REPORT_NUMBER];
  ls_report_exact(number, value);
  ls_text_add(out, ",%s", number);
}

static void add_headings(ls_text *out, const ls_report_results *r) {
  for (size_t v = 0; v < r->variable_count; v++) add_field(out, r->variables[v].name);
  for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++) add_field(out, ls_report_status_words[k]);
  for (size_t c = 0; c < r->curve_count; c++) {
    const char *name = r->curves[c].name;
    ls_text_add(out, ",%s_mean,%s_std,%s_min,%s_max", name, name, name, name);
  }
  for (size_t c = 0; c < r->final_count; c++) {
    const char *name = r->finals[c].name;
    ls_text_add(out, ",%s_mean,%s_std,%s_min,%s_max", name, name, name, name);
  }
  ls_text_add(out, ",epochs_mean,seconds_mean%s\n", r->reference_count > 0 ? ",reference" : "");
}

int ls_report_csv(char **out, const ls_report_results *r, const ls_report_summary *s) {
  ls_text text = {0};
  add_headings(&text, r);
  for (size_t p = 0; p < s->point_count; p++) {
    const ls_report_point *at = &s->points[p];
    for (size_t v = 0; v < r->variable_count; v++) {
      const ls_report_axis *axis = &r->variables[v];
      size_t i = ls_report_index(r, p, v);
      char number[LS_REPORT_NUMBER];
      if (axis->numbers) ls_report_exact(number, axis->numbers[i]);
      add_field(&text, axis->numbers ? number : axis->labels[i]);
    }
    for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++) {
      char number[LS_REPORT_NUMBER];
      ls_report_exact(number, (double)at->counts[k]);
      add_field(&text, number);
    }
    for (size_t c = 0; c < r->curve_count + r->final_count; c++) {
      const ls_report_stat *stat = &at->finals[c]; /* behind them are the tests */
      add_number(&text, stat->mean);
      add_number(&text, stat->deviation);
      add_number(&text, stat->least);
      add_number(&text, stat->most);
    }
    add_number(&text, at->epochs.mean);
    add_number(&text, at->seconds.mean);
    if (r->reference_count > 0) add_number(&text, ls_report_reference(r, p));
    ls_text_add(&text, "\n");
  }
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
