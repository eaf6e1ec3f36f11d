/* HDF5 files, and netCDF-4 files, which are HDF5, as sources: a column for each dataset, named by
 * its path. Texts are read as a whole, all else in blocks. A number that is equal to the attribute
 * _FillValue or missing_value is missing. */
#include "base/memory.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "prepare/categories.h"
#include "prepare/formats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DATASETS = 10000, DEEPEST = 16 };

/* A dataset that is read. */
typedef struct hdf5_column {
  double missing[2];  /* values that stand for a missing one; NaN: none */
  uint32_t *category; /* [sample], of a dataset of texts */
} hdf5_column;

typedef struct hdf5_state {
  hid_t file;
  hdf5_column *columns;
  size_t next;
} hdf5_state;

/* ---- Listing --------------------------------------------------------------------------------- */

typedef struct name_list {
  char **names;
  size_t count;
} name_list;

/* Whether the dataset can be a column: samples of numbers or texts. */
static bool is_column(const ls_h5_shape *shape) {
  bool text = shape->class_id == H5T_STRING;
  bool number =
      shape->class_id == H5T_INTEGER || shape->class_id == H5T_ENUM || shape->class_id == H5T_FLOAT;
  return shape->extent[0] > 0 && (text ? shape->rank == 1 : number) && shape->rank >= 1 &&
         shape->rank <= LS_MAX_DIMS + 1;
}

static int add_group(name_list *list, hid_t file, const char *group, int depth);

/* Adds a dataset, or what is in a group. Other members are left out. */
static int add_member(name_list *list, hid_t file, const char *path, int depth) {
  ls_h5_shape shape;
  if (ls_h5_has_group(file, path)) {
    return depth < DEEPEST ? add_group(list, file, path, depth + 1) : LS_OK;
  }
  if (ls_h5_describe(file, path, &shape) != LS_OK || !is_column(&shape)) {
    ls_error_clear();
    return LS_OK;
  }
  if (list->count == MOST_DATASETS) return LS_OK;
  return (list->names[list->count++] = ls_copy_text(path)) ? LS_OK : LS_FAILED;
}

static int add_group(name_list *list, hid_t file, const char *group, int depth) {
  char **members = NULL;
  size_t count = 0;
  int status = ls_h5_list(file, group, &members, &count);
  for (size_t i = 0; i < count; i++) {
    ls_text path = {0};
    ls_text_add(&path, "%s%s%s", strcmp(group, ".") == 0 ? "" : group,
                strcmp(group, ".") == 0 ? "" : "/", members[i]);
    char *whole = ls_text_take(&path);
    if (status == LS_OK) status = whole ? add_member(list, file, whole, depth) : LS_FAILED;
    free(whole);
    free(members[i]);
  }
  free(members);
  return status;
}

static int list_file(hid_t file, name_list *list) {
  list->names = ls_new(MOST_DATASETS, sizeof *list->names);
  return list->names ? add_group(list, file, ".", 0) : LS_FAILED;
}

static int list_hdf5(const char *path, char ***names, size_t *count) {
  hid_t file = -1;
  name_list list = {0};
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = list_file(file, &list);
  ls_h5_close(&file);
  *names = list.names;
  *count = list.count;
  return status;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* Replaces texts by the numbers of their categories. */
static int read_texts(ls_source *s, ls_column *column, hdf5_column *own) {
  const hdf5_state *h = s->state;
  char **texts = NULL;
  size_t count = 0;
  categories set = {0};
  int status = ls_h5_read_texts(h->file, column->name, &texts, &count);
  own->category = ls_new(s->count, sizeof *own->category);
  if (!own->category) status = LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = categories_add(&set, texts[i]);
    if (status == LS_OK && set.count > LS_MOST_CATEGORIES) {
      status =
          ls_fail(LS_INVALID, "%s: /%s: has more than %d different texts (expected categories)",
                  s->path, column->name, LS_MOST_CATEGORIES);
    }
  }
  if (status == LS_OK) status = categories_sort(&set);
  if (status == LS_OK) status = ls_source_set_categories(s, column, &set);
  for (size_t i = 0; i < count; i++) {
    if (status == LS_OK) own->category[i] = (uint32_t)categories_find(&set, texts[i]);
    free(texts[i]);
  }
  free(texts);
  categories_free(&set);
  return status;
}

static int read_missing(const hdf5_state *h, const char *name, hdf5_column *own) {
  static const char *const attributes[] = {"_FillValue", "missing_value"};
  int status = LS_OK;
  for (size_t i = 0; i < 2; i++) {
    own->missing[i] = NAN;
    if (status != LS_OK || !ls_h5_has_attribute(h->file, name, attributes[i])) continue;
    status = ls_h5_get_number(h->file, name, attributes[i], &own->missing[i]);
  }
  return status;
}

/* Sets the shape of a sample and the number of samples from the dataset's. */
static int take_shape(ls_source *s, const char *name, const ls_h5_shape *found) {
  char text[256];
  ls_shape shape = {found->rank - 1, {0}};
  size_t size = 1;
  for (int i = 0; i < shape.rank; i++) {
    shape.extent[i] = (int64_t)found->extent[i + 1];
    if (found->extent[i + 1] < 1 || __builtin_mul_overflow(size, found->extent[i + 1], &size) ||
        size > INT32_MAX) {
      ls_h5_format_shape(found, text, sizeof text);
      return ls_fail(LS_INVALID,
                     "%s: /%s: is %s (expected samples that are neither empty nor too large)",
                     s->path, name, text);
    }
  }
  if (s->column_count > 0 && found->extent[0] != s->count) {
    return ls_fail(LS_INVALID,
                   "%s: /%s: has %llu samples (expected %zu as in /%s; --x and --target select "
                   "datasets)",
                   s->path, name, (unsigned long long)found->extent[0], s->count,
                   s->columns[0].name);
  }
  s->count = (size_t)found->extent[0];
  return ls_source_add_column(s, name, &shape);
}

static int add_column(ls_source *s, const char *name) {
  hdf5_state *h = s->state;
  ls_h5_shape shape;
  char text[256];
  int status = ls_h5_describe(h->file, name, &shape);
  if (status == LS_OK && !is_column(&shape)) {
    ls_h5_format_shape(&shape, text, sizeof text);
    status =
        ls_fail(LS_INVALID, "%s: /%s: is %s (expected numbers [sample, ...] or texts [sample])",
                s->path, name, text);
  }
  if (status == LS_OK) status = take_shape(s, name, &shape);
  if (status != LS_OK) return status;
  ls_column *column = &s->columns[s->column_count - 1];
  hdf5_column *own = &h->columns[s->column_count - 1];
  column->text = shape.class_id == H5T_STRING;
  column->is_integer = column->is_typed =
      shape.class_id == H5T_INTEGER || shape.class_id == H5T_ENUM;
  column->bytes = shape.class_id == H5T_INTEGER && shape.item_size == 1 && !shape.is_signed;
  return column->text ? read_texts(s, column, own) : read_missing(h, name, own);
}

/* The path of a dataset without the slash before it. */
static const char *relative(const char *name) {
  return name + strspn(name, "/");
}

static int open_hdf5(ls_source *s, const ls_source_options *options) {
  hdf5_state *h = ls_new(1, sizeof *h);
  s->state = h;
  if (!h) return LS_FAILED;
  h->file = -1;
  name_list list = {0};
  int status = ls_h5_open(&h->file, s->path);
  if (status == LS_OK && !options->names) status = list_file(h->file, &list);
  size_t count = options->names ? options->name_count : list.count;
  h->columns = ls_new(count, sizeof *h->columns);
  if (!h->columns) status = LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = add_column(s, options->names ? relative(options->names[i]) : list.names[i]);
  }
  for (size_t i = 0; i < list.count; i++) free(list.names[i]);
  free(list.names);
  return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Reads a block of one column into the rows. */
static int read_block(ls_source *s, size_t i, size_t count, double *buffer, double *rows) {
  const hdf5_state *h = s->state;
  const ls_column *column = &s->columns[i];
  const hdf5_column *own = &h->columns[i];
  hsize_t start[LS_MAX_DIMS + 1] = {h->next}, extent[LS_MAX_DIMS + 1] = {count};
  for (int k = 0; k < column->shape.rank; k++) extent[k + 1] = (hsize_t)column->shape.extent[k];
  int status = LS_OK;
  if (!column->text) {
    status = ls_h5_read_block(h->file, column->name, H5T_NATIVE_DOUBLE, start, extent, buffer);
  }
  for (size_t n = 0; n < count && status == LS_OK; n++) {
    double *out = rows + n * s->width + column->offset;
    if (column->text) *out = own->category[h->next + n];
    for (size_t k = 0; k < column->width && !column->text; k++) {
      double value = buffer[n * column->width + k];
      out[k] = value == own->missing[0] || value == own->missing[1] ? NAN : value;
    }
  }
  return status;
}

static int read_hdf5(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  hdf5_state *h = s->state;
  *got = s->count - h->next < limit ? s->count - h->next : limit;
  double *buffer = ls_new(*got, s->width * sizeof *buffer);
  int status = buffer ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < s->column_count && status == LS_OK && *got > 0; i++) {
    status = read_block(s, i, *got, buffer, rows);
  }
  for (size_t k = 0; k < *got; k++) places[k] = h->next + k;
  h->next += *got;
  free(buffer);
  return status;
}

static int rewind_hdf5(ls_source *s) {
  ((hdf5_state *)s->state)->next = 0;
  return LS_OK;
}

static void close_hdf5(ls_source *s) {
  hdf5_state *h = s->state;
  for (size_t i = 0; h->columns && i < s->column_count; i++) free(h->columns[i].category);
  free(h->columns);
  ls_h5_close(&h->file);
  free(h);
}

const ls_source_format ls_hdf5_format = {
    .name = "an HDF5 file",
    .list = list_hdf5,
    .open = open_hdf5,
    .rewind = rewind_hdf5,
    .read = read_hdf5,
    .close = close_hdf5,
};
