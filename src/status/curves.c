/* Curves of characters, eight heights in a line. */
#include "status/curves.h"

#include "base/escape.h"
#include "status/lines.h"

#include <math.h>

enum { HEIGHTS = 8 };

/* The number of epochs up to the last one that the curve has a value of. */
static size_t epochs_reached(const ls_trial_status_row *trial) {
  size_t reached = 0;
  for (size_t e = 0; trial->curve && e < trial->curve_epochs; e++) {
    if (isfinite(trial->curve[e])) reached = e + 1;
  }
  return reached;
}

size_t ls_status_count_curves(const ls_run_status *s) {
  size_t count = 0;
  for (size_t i = 0; i < s->running_count; i++) count += epochs_reached(&s->running[i]) > 0;
  return count;
}

/* The range of all values, and the last epoch that any trial has reached. */
static void find_range(const ls_run_status *s, double *low, double *high, size_t *epochs) {
  *low = INFINITY;
  *high = -INFINITY;
  *epochs = 0;
  for (size_t i = 0; i < s->running_count; i++) {
    const ls_trial_status_row *t = &s->running[i];
    const size_t reached = epochs_reached(t);
    if (reached > *epochs) *epochs = reached;
    for (size_t e = 0; e < reached; e++) {
      if (!isfinite(t->curve[e])) continue;
      *low = fmin(*low, t->curve[e]);
      *high = fmax(*high, t->curve[e]);
    }
  }
}

/* The mean of the epochs from `first` to before `end` that have values; NaN: none has. */
static double mean(const ls_trial_status_row *t, size_t first, size_t end) {
  double sum = 0;
  size_t count = 0;
  for (size_t e = first; e < end && e < t->curve_epochs; e++) {
    if (!isfinite(t->curve[e])) continue;
    sum += t->curve[e];
    count++;
  }
  return count > 0 ? sum / (double)count : NAN;
}

static void add_curve(ls_text *out, const ls_trial_status_row *t, size_t columns, size_t epochs,
                      double low, double high) {
  static const char *const blocks[HEIGHTS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (columns > epochs) columns = epochs;
  for (size_t c = 0; c < columns; c++) {
    double value = mean(t, c * epochs / columns, (c + 1) * epochs / columns);
    double place = high > low ? (value - low) / (high - low) : 0.5;
    ls_text_add(out, "%s", isnan(value) ? " " : blocks[(int)fmin(place * HEIGHTS, HEIGHTS - 1)]);
  }
}

void ls_status_add_curves(ls_text *out, const ls_run_status *s, int name_width, int width) {
  double low, high;
  size_t epochs;
  find_range(s, &low, &high, &epochs);
  ls_text heading = {0};
  ls_text_add_visible(&heading, "%s by epoch, from %.4g to %.4g, epochs 1 to %zu", s->headline, low,
                      high, epochs);
  ls_status_end_line(out, &heading, width);
  for (size_t i = 0; i < s->running_count; i++) {
    const ls_trial_status_row *t = &s->running[i];
    if (epochs_reached(t) == 0) continue;
    ls_status_add_name(out, t->name, name_width);
    size_t columns = width > name_width + 1 ? (size_t)(width - name_width - 1) : 0;
    add_curve(out, t, columns, epochs, low, high);
    ls_text_add(out, "\n");
  }
}
