/* .npz archives as sources: a column for each array. */
#include "base/paths.h"
#include "prepare/formats.h"

#ifdef LS_HAS_ZIP
#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/arrays.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

typedef struct npz_state {
  arrays arrays;
  zip_t *archive;
  char **names; /* [count], of the archive's entries */
  size_t count;
} npz_state;

/* ---- The archive ----------------------------------------------------------------------------- */

static int open_archive(zip_t **archive, const char *path) {
  int code = 0, status = ls_check_regular_file(path, "an archive of NumPy");
  if (status != LS_OK) return status;
  *archive = zip_open(path, ZIP_RDONLY, &code);
  if (*archive) return LS_OK;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  status = ls_fail(LS_INVALID, "%s: cannot open the archive: %s", path, zip_error_strerror(&error));
  zip_error_fini(&error);
  return status;
}

/* The name of the array in an entry of the archive, to be freed: x for x.npy. */
static char *array_name(const char *entry) {
  size_t length = strlen(entry);
  ls_text text = {0};
  if (length > 4 && strcmp(entry + length - 4, ".npy") == 0) length -= 4;
  ls_text_add_bytes(&text, entry, length);
  return ls_text_take(&text);
}

static int list_entries(zip_t *archive, char ***names, size_t *count) {
  zip_int64_t entries = zip_get_num_entries(archive, 0);
  *count = 0;
  *names = ls_new((size_t)entries, sizeof **names);
  int status = *names ? LS_OK : LS_FAILED;
  for (zip_int64_t i = 0; i < entries && status == LS_OK; i++) {
    const char *entry = zip_get_name(archive, (zip_uint64_t)i, 0);
    (*names)[*count] = array_name(entry ? entry : "?");
    if (!(*names)[(*count)++]) status = LS_FAILED;
  }
  return status;
}

static int list_npz(const char *path, char ***names, size_t *count) {
  zip_t *archive = NULL;
  int status = open_archive(&archive, path);
  if (status == LS_OK) status = list_entries(archive, names, count);
  if (archive) zip_discard(archive);
  return status;
}

static int open_entry(ls_source *s, array *item) {
  npz_state *npz = s->state;
  item->file = zip_fopen_index(npz->archive, item->entry, 0);
  if (item->file) return LS_OK;
  return ls_fail(LS_INVALID, "%s: cannot read: %s", item->label, zip_strerror(npz->archive));
}

/* Reading is sequential and in blocks: what an entry expands to needs no memory. */
static int read_entry(void *user, void *bytes, size_t size, size_t *got) {
  array *item = user;
  for (*got = 0; *got < size;) {
    zip_int64_t n = zip_fread(item->file, (char *)bytes + *got, size - *got);
    if (n < 0) {
      return ls_fail(LS_INVALID, "%s: the archive is damaged: %s", item->label,
                     zip_file_strerror(item->file));
    }
    if (n == 0) break;
    *got += (size_t)n;
  }
  return LS_OK;
}

static void close_entry(array *item) {
  zip_fclose(item->file);
}

/* ---- The format ------------------------------------------------------------------------------ */

static int open_npz(ls_source *s, const ls_source_options *options) {
  npz_state *npz = ls_new(1, sizeof *npz);
  s->state = npz;
  if (!npz) return LS_FAILED;
  npz->arrays = (arrays){.open = open_entry, .read = read_entry, .close = close_entry};
  int status = open_archive(&npz->archive, s->path);
  if (status == LS_OK) status = list_entries(npz->archive, &npz->names, &npz->count);
  if (status != LS_OK) return status;
  return arrays_open(s, &npz->arrays, options, npz->names, npz->count);
}

static int rewind_npz(ls_source *s) {
  return arrays_rewind(s, &((npz_state *)s->state)->arrays);
}

static int read_npz(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  return arrays_read(s, &((npz_state *)s->state)->arrays, limit, rows, places, got);
}

static void close_npz(ls_source *s) {
  npz_state *npz = s->state;
  arrays_close(s, &npz->arrays);
  for (size_t i = 0; i < npz->count; i++) free(npz->names[i]);
  free(npz->names);
  if (npz->archive) zip_discard(npz->archive);
  free(npz);
}

const ls_source_format ls_npz_format = {
    .name = "an archive of NumPy",
    .list = list_npz,
    .open = open_npz,
    .rewind = rewind_npz,
    .read = read_npz,
    .close = close_npz,
};
#else
const ls_source_format ls_npz_format = {.name = "an archive of NumPy", .library = "libzip-dev"};
#endif
