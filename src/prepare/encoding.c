/* Encodings: creating, storing and freeing them. */
#include "prepare/encoding.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int create(ls_encoding **out, size_t count) {
  ls_encoding *e = ls_new(1, sizeof *e);
  *out = e;
  if (!e || !(e->features = ls_new(count, sizeof *e->features))) return LS_FAILED;
  e->count = count;
  for (size_t i = 0; i < count; i++) e->features[i].fill = NAN;
  return LS_OK;
}

/* Sets shape and width of a feature whose column has this shape. */
static void set_shape(ls_encoding *e, ls_feature *f, const ls_shape *column) {
  f->shape = f->one_hot ? (ls_shape){1, {(int64_t)f->category_count}} : *column;
  f->width = (size_t)ls_shape_size(&f->shape);
  e->width += f->width;
}

static int copy_categories(ls_feature *f, const ls_column *column) {
  f->categories = ls_new(column->category_count, sizeof *f->categories);
  if (!f->categories) return LS_FAILED;
  for (; f->category_count < column->category_count; f->category_count++) {
    char *copy = ls_copy_text(column->categories[f->category_count]);
    if (!copy) return LS_FAILED;
    f->categories[f->category_count] = copy;
  }
  return LS_OK;
}

static int add_feature(ls_encoding *e, ls_feature *f, const ls_column *column, bool one_hot) {
  f->column = ls_copy_text(column->name);
  if (!f->column) return LS_FAILED;
  int status = column->text ? copy_categories(f, column) : LS_OK;
  f->one_hot = one_hot && column->text;
  f->crop = column->crop;
  e->bytes &= column->bytes;
  set_shape(e, f, &column->shape);
  return status;
}

int ls_encoding_create(ls_encoding **out, const ls_column *const *columns, size_t count,
                       bool one_hot) {
  ls_encoding *e = NULL;
  int status = create(&e, count);
  if (status == LS_OK) e->bytes = true;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = add_feature(e, &e->features[i], columns[i], one_hot);
  }
  if (status != LS_OK) ls_encoding_free(&e);
  *out = e;
  return status;
}

/* The texts of numbers, as names of classes. */
static int name_values(ls_feature *f, double *values, size_t count) {
  f->values = values;
  f->categories = ls_new(count, sizeof *f->categories);
  if (!f->categories) return LS_FAILED;
  for (size_t i = 0; i < count; i++) {
    ls_text text = {0};
    ls_text_add(&text, "%.15g", values[i]);
    f->categories[i] = ls_text_take(&text);
    f->category_count++;
    if (!f->categories[i]) return LS_FAILED;
  }
  return LS_OK;
}

int ls_encoding_create_classes(ls_encoding **out, const ls_column *column, double *values,
                               size_t value_count) {
  int status = ls_encoding_create(out, &column, 1, false);
  if (status != LS_OK) {
    free(values);
    return status;
  }
  if (!column->text) status = name_values(&(*out)->features[0], values, value_count);
  if (status != LS_OK) ls_encoding_free(out);
  return status;
}

ls_shape ls_encoding_shape(const ls_encoding *e) {
  if (e->count == 1 && e->features[0].shape.rank > 0) return e->features[0].shape;
  return (ls_shape){1, {(int64_t)e->width}};
}

char *ls_encoding_name(const ls_encoding *e, size_t index) {
  const ls_feature *f = e->features;
  for (; index >= f->width; f++) index -= f->width;
  ls_text text = {0};
  ls_text_add(&text, "%s", f->column);
  if (f->one_hot) ls_text_add(&text, "=%s", f->categories[index]);
  if (!f->one_hot && f->width > 1) ls_text_add(&text, "[%zu]", index);
  return ls_text_take(&text);
}

void ls_encoding_set_options(const ls_encoding *e, const char **texts, ls_source_options *options) {
  options->text_columns = texts;
  options->text_column_count = 0;
  for (size_t i = 0; i < e->count; i++) {
    const ls_feature *f = &e->features[i];
    if (f->categories && !f->values) texts[options->text_column_count++] = f->column;
    if (f->shape.rank != 3 || e->count > 1) continue;
    options->height = (size_t)f->shape.extent[0];
    options->width = (size_t)f->shape.extent[1];
    options->channels = (size_t)f->shape.extent[2];
    options->crop = f->crop;
  }
}

static bool is_same_feature(const ls_feature *one, const ls_feature *other) {
  bool same = strcmp(one->column, other->column) == 0 && one->one_hot == other->one_hot &&
              one->crop == other->crop && one->width == other->width &&
              one->category_count == other->category_count;
  for (size_t k = 0; same && k < one->category_count; k++) {
    same = strcmp(one->categories[k], other->categories[k]) == 0;
  }
  return same;
}

bool ls_encoding_is_same(const ls_encoding *one, const ls_encoding *other) {
  bool same = one->count == other->count;
  for (size_t i = 0; same && i < one->count; i++) {
    same = is_same_feature(&one->features[i], &other->features[i]);
  }
  return same;
}

void ls_encoding_free(ls_encoding **encoding) {
  ls_encoding *e = *encoding;
  if (!e) return;
  for (size_t i = 0; i < e->count; i++) {
    ls_feature *f = &e->features[i];
    for (size_t k = 0; k < f->category_count; k++) free(f->categories[k]);
    free(f->categories);
    free(f->values);
    free(f->column);
  }
  free(e->features);
  free(e);
  *encoding = NULL;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *list_categories(const ls_feature *f) {
  json_t *list = json_array();
  for (size_t i = 0; i < f->category_count; i++) {
    json_array_append_new(list, json_string(f->categories[i]));
  }
  return list;
}

static json_t *list_extents(const ls_shape *shape) {
  json_t *list = json_array();
  for (int i = 0; i < shape->rank; i++) {
    json_array_append_new(list, json_integer(shape->extent[i]));
  }
  return list;
}

int ls_encoding_format(char **json, const ls_encoding *e) {
  json_t *list = json_array();
  for (size_t i = 0; i < e->count; i++) {
    const ls_feature *f = &e->features[i];
    json_t *item = json_pack("{s:s}", "column", f->column);
    if (f->categories) {
      json_object_set_new(item, "categories", list_categories(f));
      json_object_set_new(item, "one_hot", json_boolean(f->one_hot));
    } else {
      if (f->shape.rank > 0) json_object_set_new(item, "shape", list_extents(&f->shape));
      if (f->crop) json_object_set_new(item, "crop", json_true());
      if (!isnan(f->fill)) json_object_set_new(item, "fill", json_real(f->fill));
    }
    json_array_append_new(list, item);
  }
  *json = json_dumps(list, 0);
  json_decref(list);
  return *json ? LS_OK : ls_fail(LS_FAILED, "out of memory for the encoding of the inputs");
}

static bool parse_shape(ls_shape *shape, const json_t *list) {
  *shape = (ls_shape){0, {0}};
  if (!list) return true;
  if (!json_is_array(list) || json_array_size(list) > LS_MAX_DIMS) return false;
  int64_t size = 1;
  for (; shape->rank < (int)json_array_size(list); shape->rank++) {
    int64_t extent = json_integer_value(json_array_get(list, (size_t)shape->rank));
    if (extent < 1 || __builtin_mul_overflow(size, extent, &size) || size > INT32_MAX) return false;
    shape->extent[shape->rank] = extent;
  }
  return true;
}

/* Sets *status to LS_FAILED without memory; returns whether the item is a feature. */
static bool parse_feature(ls_encoding *e, ls_feature *f, const json_t *item, int *status) {
  const char *column = json_string_value(json_object_get(item, "column"));
  const json_t *list = json_object_get(item, "categories"), *fill = json_object_get(item, "fill");
  ls_shape shape;
  if (!column || !parse_shape(&shape, json_object_get(item, "shape"))) return false;
  if ((list && !json_is_array(list)) || (fill && !json_is_number(fill))) return false;
  ls_column as = {.name = (char *)column, .shape = shape, .text = list != NULL};
  as.crop = json_is_true(json_object_get(item, "crop"));
  as.category_count = json_array_size(list);
  as.categories = ls_new(as.category_count, sizeof *as.categories);
  bool valid = true;
  for (size_t k = 0; as.categories && k < as.category_count; k++) {
    as.categories[k] = (char *)json_string_value(json_array_get(list, k));
    valid &= as.categories[k] != NULL;
  }
  bool one_hot = json_is_true(json_object_get(item, "one_hot"));
  if (!as.categories)
    *status = LS_FAILED;
  else if (valid)
    *status = add_feature(e, f, &as, one_hot);
  free(as.categories);
  if (fill) f->fill = json_number_value(fill);
  return valid;
}

int ls_encoding_parse(ls_encoding **out, const char *json, const char *path) {
  json_t *list = json_loads(json, 0, NULL);
  ls_encoding *e = NULL;
  int status = create(&e, json_array_size(list));
  bool valid = json_is_array(list) && json_array_size(list) > 0;
  for (size_t i = 0; valid && status == LS_OK && i < e->count; i++) {
    valid = parse_feature(e, &e->features[i], json_array_get(list, i), &status);
  }
  if (status == LS_OK && !valid) {
    status = ls_fail(LS_INVALID, "%s: its attribute encoding is not a list of features", path);
  }
  json_decref(list);
  if (status != LS_OK) ls_encoding_free(&e);
  *out = e;
  return status;
}
