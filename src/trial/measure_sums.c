/* Sums over samples and their means. */
#include "trial/measure_sums.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

int measure_sums_create(measure_sums *s, size_t rows, size_t measures, size_t blocks) {
  *s = (measure_sums){.rows = rows, .measures = measures, .blocks = blocks};
  s->values = ls_new(measure_sums_count(s), sizeof *s->values);
  if (!s->values) return LS_FAILED;
  s->penalties = s->values + rows * measures;
  return LS_OK;
}

void measure_sums_destroy(measure_sums *s) {
  free(s->values);
  *s = (measure_sums){0};
}

size_t measure_sums_count(const measure_sums *s) {
  return s->rows * s->measures + s->blocks;
}

double *measure_sums_row(const measure_sums *s, size_t row) {
  return s->values + row * s->measures;
}

void measure_sums_clear(measure_sums *s) {
  memset(s->values, 0, measure_sums_count(s) * sizeof *s->values);
}

int measure_sums_reduce(measure_sums *s, const ls_group *group) {
  return ls_group_sum(group, s->values, measure_sums_count(s));
}

void measure_sums_means(const measure_sums *s, size_t samples, double *means) {
  for (size_t k = 0; k < s->measures; k++) {
    double total = 0;
    for (size_t row = 0; row < s->rows; row++) total += measure_sums_row(s, row)[k];
    means[k] = total / (double)samples;
  }
  double penalty = 0;
  for (size_t b = 0; b < s->blocks; b++) penalty += s->penalties[b];
  means[0] += penalty / (double)samples;
}
