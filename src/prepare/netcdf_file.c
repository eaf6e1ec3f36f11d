/* netCDF-3 files as sources: a column for each variable, named after it. Texts are read as a whole,
 * all else in blocks. */
#include "prepare/netcdf.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/arrays.h"
#include "prepare/formats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct netcdf_state {
  FILE *file;
  netcdf_header header;
  netcdf_variable **variables; /* [column], in the header */
  categories *texts;           /* [column], of variables of texts */
  unsigned char *buffer;
  size_t buffer_size;
  size_t next; /* the sample that is read next */
} netcdf_state;

/* ---- Samples --------------------------------------------------------------------------------- */

static int read_at(const ls_source *s, unsigned char *bytes, size_t size, int64_t place) {
  const netcdf_state *n = s->state;
  while (size > 0) {
    ssize_t got = pread(fileno(n->file), bytes, size, (off_t)place);
    if (got < 0) return ls_fail(LS_INVALID, "%s: cannot read: %s", s->path, strerror(errno));
    if (got == 0) return ls_fail(LS_INVALID, "%s: has changed while it was read", s->path);
    bytes += got;
    size -= (size_t)got;
    place += got;
  }
  return LS_OK;
}

/* Reads samples first .. first + count - 1 of a variable into the buffer. */
static int fill_buffer(const ls_source *s, const netcdf_variable *v, size_t first, size_t count) {
  netcdf_state *n = s->state;
  size_t size = npy_sample_size(&v->element);
  if (count * size > n->buffer_size) {
    free(n->buffer);
    n->buffer = ls_new(count, size);
    n->buffer_size = n->buffer ? count * size : 0;
    if (!n->buffer) return LS_FAILED;
  }
  const int64_t begin = v->begin + (int64_t)first * v->step;
  if ((int64_t)size == v->step) return read_at(s, n->buffer, count * size, begin);
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = read_at(s, n->buffer + i * size, size, begin + (int64_t)i * v->step);
  }
  return status;
}

/* A text without the blanks at its end, with which Fortran fills it up. */
static void decode_text(const netcdf_variable *v, const unsigned char *bytes, char *text) {
  npy_decode_text(&v->element, bytes, text);
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == ' ') length--;
  text[length] = '\0';
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* Reads the texts of a variable once and makes them the column's categories. */
static int read_texts(ls_source *s, size_t i) {
  netcdf_state *n = s->state;
  const netcdf_variable *v = n->variables[i];
  char text[NETCDF_LONGEST_TEXT + 1];
  int status = LS_OK;
  for (size_t k = 0; k < s->count && status == LS_OK; k++) {
    status = fill_buffer(s, v, k, 1);
    if (status == LS_OK) decode_text(v, n->buffer, text);
    if (status == LS_OK) status = arrays_add_text(s, v->name, &n->texts[i], text);
  }
  if (status == LS_OK) status = categories_sort(&n->texts[i]);
  return status == LS_OK ? ls_source_set_categories(s, &s->columns[i], &n->texts[i]) : status;
}

static int add_column(ls_source *s, netcdf_variable *v) {
  netcdf_state *n = s->state;
  int status = arrays_add_column(s, v->name, &v->element, "variables");
  if (status != LS_OK) return status;
  const size_t i = s->column_count - 1;
  n->variables[i] = v;
  return s->columns[i].text ? read_texts(s, i) : LS_OK;
}

static int open_header(netcdf_header *header, FILE **file, const char *path) {
  *header = (netcdf_header){0};
  *file = NULL;
  int status = ls_check_regular_file(path, "a netCDF-3 file");
  if (status == LS_OK && !(*file = fopen(path, "rbe"))) {
    status = ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  }
  return status == LS_OK ? netcdf_read_header(header, *file, path) : status;
}

static int open_netcdf(ls_source *s, const ls_source_options *options) {
  netcdf_state *n = ls_new(1, sizeof *n);
  s->state = n;
  if (!n) return LS_FAILED;
  int status = open_header(&n->header, &n->file, s->path);
  if (status != LS_OK) return status;
  n->variables = ls_new(n->header.count, sizeof *n->variables);
  n->texts = ls_new(n->header.count, sizeof *n->texts);
  if (!n->variables || !n->texts) return LS_FAILED;
  for (size_t i = 0; i < n->header.count && status == LS_OK; i++) {
    netcdf_variable *v = &n->header.variables[i];
    if (ls_source_is_wanted(options, v->name)) status = add_column(s, v);
  }
  return status;
}

static int list_netcdf(const char *path, char ***names, size_t *count) {
  netcdf_header header;
  FILE *file = NULL;
  int status = open_header(&header, &file, path);
  if (status == LS_OK && !(*names = ls_new(header.count, sizeof **names))) status = LS_FAILED;
  for (size_t i = 0; i < header.count && status == LS_OK; i++) {
    (*names)[(*count)++] = header.variables[i].name;
    header.variables[i].name = NULL;
  }
  netcdf_free_header(&header);
  if (file) fclose(file);
  return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_column(const ls_source *s, size_t i, size_t count, double *rows) {
  const netcdf_state *n = s->state;
  const ls_column *column = &s->columns[i];
  const netcdf_variable *v = n->variables[i];
  const size_t size = npy_sample_size(&v->element);
  char text[NETCDF_LONGEST_TEXT + 1];
  int status = fill_buffer(s, v, n->next, count);
  for (size_t k = 0; k < count && status == LS_OK; k++) {
    double *out = rows + k * s->width + column->offset;
    if (column->text) {
      decode_text(v, n->buffer + k * size, text);
      status = ls_source_take_category(s, &n->texts[i], text, out);
      continue;
    }
    npy_decode(&v->element, n->buffer + k * size, column->width, out);
    for (size_t j = 0; j < column->width; j++) {
      if (out[j] == v->missing[0] || out[j] == v->missing[1]) out[j] = NAN;
    }
  }
  return status;
}

static int read_netcdf(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  netcdf_state *n = s->state;
  *got = s->count - n->next < limit ? s->count - n->next : limit;
  int status = LS_OK;
  for (size_t i = 0; i < s->column_count && status == LS_OK && *got > 0; i++) {
    status = read_column(s, i, *got, rows);
  }
  for (size_t k = 0; k < *got; k++) places[k] = n->next + k;
  n->next += *got;
  return status;
}

static int rewind_netcdf(ls_source *s) {
  ((netcdf_state *)s->state)->next = 0;
  return LS_OK;
}

static void close_netcdf(ls_source *s) {
  netcdf_state *n = s->state;
  for (size_t i = 0; n->texts && i < n->header.count; i++) categories_free(&n->texts[i]);
  free(n->texts);
  free(n->variables);
  free(n->buffer);
  netcdf_free_header(&n->header);
  if (n->file) fclose(n->file);
  free(n);
}

const ls_source_format ls_netcdf_format = {
    .name = "a netCDF-3 file",
    .list = list_netcdf,
    .open = open_netcdf,
    .rewind = rewind_netcdf,
    .read = read_netcdf,
    .close = close_netcdf,
};
