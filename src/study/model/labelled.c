/* Labelled HDF5 files. */
#include "study/model/labelled.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes the folder of the file. */
static int make_folder(const char *path) {
  size_t length = 0;
  for (size_t i = 0; path[i]; i++) {
    if (path[i] == '/') length = i;
  }
  if (length == 0) return LS_OK;
  ls_text text = {0};
  ls_text_add(&text, "%.*s", (int)length, path);
  char *folder = ls_text_take(&text);
  int status = folder ? ls_make_directories(folder) : LS_FAILED;
  free(folder);
  return status;
}

static void set_text(labelled *l, const char *name, const char *attribute, const char *text) {
  if (l->status == LS_OK && text) l->status = ls_h5_set_text(l->file, name, attribute, text);
}

void labelled_create(labelled *l, const char *path, const char *title, const ls_provenance *notes) {
  *l = (labelled){.file = -1, .path = path};
  l->status = make_folder(path);
  if (l->status == LS_OK) l->status = ls_make_temporary(&l->temporary, path);
  if (l->status == LS_OK) l->status = ls_h5_create(&l->file, l->temporary);
  char now[32];
  ls_clock_utc(now);
  ls_text history = {0};
  ls_text_add(&history, "%s: created by %s", now, notes->command);
  set_text(l, ".", "title", notes->title ? notes->title : title);
  set_text(l, ".", "reference", notes->reference);
  set_text(l, ".", "source", "lockstep " LS_VERSION);
  set_text(l, ".", "history", history.data);
  ls_text_free(&history);
}

static void describe(labelled *l, const char *name, const char *long_name, const char *units) {
  set_text(l, name, "long_name", long_name);
  set_text(l, name, "units", units);
}

void labelled_texts(labelled *l, const char *name, const char *long_name, size_t count,
                    const char *const *texts) {
  if (l->status == LS_OK) l->status = ls_h5_create_texts(l->file, name, count, texts);
  if (l->status == LS_OK) l->status = ls_h5_set_scale(l->file, name);
  describe(l, name, long_name, NULL);
}

void labelled_numbers(labelled *l, const char *name, const char *long_name, const char *units,
                      hid_t type, size_t count, const void *numbers) {
  hsize_t extent = count;
  if (l->status == LS_OK) l->status = ls_h5_create_dataset(l->file, name, type, 1, &extent, NULL);
  if (l->status == LS_OK) l->status = ls_h5_write(l->file, name, type, numbers);
  if (l->status == LS_OK) l->status = ls_h5_set_scale(l->file, name);
  describe(l, name, long_name, units);
}

void labelled_variable(labelled *l, const char *name, const char *long_name, const char *units,
                       hid_t type, size_t rank, const char *const *axes, const void *values) {
  hsize_t extent[LS_H5_MAX_RANK] = {0};
  for (size_t i = 0; i < rank && l->status == LS_OK; i++) {
    ls_h5_shape shape;
    l->status = ls_h5_describe(l->file, axes[i], &shape);
    if (l->status == LS_OK) extent[i] = shape.extent[0];
  }
  if (l->status == LS_OK)
    l->status = ls_h5_create_dataset(l->file, name, type, (int)rank, extent, NULL);
  if (l->status == LS_OK) l->status = ls_h5_write(l->file, name, type, values);
  for (size_t i = 0; i < rank && l->status == LS_OK; i++) {
    l->status = ls_h5_attach_scale(l->file, name, axes[i], (unsigned)i);
  }
  describe(l, name, long_name, units);
}

/* ---- What it says in words ---------------------------------------------------------------------
 */

/* Takes the text. */
static int add_text(labelled_texts_list *list, char *text) {
  char **items = text ? realloc(list->items, (list->count + 1) * sizeof *items) : NULL;
  if (!items) {
    free(text);
    return ls_fail(LS_FAILED, "out of memory");
  }
  list->items = items;
  items[list->count++] = text;
  return LS_OK;
}

static char *format_text(const char *format, va_list args) {
  char *text = NULL;
  return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void labelled_summarize(labelled *l, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (l->status == LS_OK) l->status = add_text(&l->summary, format_text(format, args));
  va_end(args);
}

int labelled_figure_path(char **out, const labelled *l, const char *what) {
  size_t length = strlen(l->path);
  if (length > 3 && strcmp(l->path + length - 3, ".h5") == 0) length -= 3;
  ls_text text = {0};
  ls_text_add(&text, "%.*s_%s", (int)length, l->path, what);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int labelled_add_figure(labelled *l, const char *path, const char *format, ...) {
  const char *slash = strrchr(path, '/');
  ls_text name = {0};
  ls_text_add(&name, "%s.svg", slash ? slash + 1 : path);
  int status = add_text(&l->figures, ls_text_take(&name));
  va_list args;
  va_start(args, format);
  if (status == LS_OK) status = add_text(&l->captions, format_text(format, args));
  va_end(args);
  return status;
}

static void set_texts(labelled *l, const char *attribute, labelled_texts_list *list) {
  if (l->status == LS_OK && list->count > 0) {
    l->status =
        ls_h5_set_texts(l->file, ".", attribute, list->count, (const char *const *)list->items);
  }
  for (size_t i = 0; i < list->count; i++) free(list->items[i]);
  free(list->items);
  *list = (labelled_texts_list){0};
}

int labelled_close(labelled *l, int drawn) {
  set_texts(l, "summary", &l->summary);
  set_texts(l, "figures", &l->figures);
  set_texts(l, "captions", &l->captions);
  int closed = ls_h5_close(&l->file);
  if (l->status == LS_OK) l->status = closed;
  if (l->status == LS_OK) l->status = ls_replace_file(l->temporary, l->path);
  if (l->status != LS_OK && l->temporary) unlink(l->temporary);
  free(l->temporary);
  l->temporary = NULL;
  return l->status == LS_OK ? drawn : l->status;
}
