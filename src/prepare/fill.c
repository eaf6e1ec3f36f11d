/* Values for missing numbers. */
#include "prepare/fill.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

struct fills {
  const ls_source *source;
  bool median;
  size_t count;              /* features of the encoding */
  const ls_column **columns; /* [feature]; NULL: not a single number */
  double *sums;              /* [feature] */
  size_t *counts;            /* [feature] of values */
  float **values;            /* [feature][value], for medians */
  size_t *room;              /* [feature] */
};

int fill_create(fills **out, const ls_encoding *inputs, const ls_source *source, bool median) {
  fills *f = ls_new(1, sizeof *f);
  *out = f;
  if (!f) return LS_FAILED;
  *f = (fills){.source = source, .median = median, .count = inputs->count};
  f->columns = ls_new(f->count, sizeof *f->columns);
  f->sums = ls_new(f->count, sizeof *f->sums);
  f->counts = ls_new(f->count, sizeof *f->counts);
  f->values = ls_new(f->count, sizeof *f->values);
  f->room = ls_new(f->count, sizeof *f->room);
  if (!f->columns || !f->sums || !f->counts || !f->values || !f->room) {
    fill_free(out);
    return LS_FAILED;
  }
  for (size_t i = 0; i < f->count; i++) {
    const ls_feature *feature = &inputs->features[i];
    if (feature->categories || feature->width != 1) continue;
    f->columns[i] = ls_source_find(source, feature->column);
  }
  return LS_OK;
}

static int keep(fills *f, size_t i, double value) {
  if (f->counts[i] == f->room[i]) {
    size_t room = f->room[i] > 0 ? 2 * f->room[i] : 1024;
    float *values = realloc(f->values[i], room * sizeof *values);
    if (!values) return ls_fail(LS_FAILED, "%s: out of memory for medians", f->source->path);
    f->values[i] = values;
    f->room[i] = room;
  }
  f->values[i][f->counts[i]] = (float)value;
  return LS_OK;
}

int fill_add(fills *f, const double *row) {
  int status = LS_OK;
  for (size_t i = 0; i < f->count && status == LS_OK; i++) {
    double value = f->columns[i] ? row[f->columns[i]->offset] : NAN;
    if (isnan(value)) continue;
    if (f->median) status = keep(f, i, value);
    f->sums[i] += value;
    f->counts[i]++;
  }
  return status;
}

static int compare(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double median_of(float *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
  return ((double)values[(count - 1) / 2] + (double)values[count / 2]) / 2;
}

int fill_finish(fills *f, ls_encoding *inputs) {
  for (size_t i = 0; i < f->count; i++) {
    if (!f->columns[i]) continue;
    if (f->counts[i] == 0) {
      return ls_fail(LS_INVALID,
                     "%s: column %s: has no value for training (expected a mean; --drop "
                     "leaves the column out)",
                     f->source->path, f->columns[i]->name);
    }
    inputs->features[i].fill =
        f->median ? median_of(f->values[i], f->counts[i]) : f->sums[i] / (double)f->counts[i];
  }
  return LS_OK;
}

void fill_free(fills **fill) {
  if (!*fill) return;
  for (size_t i = 0; (*fill)->values && i < (*fill)->count; i++) free((*fill)->values[i]);
  free((*fill)->values);
  free((*fill)->columns);
  free((*fill)->sums);
  free((*fill)->counts);
  free((*fill)->room);
  free(*fill);
  *fill = NULL;
}
