/* Numbers and texts for people. */
#include "report/format.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ls_report_exact(char out[LS_REPORT_NUMBER], double value) {
  if (isnan(value)) {
    out[0] = '\0';
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(out, LS_REPORT_NUMBER, "%.*g", digits, value);
    if (strtod(out, NULL) == value) return;
  }
}

void ls_report_fixed(char out[LS_REPORT_NUMBER], double value, int decimals) {
  double size = fabs(value);
  if (isnan(value)) {
    snprintf(out, LS_REPORT_NUMBER, "-");
  } else if (size >= 1e7 || (size > 0 && size < pow(10, 1 - decimals) && decimals > 1)) {
    snprintf(out, LS_REPORT_NUMBER, "%.2e", value);
  } else {
    snprintf(out, LS_REPORT_NUMBER, "%.*f", decimals, value);
  }
}

void ls_report_rounded(char out[LS_REPORT_NUMBER], double value, int decimals, bool sign) {
  if (isnan(value)) {
    snprintf(out, LS_REPORT_NUMBER, "-");
  } else {
    snprintf(out, LS_REPORT_NUMBER, sign ? "%+.*f" : "%.*f", decimals, value);
  }
}

void ls_report_p(char out[LS_REPORT_NUMBER], double p) {
  if (isnan(p)) {
    snprintf(out, LS_REPORT_NUMBER, "-");
  } else {
    snprintf(out, LS_REPORT_NUMBER, p >= 0.001 ? "%.3f" : "%.1e", p);
  }
}

int ls_report_decimals(double largest, double smallest_deviation) {
  if (largest >= 100) return 2;
  if (largest >= 10) return 3;
  return smallest_deviation > 0 && smallest_deviation < 1e-3 ? 5 : 4;
}

static bool all_differ(char *const *labels, size_t count) {
  /* Axes have tens of values; the square of that is nothing. */
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < i; k++) {
      if (strcmp(labels[i], labels[k]) == 0) return false;
    }
  }
  return true;
}

char **ls_report_labels(const double *values, size_t count) {
  char **labels = ls_new(count, sizeof *labels);
  if (!labels) return NULL;
  for (size_t i = 0; i < count; i++) {
    labels[i] = ls_new(LS_REPORT_NUMBER, 1);
    if (!labels[i]) goto failed;
  }
  for (int digits = 3; digits <= 17; digits++) {
    for (size_t i = 0; i < count; i++) {
      bool whole = values[i] == floor(values[i]) && fabs(values[i]) < 1e7;
      snprintf(labels[i], LS_REPORT_NUMBER, "%.*g", whole ? 7 : digits, values[i]);
    }
    if (all_differ(labels, count)) break;
  }
  return labels;
failed:
  for (size_t i = 0; i < count; i++) free(labels[i]);
  free(labels);
  return NULL;
}
