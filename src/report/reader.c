/* Reading texts, shapes and arrays of HDF5 files. */
#include "report/reader.h"

#include "lockstep/error.h"

#include <string.h>

void report_open(report_reader *out, ls_memory *memory, const char *path) {
  *out = (report_reader){.file = -1, .path = path, .memory = memory};
  out->status = ls_h5_open(&out->file, path);
}

int report_close(report_reader *r) {
  ls_h5_close(&r->file);
  return r->status;
}

void *report_new(report_reader *r, size_t count, size_t size) {
  void *block = r->status == LS_OK ? ls_memory_new(r->memory, count, size) : NULL;
  if (!block && r->status == LS_OK) r->status = LS_FAILED;
  return block;
}

/* ---- Texts ---- */

const char *report_read_text(report_reader *r, const char *name, const char *attribute,
                             const char *fallback) {
  char *text = NULL;
  if (r->status != LS_OK || !ls_h5_has_attribute(r->file, name, attribute)) return fallback;
  r->status = ls_h5_get_text(r->file, name, attribute, &text);
  if (r->status != LS_OK) return fallback;
  text = ls_memory_keep(r->memory, text);
  r->status = ls_memory_status(r->memory);
  return text ? text : fallback;
}

char **report_keep_texts(report_reader *r, char **texts, size_t *count, int status) {
  r->status = status;
  if (status == LS_OK) {
    for (size_t i = 0; i < *count; i++) ls_memory_keep(r->memory, texts[i]);
    if (texts) ls_memory_keep(r->memory, texts);
    r->status = ls_memory_status(r->memory);
  }
  if (r->status != LS_OK) *count = 0;
  return texts;
}

char **report_read_texts(report_reader *r, const char *name, const char *attribute, size_t *count) {
  char **texts = NULL;
  *count = 0;
  if (r->status != LS_OK || !ls_h5_has_attribute(r->file, name, attribute)) return NULL;
  int status = ls_h5_get_texts(r->file, name, attribute, &texts, count);
  return report_keep_texts(r, texts, count, status);
}

char **report_read_strings(report_reader *r, const char *name, size_t *count) {
  char **texts = NULL;
  *count = 0;
  if (r->status != LS_OK) return NULL;
  int status = ls_h5_read_texts(r->file, name, &texts, count);
  return report_keep_texts(r, texts, count, status);
}

char **report_read_members(report_reader *r, const char *group, size_t *count) {
  char **names = NULL;
  *count = 0;
  bool root = strcmp(group, ".") == 0;
  if (r->status != LS_OK || (!root && !ls_h5_has_group(r->file, group))) return NULL;
  int status = ls_h5_list(r->file, group, &names, count);
  return report_keep_texts(r, names, count, status);
}

/* ---- Arrays ---- */

ls_h5_shape report_read_shape(report_reader *r, const char *name) {
  ls_h5_shape shape = {0};
  if (r->status == LS_OK) r->status = ls_h5_describe(r->file, name, &shape);
  return r->status == LS_OK ? shape : (ls_h5_shape){0};
}

bool report_is_over(const report_reader *r, const ls_h5_shape *shape, report_layout layout) {
  bool over = shape->rank == layout.axes + (layout.extent > 0);
  for (int i = 0; i < shape->rank && over; i++) {
    over = shape->extent[i] == (i < layout.axes ? r->extent[i] : layout.extent);
  }
  return over;
}

/* Whether a dataset is laid out like that; *count is the number of its elements. */
static bool check(report_reader *r, const char *name, report_layout layout, size_t *count) {
  ls_h5_shape shape = report_read_shape(r, name);
  if (r->status == LS_OK && !report_is_over(r, &shape, layout)) {
    r->status =
        ls_fail(LS_INVALID, "%s: /%s: is not laid out over the %s", r->path, name, layout.name);
  }
  *count = ls_h5_shape_size(&shape);
  return r->status == LS_OK;
}

void *report_read_array(report_reader *r, const char *name, report_layout layout, hid_t type,
                        size_t size) {
  size_t count = 0;
  void *values = check(r, name, layout, &count) ? report_new(r, count, size) : NULL;
  if (values) r->status = ls_h5_read(r->file, name, type, values);
  return values;
}

double *report_read_reals(report_reader *r, const char *name, report_layout layout) {
  return report_read_array(r, name, layout, H5T_NATIVE_DOUBLE, sizeof(double));
}

int64_t *report_read_integers(report_reader *r, const char *name, report_layout layout,
                              int64_t most) {
  size_t count = 0;
  int64_t *values = check(r, name, layout, &count) ? report_new(r, count, sizeof *values) : NULL;
  const ls_h5_range range = {0, most};
  if (values) r->status = ls_h5_read_integers(r->file, name, range, count, values);
  return values;
}
