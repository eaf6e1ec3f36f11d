/* Labelled HDF5 files. */
#include "labelled.h"

#include "lockstep/clock.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/paths.h"
#include "lockstep/text.h"

#include <stdlib.h>
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

void labelled_create(labelled *l, const char *path, const char *title, const char *command) {
  *l = (labelled){.file = -1, .path = path};
  l->status = make_folder(path);
  if (l->status == LS_OK) l->status = ls_make_temporary(&l->temporary, path);
  if (l->status == LS_OK) l->status = ls_h5_create(&l->file, l->temporary);
  char now[32];
  ls_clock_utc(now);
  ls_text history = {0};
  ls_text_add(&history, "%s: created by %s", now, command);
  set_text(l, ".", "title", title);
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
  if (l->status == LS_OK) l->status = ls_h5_make_texts(l->file, name, count, texts);
  if (l->status == LS_OK) l->status = ls_h5_make_scale(l->file, name);
  describe(l, name, long_name, NULL);
}

void labelled_numbers(labelled *l, const char *name, const char *long_name, const char *units,
                      hid_t type, size_t count, const void *numbers) {
  hsize_t extent = count;
  if (l->status == LS_OK) l->status = ls_h5_make(l->file, name, type, 1, &extent, NULL);
  if (l->status == LS_OK) l->status = ls_h5_write(l->file, name, type, numbers);
  if (l->status == LS_OK) l->status = ls_h5_make_scale(l->file, name);
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
  if (l->status == LS_OK) l->status = ls_h5_make(l->file, name, type, (int)rank, extent, NULL);
  if (l->status == LS_OK) l->status = ls_h5_write(l->file, name, type, values);
  for (size_t i = 0; i < rank && l->status == LS_OK; i++) {
    l->status = ls_h5_attach_scale(l->file, name, axes[i], (unsigned)i);
  }
  describe(l, name, long_name, units);
}

int labelled_close(labelled *l) {
  int closed = ls_h5_close(&l->file);
  if (l->status == LS_OK) l->status = closed;
  if (l->status == LS_OK) l->status = ls_replace_file(l->temporary, l->path);
  if (l->status != LS_OK && l->temporary) unlink(l->temporary);
  free(l->temporary);
  l->temporary = NULL;
  return l->status;
}
