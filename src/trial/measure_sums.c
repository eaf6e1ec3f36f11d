/* Sums over samples, and the measures computed from them. */
#include "trial/measure_sums.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

int measure_sums_create(measure_sums *s, const ls_model *model, size_t rows, size_t blocks) {
  *s = (measure_sums){.model = model, .rows = rows, .blocks = blocks};
  s->values = ls_new(measure_sums_count(s) + model->sum_count, sizeof *s->values);
  if (!s->values) return LS_FAILED;
  s->penalties = s->values + rows * model->sum_count;
  s->counts = s->penalties + blocks;
  s->totals = s->counts + model->count_count;
  return LS_OK;
}

void measure_sums_destroy(measure_sums *s) {
  free(s->values);
  *s = (measure_sums){0};
}

size_t measure_sums_count(const measure_sums *s) {
  return s->rows * s->model->sum_count + s->blocks + s->model->count_count;
}

double *measure_sums_row(const measure_sums *s, size_t row) {
  return s->values + row * s->model->sum_count;
}

void measure_sums_clear(measure_sums *s) {
  memset(s->values, 0, measure_sums_count(s) * sizeof *s->values);
}

int measure_sums_reduce(measure_sums *s, const ls_group *group) {
  return ls_group_sum(group, s->values, measure_sums_count(s));
}

void measure_sums_measure(const measure_sums *s, size_t samples, double *measures) {
  double penalty = 0;
  for (size_t k = 0; k < s->model->sum_count; k++) {
    s->totals[k] = 0;
    for (size_t row = 0; row < s->rows; row++) s->totals[k] += measure_sums_row(s, row)[k];
  }
  ls_model_measure(s->model, samples, s->totals, s->counts, measures);
  for (size_t b = 0; b < s->blocks; b++) penalty += s->penalties[b];
  measures[0] += penalty / (double)samples;
}
