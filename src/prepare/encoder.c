/* Applying an encoding to rows of a source. */
#include "base/memory.h"
#include "lockstep/error.h"
#include "prepare/encoding.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ls_encoder {
  const ls_encoding *encoding;
  const ls_source *source;
  const ls_column **columns; /* [feature] */
  size_t **numbers;          /* [feature][category of the source]: number in the encoding, or
                                SIZE_MAX; NULL for numbers */
};

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static size_t find_category(const ls_feature *f, const char *text) {
  for (size_t i = 0; i < f->category_count; i++) {
    if (strcmp(f->categories[i], text) == 0) return i;
  }
  return SIZE_MAX;
}

static int match_categories(size_t **numbers, const ls_feature *f, const ls_column *column) {
  *numbers = ls_new(column->category_count, sizeof **numbers);
  if (!*numbers) return LS_FAILED;
  for (size_t i = 0; i < column->category_count; i++) {
    (*numbers)[i] = find_category(f, column->categories[i]);
  }
  return LS_OK;
}

static int fail_column(const ls_source *s, const ls_column *column, const char *expected) {
  return ls_fail(LS_INVALID, "%s: column %s: has %s (expected %s)", s->path, column->name,
                 column->text ? "texts" : "numbers", expected);
}

static int match_column(ls_encoder *e, size_t i) {
  const ls_feature *f = &e->encoding->features[i];
  const ls_column *column = e->columns[i] = ls_source_find(e->source, f->column);
  if (!column) return LS_INVALID;
  bool text = f->categories && !f->values;
  if (text && !column->text) return fail_column(e->source, column, "texts, as for training");
  if (!text && column->text) return fail_column(e->source, column, "numbers, as for training");
  if (!f->one_hot && column->width != f->width) {
    return ls_fail(LS_INVALID, "%s: column %s: has %zu numbers per sample (expected %zu)",
                   e->source->path, f->column, column->width, f->width);
  }
  return text ? match_categories(&e->numbers[i], f, column) : LS_OK;
}

int ls_encoder_create(ls_encoder **out, const ls_encoding *encoding, const ls_source *source) {
  ls_encoder *e = ls_new(1, sizeof *e);
  *out = e;
  if (!e) return LS_FAILED;
  e->encoding = encoding;
  e->source = source;
  e->columns = ls_new(encoding->count, sizeof *e->columns);
  e->numbers = ls_new(encoding->count, sizeof *e->numbers);
  int status = e->columns && e->numbers ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < encoding->count && status == LS_OK; i++) status = match_column(e, i);
  if (status != LS_OK) ls_encoder_free(out);
  return status;
}

bool ls_encoder_is_missing(const ls_encoder *e, const double *row) {
  for (size_t i = 0; i < e->encoding->count; i++) {
    const double *values = row + e->columns[i]->offset;
    for (size_t k = 0; k < e->columns[i]->width; k++) {
      if (isnan(values[k])) return true;
    }
  }
  return false;
}

static int fail_value(const ls_encoder *e, size_t i, size_t place, const char *wrong,
                      const char *expected) {
  char where[512];
  ls_source_place(e->source, place, where, sizeof where);
  return ls_fail(LS_INVALID, "%s: column %s: %s (expected %s)", where, e->columns[i]->name, wrong,
                 expected);
}

/* The texts of the first categories, for a message. */
static int fail_category(const ls_encoder *e, size_t i, size_t place, double value) {
  const ls_column *column = e->columns[i];
  const ls_feature *f = &e->encoding->features[i];
  char where[512], number[32];
  const char *text = number;
  ls_source_place(e->source, place, where, sizeof where);
  snprintf(number, sizeof number, "%.15g", value);
  if (column->text) text = column->categories[(size_t)value];
  return ls_fail(LS_INVALID, "%s: column %s: '%.80s' (expected %.80s%s%.80s%s)", where,
                 column->name, text, f->categories[0], f->category_count > 1 ? ", " : "",
                 f->category_count > 1 ? f->categories[1] : "",
                 f->category_count > 2 ? " or another category of the data for training" : "");
}

/* The number of the category of a value; SIZE_MAX if there is none. */
static size_t category_of(const ls_encoder *e, size_t i, double value) {
  const ls_feature *f = &e->encoding->features[i];
  if (!f->values) return e->numbers[i][(size_t)value];
  const double *found = bsearch(&value, f->values, f->category_count, sizeof value, compare);
  return found ? (size_t)(found - f->values) : SIZE_MAX;
}

static int apply_category(const ls_encoder *e, size_t i, double value, size_t place, float *out) {
  const ls_feature *f = &e->encoding->features[i];
  if (isnan(value)) {
    return fail_value(e, i, place, "is missing",
                      "a category; lockstep data --missing drop leaves such rows out");
  }
  size_t category = category_of(e, i, value);
  if (category == SIZE_MAX) return fail_category(e, i, place, value);
  if (!f->one_hot) out[0] = (float)category;
  for (size_t k = 0; f->one_hot && k < f->category_count; k++) out[k] = k == category;
  return LS_OK;
}

static int apply_numbers(const ls_encoder *e, size_t i, const double *values, size_t place,
                         float *out) {
  const ls_feature *f = &e->encoding->features[i];
  for (size_t k = 0; k < f->width; k++) {
    double value = isnan(values[k]) ? f->fill : values[k];
    out[k] = (float)value;
    if (isfinite(out[k])) continue;
    return isnan(value)
               ? fail_value(e, i, place, "is missing or not a number",
                            "a number; lockstep data --missing fills it or leaves the row out")
               : fail_value(e, i, place, "is too large for float32", "at most 3.4e38");
  }
  return LS_OK;
}

int ls_encoder_apply(const ls_encoder *e, const double *row, size_t place, float *out) {
  int status = LS_OK;
  for (size_t i = 0; i < e->encoding->count && status == LS_OK; i++) {
    const ls_feature *f = &e->encoding->features[i];
    const double *values = row + e->columns[i]->offset;
    status = f->categories ? apply_category(e, i, values[0], place, out)
                           : apply_numbers(e, i, values, place, out);
    out += f->width;
  }
  return status;
}

void ls_encoder_free(ls_encoder **encoder) {
  ls_encoder *e = *encoder;
  if (!e) return;
  for (size_t i = 0; e->numbers && i < e->encoding->count; i++) free(e->numbers[i]);
  free(e->numbers);
  free(e->columns);
  free(e);
  *encoder = NULL;
}
