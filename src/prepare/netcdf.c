/* The header of files in netCDF's classic formats: lists of dimensions, attributes and variables,
 * all numbers in big-endian order. */
#include "prepare/netcdf.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LIST_DIMENSIONS = 10, LIST_VARIABLES = 11, LIST_ATTRIBUTES = 12 };
enum { MOST_ITEMS = 10000, LONGEST_NAME = 1024, MOST_DIMENSIONS = 1024 };

/* The types, numbered from 1, and what the library stores where nothing was written. */
typedef struct netcdf_type {
  char kind; /* as in npy_header */
  size_t size;
  double fill;
} netcdf_type;

static const netcdf_type types[] = {
    {'i', 1, NAN},
    {'S', 1, NAN},
    {'i', 2, -32767},
    {'i', 4, -2147483647},
    {'f', 4, 9.9692099683868690e+36},
    {'f', 8, 9.9692099683868690e+36},
    {'u', 1, NAN},
    {'u', 2, 65535},
    {'u', 4, 4294967295.0},
    {'i', 8, -9223372036854775806.0},
    {'u', 8, 18446744073709551614.0},
};

/* A variable of any shape. */
typedef struct layout {
  netcdf_variable variable;
  int64_t rank;
  int64_t sample_bytes;
  bool has_fill;  /* missing[0] is its own */
  bool is_record; /* its first dimension is the record dimension */
  bool is_column;
} layout;

typedef struct parser {
  FILE *file;
  const char *path;
  int64_t file_size;
  bool wide_counts, wide_offsets; /* 64 bits: CDF-5; CDF-2 and CDF-5 */
  int64_t records;                /* length of the record dimension; -1: as many as the file has */
  int64_t *dimensions;            /* [dimension_count]: lengths; 0: the record dimension */
  int64_t dimension_count;
  layout *layouts; /* [layout_count] */
  size_t layout_count;
} parser;

/* ---- Numbers and names ----------------------------------------------------------------------- */

static int fail(const parser *p, const char *found) {
  return ls_fail(LS_INVALID, "%s: %s (expected a netCDF-3 file)", p->path, found);
}

static int read_bytes(parser *p, void *bytes, size_t size) {
  return fread(bytes, 1, size, p->file) == size ? LS_OK : fail(p, "ends within its header");
}

/* A number of 32 bits without sign, or of 64 bits. */
static int read_any(parser *p, bool wide, int64_t *number) {
  unsigned char bytes[8];
  size_t size = wide ? 8 : 4;
  uint64_t bits = 0;
  int status = read_bytes(p, bytes, size);
  for (size_t i = 0; i < size && status == LS_OK; i++) bits = bits << 8 | bytes[i];
  *number = (int64_t)bits;
  return status;
}

static int read_number(parser *p, bool wide, int64_t *number) {
  int status = read_any(p, wide, number);
  return status == LS_OK && *number < 0 ? fail(p, "has a negative number in its header") : status;
}

static int read_count(parser *p, int64_t *count) {
  return read_number(p, p->wide_counts, count);
}

/* A size that may be unknown, with all bits set: -1 then. */
static int read_size(parser *p, int64_t *size) {
  int status = read_any(p, p->wide_counts, size);
  if (status != LS_OK) return status;
  if (!p->wide_counts && *size == UINT32_MAX) *size = -1;
  return *size < -1 ? fail(p, "has a negative number in its header") : LS_OK;
}

/* Skips what fills up the last four bytes of an item. */
static int skip_padding(parser *p, int64_t size) {
  char padding[4];
  return read_bytes(p, padding, (size_t)(-size & 3));
}

/* A name, to be freed. */
static int read_name(parser *p, char **name) {
  int64_t length = 0;
  *name = NULL;
  int status = read_count(p, &length);
  if (status == LS_OK && (length == 0 || length > LONGEST_NAME)) {
    status = fail(p, "has a name in its header that is empty or too long");
  }
  if (status != LS_OK) return status;
  *name = ls_new((size_t)length + 1, 1);
  status = *name ? read_bytes(p, *name, (size_t)length) : LS_FAILED;
  if (status == LS_OK) status = skip_padding(p, length);
  if (status == LS_OK) return LS_OK;
  free(*name);
  *name = NULL;
  return status;
}

/* Reads the head of a list, which may be absent. */
static int read_list(parser *p, int64_t tag, int64_t *count) {
  int64_t found = 0;
  int status = read_number(p, false, &found);
  if (status == LS_OK) status = read_count(p, count);
  if (status == LS_OK && (found == 0 ? *count > 0 : found != tag || *count > MOST_ITEMS)) {
    status = fail(p, "has a list in its header that is damaged or too long");
  }
  return status;
}

static int read_type(parser *p, const netcdf_type **type) {
  int64_t number = 0;
  int status = read_number(p, false, &number);
  if (status != LS_OK) return status;
  if (number < 1 || number > (int64_t)(sizeof types / sizeof *types)) {
    return fail(p, "has an unknown type in its header");
  }
  *type = &types[number - 1];
  return LS_OK;
}

/* ---- Dimensions and attributes --------------------------------------------------------------- */

static int read_dimensions(parser *p) {
  int status = read_list(p, LIST_DIMENSIONS, &p->dimension_count);
  if (status != LS_OK) return status;
  p->dimensions = ls_new((size_t)p->dimension_count, sizeof *p->dimensions);
  if (!p->dimensions) return LS_FAILED;
  for (int64_t i = 0; i < p->dimension_count && status == LS_OK; i++) {
    char *name = NULL;
    status = read_name(p, &name);
    if (status == LS_OK) status = read_count(p, &p->dimensions[i]);
    free(name);
  }
  return status;
}

/* Reads the first of an attribute's values, and skips the others. */
static int read_values(parser *p, const netcdf_type *type, int64_t count, double *first) {
  unsigned char bytes[8];
  const npy_header element = {.kind = type->kind, .item_size = type->size, .swapped = true};
  int64_t size = 0;
  *first = NAN;
  if (__builtin_mul_overflow(count, (int64_t)type->size, &size) || size > p->file_size) {
    return fail(p, "has an attribute that is longer than the file");
  }
  size += -size & 3;
  if (count == 0) return LS_OK;
  int status = read_bytes(p, bytes, type->size);
  if (status == LS_OK && type->kind != 'S') npy_decode(&element, bytes, 1, first);
  if (status == LS_OK && fseeko(p->file, size - (int64_t)type->size, SEEK_CUR) != 0) {
    status = fail(p, "ends within its header");
  }
  return status;
}

/* Reads attributes: of a variable those that give values for missing ones, of the file none. */
static int read_attributes(parser *p, layout *l) {
  int64_t count = 0;
  int status = read_list(p, LIST_ATTRIBUTES, &count);
  for (int64_t i = 0; i < count && status == LS_OK; i++) {
    char *name = NULL;
    const netcdf_type *type = NULL;
    int64_t values = 0;
    double first = NAN;
    status = read_name(p, &name);
    if (status == LS_OK) status = read_type(p, &type);
    if (status == LS_OK) status = read_count(p, &values);
    if (status == LS_OK) status = read_values(p, type, values, &first);
    if (status == LS_OK && l && strcmp(name, "_FillValue") == 0) {
      l->variable.missing[0] = first;
      l->has_fill = true;
    }
    if (status == LS_OK && l && strcmp(name, "missing_value") == 0) l->variable.missing[1] = first;
    free(name);
  }
  return status;
}

/* ---- Variables ------------------------------------------------------------------------------- */

/* Reads the numbers of a variable's dimensions and looks up their lengths. */
static int read_extents(parser *p, layout *l, int64_t extents[MOST_DIMENSIONS]) {
  int status = read_count(p, &l->rank);
  if (status == LS_OK && l->rank > MOST_DIMENSIONS) {
    status = fail(p, "has a variable of too many dimensions");
  }
  for (int64_t i = 0; i < l->rank && status == LS_OK; i++) {
    int64_t dimension = 0;
    status = read_count(p, &dimension);
    if (status != LS_OK) break;
    if (dimension >= p->dimension_count) return fail(p, "has a variable of an unknown dimension");
    extents[i] = p->dimensions[dimension];
    if (extents[i] > 0) continue;
    if (i > 0) return fail(p, "has a variable whose record dimension is not the first");
    l->is_record = true;
  }
  return status;
}

/* Sets the element and the shape of a sample. Variables that can't be a column keep is_column
 * false. */
static int set_shape(parser *p, layout *l, const netcdf_type *type, const int64_t *extents) {
  npy_header *element = &l->variable.element;
  const bool text = type->kind == 'S';
  l->sample_bytes = (int64_t)type->size;
  for (int64_t i = 1; i < l->rank; i++) {
    if (__builtin_mul_overflow(l->sample_bytes, extents[i], &l->sample_bytes) ||
        l->sample_bytes > INT32_MAX) {
      return fail(p, "has a variable with samples of more than 2 GiB");
    }
  }
  *element = (npy_header){.kind = type->kind, .item_size = type->size, .swapped = true};
  l->is_column = l->rank >= 1 && (text ? l->rank <= 2 && l->sample_bytes <= NETCDF_LONGEST_TEXT
                                       : l->rank <= LS_MAX_DIMS + 1);
  if (!l->is_column) return LS_OK;
  element->count = (size_t)extents[0];
  if (text) element->item_size = (size_t)l->sample_bytes;
  element->shape.rank = text ? 0 : (int)l->rank - 1;
  for (int i = 0; i < element->shape.rank; i++) element->shape.extent[i] = extents[i + 1];
  return LS_OK;
}

static int read_variable(parser *p, layout *l) {
  netcdf_variable *v = &l->variable;
  const netcdf_type *type = NULL;
  int64_t extents[MOST_DIMENSIONS] = {0}, size = 0;
  v->missing[0] = v->missing[1] = NAN;
  int status = read_name(p, &v->name);
  if (status == LS_OK) status = read_extents(p, l, extents);
  if (status == LS_OK) status = read_attributes(p, l);
  if (status == LS_OK) status = read_type(p, &type);
  if (status == LS_OK) status = read_size(p, &size);
  if (status == LS_OK) status = read_number(p, p->wide_offsets, &v->begin);
  if (status == LS_OK && !l->has_fill) v->missing[0] = type->fill;
  return status == LS_OK ? set_shape(p, l, type, extents) : status;
}

static int read_variables(parser *p) {
  int64_t count = 0;
  int status = read_list(p, LIST_VARIABLES, &count);
  p->layouts = status == LS_OK ? ls_new((size_t)count, sizeof *p->layouts) : NULL;
  if (status == LS_OK && !p->layouts) status = LS_FAILED;
  while (status == LS_OK && (int64_t)p->layout_count < count) {
    status = read_variable(p, &p->layouts[p->layout_count++]);
  }
  return status;
}

/* ---- Places of samples ----------------------------------------------------------------------- */

/* The bytes of a record: one sample of each record variable, each filled up to four bytes, unless
 * there is only one. */
static int64_t find_record_bytes(const parser *p) {
  int64_t sum = 0, padded = 0, variables = 0;
  for (size_t i = 0; i < p->layout_count; i++) {
    const layout *l = &p->layouts[i];
    if (!l->is_record) continue;
    variables++;
    sum += l->sample_bytes;
    padded += l->sample_bytes + (-l->sample_bytes & 3);
  }
  return variables == 1 ? sum : padded;
}

/* A file that is written as a stream does not say how many records it has. */
static void count_records(parser *p, int64_t record_bytes) {
  int64_t begin = p->file_size;
  for (size_t i = 0; i < p->layout_count; i++) {
    const layout *l = &p->layouts[i];
    if (l->is_record && l->variable.begin < begin) begin = l->variable.begin;
  }
  if (p->records < 0 && record_bytes > 0) p->records = (p->file_size - begin) / record_bytes;
}

static int place_samples(const parser *p, layout *l, int64_t record_bytes) {
  netcdf_variable *v = &l->variable;
  int64_t last = 0;
  v->step = l->is_record ? record_bytes : l->sample_bytes;
  if (l->is_record) v->element.count = (size_t)p->records;
  if (v->element.count == 0) l->is_column = false;
  if (!l->is_column) return LS_OK;
  if (__builtin_mul_overflow((int64_t)v->element.count - 1, v->step, &last) ||
      __builtin_add_overflow(last, v->begin, &last) ||
      __builtin_add_overflow(last, l->sample_bytes, &last) || last > p->file_size) {
    return ls_fail(LS_INVALID, "%s: %s: ends within its %zu samples (expected a whole file)",
                   p->path, v->name, v->element.count);
  }
  return LS_OK;
}

static int place_variables(parser *p) {
  const int64_t record_bytes = find_record_bytes(p);
  int status = LS_OK;
  count_records(p, record_bytes);
  for (size_t i = 0; i < p->layout_count && status == LS_OK; i++) {
    status = place_samples(p, &p->layouts[i], record_bytes);
  }
  return status;
}

/* ---- The header ------------------------------------------------------------------------------ */

static int read_start(parser *p) {
  unsigned char magic[4];
  struct stat info;
  if (fstat(fileno(p->file), &info) != 0) return fail(p, "has no size");
  p->file_size = (int64_t)info.st_size;
  int status = read_bytes(p, magic, sizeof magic);
  if (status != LS_OK) return status;
  p->wide_offsets = magic[3] != 1;
  p->wide_counts = magic[3] == 5;
  return read_size(p, &p->records);
}

/* Moves the variables that are columns to the header. */
static int take_columns(netcdf_header *h, parser *p) {
  h->variables = ls_new(p->layout_count, sizeof *h->variables);
  if (!h->variables) return LS_FAILED;
  for (size_t i = 0; i < p->layout_count; i++) {
    if (!p->layouts[i].is_column) continue;
    h->variables[h->count++] = p->layouts[i].variable;
    p->layouts[i].variable.name = NULL;
  }
  return LS_OK;
}

int netcdf_read_header(netcdf_header *h, FILE *file, const char *path) {
  parser p = {.file = file, .path = path};
  *h = (netcdf_header){0};
  int status = read_start(&p);
  if (status == LS_OK) status = read_dimensions(&p);
  if (status == LS_OK) status = read_attributes(&p, NULL);
  if (status == LS_OK) status = read_variables(&p);
  if (status == LS_OK) status = place_variables(&p);
  if (status == LS_OK) status = take_columns(h, &p);
  for (size_t i = 0; i < p.layout_count; i++) free(p.layouts[i].variable.name);
  free(p.layouts);
  free(p.dimensions);
  return status;
}

void netcdf_free_header(netcdf_header *h) {
  for (size_t i = 0; i < h->count; i++) free(h->variables[i].name);
  free(h->variables);
  *h = (netcdf_header){0};
}
