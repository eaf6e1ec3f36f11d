/* What formats with one array for each column share. */
#include "prepare/arrays.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <stdint.h>
#include <stdlib.h>

/* ---- Opening --------------------------------------------------------------------------------- */

int arrays_add_column(ls_source *s, const char *name, const npy_header *h, const char *plural) {
  if (s->column_count > 0 && h->count != s->count) {
    return ls_fail(LS_INVALID,
                   "%s: %s: has %zu samples (expected %zu as in %s; --x and --target select %s)",
                   s->path, name, h->count, s->count, s->columns[0].name, plural);
  }
  s->count = h->count;
  int status = ls_source_add_column(s, name, &h->shape);
  if (status != LS_OK) return status;
  ls_column *column = &s->columns[s->column_count - 1];
  column->text = npy_is_text(h);
  column->is_integer = column->is_typed = !column->text && h->kind != 'f';
  column->bytes = h->kind == 'u' && h->item_size == 1;
  return LS_OK;
}

int arrays_add_text(const ls_source *s, const char *name, categories *set, const char *text) {
  int status = categories_add(set, text);
  if (status != LS_OK || set->count <= LS_MOST_CATEGORIES) return status;
  return ls_fail(LS_INVALID, "%s: %s: has more than %d different texts (expected categories)",
                 s->path, name, LS_MOST_CATEGORIES);
}

/* Opens an array and reads its header. */
static int open_array(ls_source *s, arrays *a, array *item) {
  if (item->file) a->close(item);
  item->file = NULL;
  npy_header header;
  int status = a->open(s, item);
  if (status == LS_OK) {
    status = npy_read_header(&header, &(npy_stream){a->read, item, item->label});
  }
  if (status != LS_OK) return status;
  bool again = item->header.count > 0;
  if (again && (header.count != item->header.count || header.kind != item->header.kind ||
                npy_sample_size(&header) != npy_sample_size(&item->header))) {
    return ls_fail(LS_INVALID, "%s: has changed while it was read", item->label);
  }
  item->header = header;
  return LS_OK;
}

/* Reads the next samples of an array into the buffer. */
static int fill_buffer(arrays *a, array *item, size_t count) {
  size_t size = count * npy_sample_size(&item->header), got = 0;
  if (size > a->buffer_size) {
    free(a->buffer);
    a->buffer = ls_new(size, 1);
    a->buffer_size = a->buffer ? size : 0;
    if (!a->buffer) return LS_FAILED;
  }
  int status = a->read(item, a->buffer, size, &got);
  if (status == LS_OK && got < size) {
    status =
        ls_fail(LS_INVALID, "%s: ends after %zu samples (expected %zu as in its header)",
                item->label, a->next + got / npy_sample_size(&item->header), item->header.count);
  }
  return status;
}

static int decode_text(const array *item, const unsigned char *bytes, size_t sample, char *text) {
  if (npy_decode_text(&item->header, bytes, text)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: sample %zu is not text", item->label, sample);
}

/* Reads the texts of an array once and makes them the column's categories. */
static int read_texts(ls_source *s, arrays *a, size_t i) {
  array *item = &a->items[i];
  ls_column *column = &s->columns[i];
  char *text = ls_new(item->header.item_size + 1, 1);
  int status = text ? LS_OK : LS_FAILED;
  for (size_t k = 0; k < s->count && status == LS_OK; k++) {
    status = fill_buffer(a, item, 1);
    if (status == LS_OK) status = decode_text(item, a->buffer, k, text);
    if (status == LS_OK) status = arrays_add_text(s, column->name, &item->texts, text);
  }
  free(text);
  if (status == LS_OK) status = categories_sort(&item->texts);
  if (status == LS_OK) status = ls_source_set_categories(s, column, &item->texts);
  return status == LS_OK ? open_array(s, a, item) : status;
}

static int add_array(ls_source *s, arrays *a, const char *name, size_t entry) {
  size_t i = s->column_count;
  array *item = &a->items[i];
  ls_text label = {0};
  ls_text_add(&label, "%s: %s", s->path, name);
  item->entry = entry;
  item->label = ls_text_take(&label);
  int status = item->label ? open_array(s, a, item) : LS_FAILED;
  if (status == LS_OK) status = arrays_add_column(s, name, &item->header, "arrays");
  return status == LS_OK && npy_is_text(&item->header) ? read_texts(s, a, i) : status;
}

int arrays_open(ls_source *s, arrays *a, const ls_source_options *options, char *const *names,
                size_t count) {
  a->items = ls_new(count + 1, sizeof *a->items); /* one that fails is not a column yet */
  int status = a->items ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    if (ls_source_is_wanted(options, names[i])) status = add_array(s, a, names[i], i);
  }
  return status;
}

int arrays_rewind(ls_source *s, arrays *a) {
  int status = LS_OK;
  a->next = 0;
  for (size_t i = 0; i < s->column_count && status == LS_OK; i++) {
    status = open_array(s, a, &a->items[i]);
  }
  return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int decode(const ls_source *s, arrays *a, size_t i, size_t count, double *rows) {
  const ls_column *column = &s->columns[i];
  array *item = &a->items[i];
  size_t size = npy_sample_size(&item->header);
  char *text = column->text ? ls_new(item->header.item_size + 1, 1) : NULL;
  int status = column->text && !text ? LS_FAILED : LS_OK;
  for (size_t k = 0; k < count && status == LS_OK; k++) {
    double *out = rows + k * s->width + column->offset;
    if (!column->text) {
      npy_decode(&item->header, a->buffer + k * size, column->width, out);
      continue;
    }
    status = decode_text(item, a->buffer + k * size, a->next + k, text);
    if (status == LS_OK) status = ls_source_take_category(s, &item->texts, text, out);
  }
  free(text);
  return status;
}

static int check_end(const arrays *a, array *item) {
  char extra;
  size_t got = 0;
  int status = a->read(item, &extra, 1, &got);
  if (status == LS_OK && got > 0) {
    status =
        ls_fail(LS_INVALID, "%s: goes on after its %zu samples", item->label, item->header.count);
  }
  return status;
}

int arrays_read(ls_source *s, arrays *a, size_t limit, double *rows, size_t *places, size_t *got) {
  *got = s->count - a->next < limit ? s->count - a->next : limit;
  int status = LS_OK;
  for (size_t i = 0; i<s->column_count && * got> 0 && status == LS_OK; i++) {
    status = fill_buffer(a, &a->items[i], *got);
    if (status == LS_OK) status = decode(s, a, i, *got, rows);
    if (status == LS_OK && a->next + *got == s->count) status = check_end(a, &a->items[i]);
  }
  for (size_t k = 0; k < *got; k++) places[k] = a->next + k;
  a->next += *got;
  return status;
}

void arrays_close(const ls_source *s, arrays *a) {
  for (size_t i = 0; a->items && i <= s->column_count; i++) {
    if (a->items[i].file) a->close(&a->items[i]);
    categories_free(&a->items[i].texts);
    free(a->items[i].label);
  }
  free(a->items);
  free(a->buffer);
}
