/* Numbers as text. */
#include "report/format.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_exact(char out[REPORT_NUMBER], double value) {
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(out, REPORT_NUMBER, "%.*g", digits, value);
    if (strtod(out, NULL) == value) return;
  }
}

static void write_fixed(char out[REPORT_NUMBER], double value, int decimals) {
  double size = fabs(value);
  bool fits = size < 1e7 && (size == 0 || size >= pow(10, 1 - decimals) || decimals <= 1);
  snprintf(out, REPORT_NUMBER, fits ? "%.*f" : "%.*e", fits ? decimals : 2, value);
}

report_digits report_number(double value, report_format format, int decimals) {
  report_digits out;
  if (isnan(value)) {
    strcpy(out.text, format == REPORT_AS_EXACT ? "" : "-");
  } else if (format == REPORT_AS_EXACT) {
    write_exact(out.text, value);
  } else if (format == REPORT_AS_FIXED) {
    write_fixed(out.text, value, decimals);
  } else if (format == REPORT_AS_P) {
    snprintf(out.text, REPORT_NUMBER, value >= 0.001 ? "%.3f" : "%.1e", value);
  } else {
    const char *written = format == REPORT_AS_SIGNED ? "%+.*f" : "%.*f";
    snprintf(out.text, REPORT_NUMBER, written, decimals, value);
  }
  return out;
}

int report_decimals(double largest, double smallest_deviation) {
  if (largest >= 100) return 2;
  if (largest >= 10) return 3;
  return smallest_deviation > 0 && smallest_deviation < 1e-3 ? 5 : 4;
}

void report_widen_decimals(double *largest, double *smallest_deviation, double mean,
                           double deviation) {
  *largest = fmax(*largest, fabs(mean)); /* fmax and fmin ignore NaN */
  if (deviation > 0) *smallest_deviation = fmin(*smallest_deviation, deviation);
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* `sorted` is scratch space for the texts in order. */
static bool all_differ(char *const *labels, char **sorted, size_t count) {
  memcpy(sorted, labels, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, compare_texts);
  for (size_t i = 1; i < count; i++) {
    if (strcmp(sorted[i - 1], sorted[i]) == 0) return false;
  }
  return true;
}

char **report_labels(ls_memory *memory, const double *values, size_t count) {
  char **labels = ls_memory_new(memory, count, sizeof *labels);
  char **sorted = ls_memory_new(memory, count, sizeof *sorted);
  for (size_t i = 0; i < count && labels; i++) labels[i] = ls_memory_new(memory, REPORT_NUMBER, 1);
  if (ls_memory_status(memory) != LS_OK) return NULL;
  for (int digits = 3; digits <= 17; digits++) {
    for (size_t i = 0; i < count; i++) {
      bool integer = values[i] == floor(values[i]) && fabs(values[i]) < 1e7;
      snprintf(labels[i], REPORT_NUMBER, "%.*g", integer ? 7 : digits, values[i]);
    }
    if (all_differ(labels, sorted, count)) break;
  }
  return labels;
}
