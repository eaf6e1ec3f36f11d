/* Curves of characters, eight heights in a line. */
#include "status/curves.h"

#include "base/escape.h"

#include <math.h>

enum { HEIGHTS = 8 };

static bool has_curve(const ls_trial_status_row *trial) {
  bool any = false;
  for (size_t e = 0; trial->curve && e < trial->curve_epochs; e++) {
    any = any || isfinite(trial->curve[e]);
  }
  return any;
}

size_t ls_status_count_curves(const ls_run_status *s) {
  size_t count = 0;
  for (size_t i = 0; i < s->running_count; i++) count += has_curve(&s->running[i]);
  return count;
}

static void find_range(const ls_run_status *s, double *low, double *high) {
  *low = INFINITY;
  *high = -INFINITY;
  for (size_t i = 0; i < s->running_count; i++) {
    const ls_trial_status_row *t = &s->running[i];
    for (size_t e = 0; t->curve && e < t->curve_epochs; e++) {
      if (!isfinite(t->curve[e])) continue;
      *low = fmin(*low, t->curve[e]);
      *high = fmax(*high, t->curve[e]);
    }
  }
}

/* The mean of the epochs from `first` to `end` that were reached; NaN: none was. */
static double mean(const ls_trial_status_row *t, size_t first, size_t end) {
  double sum = 0;
  size_t count = 0;
  for (size_t e = first; e < end; e++) {
    if (!isfinite(t->curve[e])) continue;
    sum += t->curve[e];
    count++;
  }
  return count > 0 ? sum / (double)count : NAN;
}

static void add_curve(ls_text *out, const ls_trial_status_row *t, size_t columns, double low,
                      double high) {
  static const char *const blocks[HEIGHTS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  size_t epochs = t->curve_epochs;
  if (columns > epochs) columns = epochs;
  for (size_t c = 0; c < columns; c++) {
    double value = mean(t, c * epochs / columns, (c + 1) * epochs / columns);
    double place = high > low ? (value - low) / (high - low) : 0.5;
    ls_text_add(out, "%s", isnan(value) ? " " : blocks[(int)fmin(place * HEIGHTS, HEIGHTS - 1)]);
  }
}

void ls_status_add_curves(ls_text *out, const ls_run_status *s, int name_width, int width) {
  double low, high;
  find_range(s, &low, &high);
  ls_text heading = {0};
  ls_text_add_visible(&heading, "%s by epoch, from %.4g to %.4g", s->headline, low, high);
  if (heading.data) ls_text_cut(heading.data, (size_t)width);
  ls_text_add(out, "%s\n", heading.data ? heading.data : "");
  ls_text_free(&heading);
  for (size_t i = 0; i < s->running_count; i++) {
    const ls_trial_status_row *t = &s->running[i];
    if (!has_curve(t)) continue;
    ls_text name = {0};
    ls_escape_terminal(&name, t->name);
    if (name.data) ls_text_cut(name.data, (size_t)name_width);
    ls_text_add_visible(out, "%-*s ", name_width, name.data ? name.data : "");
    ls_text_free(&name);
    size_t columns = width > name_width + 1 ? (size_t)(width - name_width - 1) : 0;
    add_curve(out, t, columns, low, high);
    ls_text_add(out, "\n");
  }
}
