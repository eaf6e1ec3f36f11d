/* .npy files as a source: a column for each file, which has the file's name. */
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/arrays.h"
#include "prepare/formats.h"
#include "prepare/stream.h"

#include <stdlib.h>

typedef struct npy_state {
  arrays arrays;
  char **paths, **names; /* [count] */
  size_t count;
} npy_state;

static int open_file(ls_source *s, array *item) {
  const npy_state *npy = s->state;
  gz_stream *file = ls_new(1, sizeof *file);
  item->file = file;
  if (!file) return LS_FAILED;
  return gz_stream_open(file, npy->paths[item->entry], "an array of NumPy");
}

static int read_bytes(void *item, void *bytes, size_t size, size_t *got) {
  return gz_stream_read(((array *)item)->file, bytes, size, got);
}

static void close_file(array *item) {
  gz_stream_close(item->file);
  free(item->file);
}

/* x for any/folder/x.npy; to be freed. */
static char *name_file(const char *path) {
  const char *file = ls_file_name(path);
  ls_text name = {0};
  ls_text_add_bytes(&name, file, ls_stem_length(file));
  return ls_text_take(&name);
}

static int add_path(npy_state *npy, const char *path) {
  npy->paths[npy->count] = ls_copy_text(path);
  npy->names[npy->count] = name_file(path);
  npy->count++;
  return npy->paths[npy->count - 1] && npy->names[npy->count - 1] ? LS_OK : LS_FAILED;
}

static int open_npy(ls_source *s, const ls_source_options *options) {
  npy_state *npy = ls_new(1, sizeof *npy);
  s->state = npy;
  if (!npy) return LS_FAILED;
  npy->arrays = (arrays){.open = open_file, .read = read_bytes, .close = close_file};
  npy->paths = ls_new(options->path_count + 1, sizeof *npy->paths);
  npy->names = ls_new(options->path_count + 1, sizeof *npy->names);
  int status = npy->paths && npy->names ? add_path(npy, s->path) : LS_FAILED;
  for (size_t i = 0; i < options->path_count && status == LS_OK; i++) {
    status = add_path(npy, options->paths[i]);
  }
  if (status != LS_OK) return status;
  return arrays_open(s, &npy->arrays, options, npy->names, npy->count);
}

static int rewind_npy(ls_source *s) {
  return arrays_rewind(s, &((npy_state *)s->state)->arrays);
}

static int read_npy(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  return arrays_read(s, &((npy_state *)s->state)->arrays, limit, rows, places, got);
}

static void close_npy(ls_source *s) {
  npy_state *npy = s->state;
  arrays_close(s, &npy->arrays);
  for (size_t i = 0; i < npy->count; i++) free(npy->paths[i]), free(npy->names[i]);
  free(npy->paths);
  free(npy->names);
  free(npy);
}

const ls_source_format ls_npy_format = {
    .name = "an array of NumPy",
    .several_files = true,
    .open = open_npy,
    .rewind = rewind_npy,
    .read = read_npy,
    .close = close_npy,
};
