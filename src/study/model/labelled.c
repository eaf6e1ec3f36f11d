/* Labelled HDF5 files. */
#include "study/model/labelled.h"

#include "base/clock.h"
#include "base/paths.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_text(labelled *l, const char *name, const char *attribute, const char *text) {
  if (l->status == LS_OK && text) l->status = ls_h5_set_text(l->file, name, attribute, text);
}

void labelled_attribute(labelled *l, const char *name, const char *text) {
  set_text(l, ".", name, text);
}

void labelled_create(labelled *l, const ls_analysis_file *file, const char *title) {
  char now[32];
  *l = (labelled){.file = -1, .path = file->path};
  l->status = ls_make_parents(file->path);
  if (l->status == LS_OK) l->status = ls_make_temporary(&l->temporary, file->path);
  if (l->status == LS_OK) l->status = ls_h5_create(&l->file, l->temporary);
  ls_clock_utc(now);
  labelled_attribute(l, "title", file->title ? file->title : title);
  labelled_attribute(l, "reference", file->reference);
  labelled_attribute(l, "source", "lockstep " LS_VERSION);
  labelled_attribute(l, "history",
                     ls_memory_text(&l->memory, "%s: created by %s", now, file->command));
}

/* ---- Tables ---- */

static hid_t type_of(labelled_type type) {
  const hid_t real = sizeof(ls_real) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
  const hid_t types[] = {[LABELLED_REAL] = real,
                         [LABELLED_FLOAT] = H5T_NATIVE_FLOAT,
                         [LABELLED_DOUBLE] = H5T_NATIVE_DOUBLE,
                         [LABELLED_INT32] = H5T_NATIVE_INT32,
                         [LABELLED_INT64] = H5T_NATIVE_INT64,
                         [LABELLED_UINT32] = H5T_NATIVE_UINT32};
  return types[type];
}

/* `count` values without gaps, to be freed. */
static void *pack(const labelled_variable *v, size_t count) {
  size_t size = H5Tget_size(type_of(v->type)), bytes = (v->block ? v->block : 1) * size;
  char *packed = ls_new(count, size);
  for (size_t at = 0; packed && at < count * size; at += bytes) {
    memcpy(packed + at, (const char *)v->values + at / bytes * v->stride, bytes);
  }
  return packed;
}

/* Writes 0, 1, 2, ... */
static int write_counts(labelled *l, const char *name, size_t count) {
  int64_t block[1024];
  const size_t most = sizeof block / sizeof *block;
  int status = LS_OK;
  for (size_t first = 0; first < count && status == LS_OK; first += most) {
    size_t n = count - first < most ? count - first : most;
    for (size_t i = 0; i < n; i++) block[i] = (int64_t)(first + i);
    status = ls_h5_write_range(l->file, name, H5T_NATIVE_INT64, first, n, block);
  }
  return status;
}

/* Writes values of which none are missing between them. */
static int write_values(labelled *l, const labelled_variable *v, size_t count) {
  void *packed = v->stride ? pack(v, count) : NULL;
  if (v->stride && !packed) return LS_FAILED;
  int status = ls_h5_write(l->file, v->name, type_of(v->type), packed ? packed : v->values);
  free(packed);
  return status;
}

/* Makes and writes a dataset of numbers. */
static void write_numbers(labelled *l, const labelled_variable *v, int rank,
                          const hsize_t *extent) {
  size_t count = 1;
  for (int d = 0; d < rank; d++) count *= extent[d];
  l->status = ls_h5_create_dataset(l->file, v->name, type_of(v->type), rank, extent, NULL);
  if (l->status != LS_OK || (v->axes && l->later)) return;
  l->status = v->values ? write_values(l, v, count) : write_counts(l, v->name, count);
}

static void describe(labelled *l, const labelled_variable *v) {
  set_text(l, v->name, "long_name", v->long_name);
  set_text(l, v->name, "units", v->units);
}

static void write_axis(labelled *l, const labelled_variable *v) {
  hsize_t extent = v->count;
  if (v->type == LABELLED_TEXT) {
    l->status = ls_h5_create_texts(l->file, v->name, v->count, v->values);
  } else {
    write_numbers(l, v, 1, &extent);
  }
  if (l->status == LS_OK) l->status = ls_h5_set_scale(l->file, v->name);
  describe(l, v);
}

typedef struct axis_list {
  const char *names[LS_H5_MAX_RANK];
  int count;
} axis_list;

/* Adds the dimensions of a sample, whose axes are made unless they are there. */
static void add_shape(labelled *l, axis_list *axes, const labelled_variable *v) {
  static const char *const names[LS_MAX_DIMS] = {"row", "column", "channel", "depth"};
  for (int d = 0; d < v->shape->rank; d++) {
    const char *what = v->dimensions ? v->dimensions[d] : v->shape->rank == 1 ? "unit" : names[d];
    labelled_variable axis = {
        .type = LABELLED_INT64, .long_name = what, .count = (size_t)v->shape->extent[d]};
    axis.name = ls_memory_text(&l->memory, "%s%s", v->prefix ? v->prefix : "", what);
    if (!axis.name) l->status = LS_FAILED;
    if (l->status == LS_OK && !ls_h5_has(l->file, axis.name)) write_axis(l, &axis);
    axes->names[axes->count++] = axis.name;
  }
}

/* `length` characters of a name, with the prefix in the place of +; NULL after a failure. */
static const char *complete(labelled *l, const char *name, size_t length) {
  size_t mark = *name == '+';
  const char *prefix = mark ? l->prefix : "";
  name = ls_memory_text(&l->memory, "%s%.*s", prefix, (int)(length - mark), name + mark);
  if (!name) l->status = LS_FAILED;
  return name;
}

static void list_axes(labelled *l, axis_list *axes, const labelled_variable *v) {
  for (const char *at = v->axes; *at && l->status == LS_OK;) {
    size_t length = strcspn(at, "/");
    const char *name = complete(l, at, length);
    if (name && strcmp(name, "*") == 0) {
      add_shape(l, axes, v);
    } else {
      axes->names[axes->count++] = name;
    }
    at += length + (at[length] == '/');
  }
}

static void write_variable(labelled *l, const labelled_variable *v) {
  axis_list axes = {0};
  hsize_t extent[LS_H5_MAX_RANK] = {0};
  list_axes(l, &axes, v);
  for (int d = 0; d < axes.count && l->status == LS_OK; d++) {
    ls_h5_shape shape;
    l->status = ls_h5_describe(l->file, axes.names[d], &shape);
    if (l->status == LS_OK) extent[d] = shape.extent[0];
  }
  if (l->status == LS_OK) write_numbers(l, v, axes.count, extent);
  for (int d = 0; d < axes.count && l->status == LS_OK; d++) {
    l->status = ls_h5_attach_scale(l->file, v->name, axes.names[d], (unsigned)d);
  }
  describe(l, v);
}

void labelled_write_prefixed(labelled *l, const char *prefix, const labelled_variable *table) {
  l->prefix = prefix;
  if (l->status == LS_OK) l->status = ls_memory_status(&l->memory); /* of the names */
  for (const labelled_variable *row = table; l->status == LS_OK && row->name; row++) {
    labelled_variable v = *row;
    if (v.axes ? !v.values : v.count == 0) continue;
    v.name = complete(l, v.name, strlen(v.name));
    if (l->status == LS_OK && v.axes) write_variable(l, &v);
    if (l->status == LS_OK && !v.axes) write_axis(l, &v);
  }
}

void labelled_write(labelled *l, const labelled_variable *table) {
  labelled_write_prefixed(l, "", table);
}

void labelled_declare(labelled *l, const labelled_variable *table) {
  l->later = true;
  labelled_write(l, table);
  l->later = false;
}

void labelled_write_block(labelled *l, const labelled_variable *table, size_t first, size_t n) {
  for (const labelled_variable *v = table; l->status == LS_OK && v->name; v++) {
    ls_h5_shape shape;
    size_t size = 1;
    if (!v->axes || !v->values) continue;
    l->status = ls_h5_describe(l->file, v->name, &shape);
    for (int d = 1; d < shape.rank && l->status == LS_OK; d++) size *= shape.extent[d];
    if (l->status != LS_OK) return;
    l->status =
        ls_h5_write_range(l->file, v->name, type_of(v->type), first * size, n * size, v->values);
  }
}

/* ---- Summary and figures ---- */

static int add_text(labelled_texts *list, const char *text) {
  const char **items = text ? realloc(list->items, (list->count + 1) * sizeof *items) : NULL;
  if (!items) return text ? ls_fail(LS_FAILED, "out of memory") : LS_FAILED;
  list->items = items;
  items[list->count++] = text;
  return LS_OK;
}

void labelled_summarize(labelled *l, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (l->status == LS_OK) {
    l->status = add_text(&l->summary, ls_memory_text_v(&l->memory, format, args));
  }
  va_end(args);
}

void labelled_draw(labelled *l, const char *what, ls_plot plot, const char *caption, ...) {
  ls_memory *m = &l->memory;
  bool ready = l->status == LS_OK && l->drawn == LS_OK;
  const char *path =
      ready ? ls_memory_text(m, "%.*s_%s", (int)ls_stem_length(l->path), l->path, what) : NULL;
  if (!path) ls_plot_free(&plot);
  if (!ready) return;
  l->drawn = path ? ls_plot_write(path, &plot) : LS_FAILED;
  if (l->drawn == LS_OK) {
    l->drawn = add_text(&l->figures, ls_memory_text(m, "%s.svg", ls_file_name(path)));
  }
  va_list args;
  va_start(args, caption);
  if (l->drawn == LS_OK) l->drawn = add_text(&l->captions, ls_memory_text_v(m, caption, args));
  va_end(args);
}

ls_figure_image labelled_image(const ls_shape *shape, const ls_real *values) {
  if (shape->rank == 1) {
    return (ls_figure_image){.values = values, .height = 1, .width = (size_t)shape->extent[0]};
  }
  size_t channels = shape->rank > 2 ? (size_t)shape->extent[2] : 1;
  return (ls_figure_image){.values = values,
                           .height = (size_t)shape->extent[0],
                           .width = (size_t)shape->extent[1],
                           .channels = channels == 3 ? 3 : 1,
                           .pixel_stride = channels};
}

/* ---- The end ---- */

static void set_texts(labelled *l, const char *attribute, labelled_texts *list) {
  if (l->status == LS_OK && list->count > 0) {
    l->status = ls_h5_set_texts(l->file, ".", attribute, list->count, list->items);
  }
  free(list->items);
}

int labelled_close(labelled *l) {
  if (l->drawn == LS_OK) l->drawn = ls_memory_status(&l->memory);
  set_texts(l, "summary", &l->summary);
  set_texts(l, "figures", &l->figures);
  set_texts(l, "captions", &l->captions);
  int closed = ls_h5_close(&l->file);
  if (l->status == LS_OK) l->status = closed;
  if (l->status == LS_OK) l->status = ls_replace_file(l->temporary, l->path);
  if (l->status != LS_OK && l->temporary) unlink(l->temporary);
  int status = l->status == LS_OK ? l->drawn : l->status;
  free(l->temporary);
  ls_memory_free(&l->memory);
  *l = (labelled){.file = -1};
  return status;
}
