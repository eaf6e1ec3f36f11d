/* Sources of samples: which format a file has, and reading it. */
#include "prepare/source.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/formats.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Formats --------------------------------------------------------------------------------- */

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* A file is recognised by its first bytes or, where a format has no such bytes, by its name. */
typedef struct signature {
  const ls_source_format *format;
  const char *bytes; /* or NULL */
  size_t length;
  const char *ending; /* of the name */
} signature;

static const signature signatures[] = {
    {&ls_npy_format, "\x93NUMPY", 6, NULL},
    {&ls_npz_format, "PK\3\4", 4, NULL},
    {&ls_hdf5_format, "\x89HDF\r\n\x1a\n", 8, NULL},
    {&ls_netcdf_format, "CDF\1", 4, NULL},
    {&ls_netcdf_format, "CDF\2", 4, NULL},
    {&ls_netcdf_format, "CDF\5", 4, NULL},
    {&ls_image_format, "\x89PNG", 4, NULL},
    {&ls_image_format, "\xff\xd8\xff", 3, NULL},
    {&ls_csv_format, NULL, 0, ".csv"},
    {&ls_csv_format, NULL, 0, ".tsv"},
    {&ls_csv_format, NULL, 0, ".txt"},
    {&ls_csv_format, NULL, 0, ".data"},
    {&ls_csv_format, NULL, 0, ".csv.gz"},
    {&ls_csv_format, NULL, 0, ".tsv.gz"},
};

static bool ends_with(const char *text, const char *ending) {
  size_t length = strlen(text), end = strlen(ending);
  return length >= end && strcasecmp(text + length - end, ending) == 0;
}

static const ls_source_format *recognise(const char *path, const char *head, size_t length) {
  for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
    const signature *s = &signatures[i];
    bool found = s->bytes ? length >= s->length && memcmp(head, s->bytes, s->length) == 0
                          : ends_with(path, s->ending);
    if (found) return s->format;
  }
  return NULL;
}

static int check_library(const ls_source_format *format, const char *path) {
  if (!format->library) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: is %s, which this program cannot read: it was built without %s (install it "
                 "and build Lockstep again)",
                 path, format->name, format->library);
}

static int find_format(const ls_source_format **format, const char *path) {
  char head[8] = {0};
  if (is_folder(path)) {
    *format = &ls_image_format;
    return check_library(*format, path);
  }
  int status = ls_check_regular_file(path, "a file, or a folder of images");
  if (status != LS_OK) return status;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = file < 0 ? -1 : read(file, head, sizeof head);
  int why = errno;
  if (file >= 0) close(file);
  if (got < 0) return ls_fail(LS_INVALID, "%s: cannot read: %s", path, strerror(why));
  *format = recognise(path, head, (size_t)got);
  if (!*format) {
    return ls_fail(LS_INVALID,
                   "%s: is of no known format (expected a CSV file (.csv, .tsv, .txt), .npy, .npz, "
                   "HDF5, netCDF, or a folder of images)",
                   path);
  }
  return check_library(*format, path);
}

/* ---- Sources --------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Columns are found by their names: a damaged archive may have two of one name. */
static int check_names(const ls_source *s) {
  const char **names = ls_new(s->column_count, sizeof *names);
  int status = names ? LS_OK : LS_FAILED;
  for (size_t i = 0; names && i < s->column_count; i++) names[i] = s->columns[i].name;
  if (names) qsort(names, s->column_count, sizeof *names, compare_names);
  for (size_t i = 1; i < s->column_count && status == LS_OK; i++) {
    if (strcmp(names[i - 1], names[i]) != 0) continue;
    status = ls_fail(LS_INVALID, "%s: has two columns '%s'", s->path, names[i]);
  }
  free(names);
  return status;
}

int ls_source_open(ls_source **out, const char *path, const ls_source_options *options) {
  *out = NULL;
  const ls_source_format *format = NULL;
  int status = find_format(&format, path);
  if (status != LS_OK) return status;
  ls_source *s = ls_new(1, sizeof *s);
  if (!s) return LS_FAILED;
  s->format = format;
  s->path = ls_copy_text(path);
  status = s->path ? LS_OK : LS_FAILED;
  if (status == LS_OK && options->path_count > 0 && !format->several_files) {
    status = ls_fail(LS_INVALID, "%s: is %s (expected no other file beside it: '%s')", path,
                     format->name, options->paths[0]);
  }
  if (status == LS_OK) status = format->open(s, options);
  if (status == LS_OK) status = check_names(s);
  for (size_t i = 0; i < options->name_count && status == LS_OK; i++) {
    if (!ls_source_find(s, options->names[i])) status = LS_INVALID;
  }
  if (status == LS_OK && s->count == 0) status = ls_fail(LS_INVALID, "%s: has no samples", path);
  if (status != LS_OK) ls_source_close(&s);
  *out = s;
  return status;
}

int ls_source_list(const char *path, char ***names, size_t *count) {
  const ls_source_format *format = NULL;
  *names = NULL;
  *count = 0;
  int status = find_format(&format, path);
  return status == LS_OK && format->list ? format->list(path, names, count) : status;
}

int ls_source_rewind(ls_source *s) {
  return s->format->rewind(s);
}

int ls_source_read(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  return s->format->read(s, limit, rows, places, got);
}

size_t ls_source_block(const ls_source *s) {
  return ((size_t)4 << 20) / (s->width * sizeof(double)) + 1;
}

void ls_source_place(const ls_source *s, size_t place, char *out, size_t size) {
  if (s->format->place) {
    s->format->place(s, place, out, size);
  } else {
    snprintf(out, size, "%s: sample %zu", s->path, place);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Adds a value to a sorted array with room for it. */
static void insert(double *values, size_t *count, double value) {
  if (bsearch(&value, values, *count, sizeof *values, compare)) return;
  size_t i = (*count)++;
  for (; i > 0 && values[i - 1] > value; i--) values[i] = values[i - 1];
  values[i] = value;
}

int ls_source_distinct(ls_source *s, const ls_column *column, size_t limit, double **values,
                       size_t *count) {
  size_t block = ls_source_block(s), got = 1;
  double *rows = ls_new(block, s->width * sizeof *rows);
  size_t *places = ls_new(block, sizeof *places);
  *values = ls_new(limit + 1, sizeof **values);
  *count = 0;
  int status = rows && places && *values ? ls_source_rewind(s) : LS_FAILED;
  while (status == LS_OK && got > 0) {
    status = ls_source_read(s, block, rows, places, &got);
    for (size_t i = 0; i < got && status == LS_OK; i++) {
      double value = rows[i * s->width + column->offset];
      if (!isnan(value)) insert(*values, count, value);
      if (*count > limit) {
        status = ls_fail(LS_INVALID,
                         "%s: column %s: has more than %zu different values (expected "
                         "classes)",
                         s->path, column->name, limit);
      }
    }
  }
  free(rows);
  free(places);
  if (status != LS_OK) free(*values), *values = NULL;
  return status;
}

void ls_source_close(ls_source **source) {
  ls_source *s = *source;
  if (!s) return;
  if (s->state) s->format->close(s);
  for (size_t i = 0; i < s->column_count; i++) {
    ls_column *column = &s->columns[i];
    for (size_t k = 0; k < column->category_count; k++) free(column->categories[k]);
    free(column->categories);
    free(column->name);
  }
  free(s->columns);
  free(s->path);
  free(s);
  *source = NULL;
}
