/* Folders of images as sources: a subfolder for each class, whose name is the class; the columns
 * are x, the pixels, and y. A folder that has images itself, or a single image, has no y. All
 * images have the same size, or are scaled to one. Hidden files are left out. */
#include "prepare/formats.h"

#ifdef LS_HAS_IMAGES
#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/categories.h"
#include "prepare/image.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct image_state {
  categories classes;
  char **paths;         /* [count], ordered by class and name */
  uint32_t *classes_of; /* [count] */
  size_t count, capacity;
  size_t next;
  image_info size; /* of all, after scaling */
  bool resize, crop;
} image_state;

/* ---- Listing --------------------------------------------------------------------------------- */

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static char *join(const char *folder, const char *name) {
  ls_text text = {0};
  ls_text_add(&text, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
  return ls_text_take(&text);
}

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Calls `use` for the visible members of a folder, in the order of their bytes. */
static int for_each_member(image_state *m, const char *folder,
                           int (*use)(image_state *, const char *path, const char *name)) {
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, is_visible, NULL);
  if (count < 0) {
    return ls_fail(LS_INVALID, "%s: cannot read the folder: %s", folder, strerror(errno));
  }
  categories names = {0}; /* sorted by bytes, in any locale */
  int status = LS_OK;
  for (int i = 0; i < count; i++) {
    if (status == LS_OK) status = categories_add(&names, entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  if (status == LS_OK) status = categories_sort(&names);
  for (size_t i = 0; i < names.count && status == LS_OK; i++) {
    char *path = join(folder, names.texts[i]);
    status = path ? use(m, path, names.texts[i]) : LS_FAILED;
    free(path);
  }
  categories_free(&names);
  return status;
}

/* Makes room for one more image. */
static int reserve(image_state *m) {
  if (m->count < m->capacity) return LS_OK;
  size_t capacity = 2 * m->capacity + 256;
  char **paths = realloc(m->paths, capacity * sizeof *paths);
  if (paths) m->paths = paths;
  uint32_t *classes = realloc(m->classes_of, capacity * sizeof *classes);
  if (classes) m->classes_of = classes;
  if (!paths || !classes) return ls_fail(LS_FAILED, "out of memory for the names of images");
  m->capacity = capacity;
  return LS_OK;
}

/* Adds an image of the class added last. */
static int add_image(image_state *m, const char *path, const char *name) {
  if (is_folder(path)) {
    return ls_fail(LS_INVALID, "%s: is a folder (expected images in the folders of classes)", path);
  }
  if (!image_is_name(name)) {
    return ls_fail(LS_INVALID, "%s: is no image (expected .png, .jpg or .jpeg)", path);
  }
  int status = reserve(m);
  if (status != LS_OK) return status;
  m->classes_of[m->count] = (uint32_t)(m->classes.count > 0 ? m->classes.count - 1 : 0);
  m->paths[m->count] = ls_copy_text(path);
  return m->paths[m->count++] ? LS_OK : LS_FAILED;
}

static int add_class(image_state *m, const char *path, const char *name) {
  if (!is_folder(path)) {
    return ls_fail(LS_INVALID,
                   "%s: is a file beside the folders of classes (expected folders only)", path);
  }
  size_t before = m->count;
  int status = categories_add(&m->classes, name);
  if (status == LS_OK) status = for_each_member(m, path, add_image);
  if (status == LS_OK && m->count == before) {
    status = ls_fail(LS_INVALID, "%s: has no images (expected those of the class %s)", path, name);
  }
  return status;
}

/* Whether any visible member of the folder is a folder. */
static int has_folders(const char *path, bool *has) {
  struct dirent **entries = NULL;
  int count = scandir(path, &entries, is_visible, NULL);
  *has = false;
  if (count < 0) {
    return ls_fail(LS_INVALID, "%s: cannot read the folder: %s", path, strerror(errno));
  }
  for (int i = 0; i < count; i++) {
    char *member = join(path, entries[i]->d_name);
    *has |= member && is_folder(member);
    free(member);
    free(entries[i]);
  }
  free(entries);
  return LS_OK;
}

static int list_images(image_state *m, const char *path) {
  bool has_classes = false;
  if (!is_folder(path)) return add_image(m, path, "image.png"); /* recognised by its content */
  int status = has_folders(path, &has_classes);
  if (status != LS_OK) return status;
  status = for_each_member(m, path, has_classes ? add_class : add_image);
  if (status == LS_OK && m->count == 0) {
    status = ls_fail(LS_INVALID, "%s: has no images (expected a folder for each class)", path);
  }
  return status;
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

/* Reads the headers of all images: they have one size unless they are scaled; there is one channel
 * if all are grey. */
static int find_size(image_state *m, const ls_source_options *options) {
  size_t channels = 1;
  int status = LS_OK;
  for (size_t i = 0; i < m->count && status == LS_OK; i++) {
    image_info info;
    status = image_read_info(&info, m->paths[i]);
    if (status != LS_OK) break;
    if (i == 0) m->size = info;
    if (info.channels > channels) channels = info.channels;
    bool same = info.height == m->size.height && info.width == m->size.width;
    if (!same && !m->resize) {
      status =
          ls_fail(LS_INVALID,
                  "%s: has %zu x %zu pixels (expected %zu x %zu as in %s; --resize scales "
                  "images)",
                  m->paths[i], info.height, info.width, m->size.height, m->size.width, m->paths[0]);
    }
  }
  if (m->resize) m->size = (image_info){options->height, options->width, 0};
  m->size.channels = options->channels > 0 ? options->channels : channels;
  return status;
}

static int add_columns(ls_source *s) {
  image_state *m = s->state;
  const ls_shape shape = {
      3, {(int64_t)m->size.height, (int64_t)m->size.width, (int64_t)m->size.channels}};
  int status = ls_source_add_column(s, "x", &shape);
  if (status != LS_OK) return status;
  s->columns[0].bytes = s->columns[0].is_integer = s->columns[0].is_typed = true;
  s->columns[0].crop = m->crop;
  if (m->classes.count == 0) return LS_OK;
  status = ls_source_add_column(s, "y", &(ls_shape){0, {0}});
  if (status != LS_OK) return status;
  s->columns[1].text = true;
  return ls_source_set_categories(s, &s->columns[1], &m->classes);
}

/* ---- The format ------------------------------------------------------------------------------ */

static int open_images(ls_source *s, const ls_source_options *options) {
  image_state *m = ls_new(1, sizeof *m);
  s->state = m;
  if (!m) return LS_FAILED;
  m->resize = options->height > 0;
  m->crop = options->crop;
  int status = list_images(m, s->path);
  if (status == LS_OK) status = find_size(m, options);
  if (status == LS_OK) status = add_columns(s);
  s->count = m->count;
  return status;
}

static int read_image(const ls_source *s, size_t i, double *row) {
  const image_state *m = s->state;
  unsigned char *pixels = NULL;
  image_info info;
  int status = image_read(&pixels, &info, m->paths[i]);
  if (status == LS_OK) status = image_set_channels(&pixels, &info, m->size.channels);
  if (status == LS_OK && m->resize) {
    status = image_resize(&pixels, &info, m->size.height, m->size.width, m->crop);
  }
  bool same = info.height == m->size.height && info.width == m->size.width;
  if (status == LS_OK && !same) {
    status = ls_fail(LS_INVALID, "%s: has changed while it was read", m->paths[i]);
  }
  for (size_t k = 0; k < s->columns[0].width && status == LS_OK; k++) row[k] = pixels[k];
  if (s->column_count > 1) row[s->columns[1].offset] = m->classes_of[i];
  free(pixels);
  return status;
}

static int read_images(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  image_state *m = s->state;
  int status = LS_OK;
  for (*got = 0; *got < limit && m->next < m->count && status == LS_OK; (*got)++) {
    places[*got] = m->next;
    status = read_image(s, m->next++, rows + *got * s->width);
  }
  return status;
}

static int rewind_images(ls_source *s) {
  ((image_state *)s->state)->next = 0;
  return LS_OK;
}

static void place_image(const ls_source *s, size_t place, char *out, size_t size) {
  snprintf(out, size, "%s", ((const image_state *)s->state)->paths[place]);
}

static void close_images(ls_source *s) {
  image_state *m = s->state;
  for (size_t i = 0; i < m->count; i++) free(m->paths[i]);
  free(m->paths);
  free(m->classes_of);
  categories_free(&m->classes);
  free(m);
}

const ls_source_format ls_image_format = {
    .name = "a folder of images",
    .open = open_images,
    .rewind = rewind_images,
    .read = read_images,
    .place = place_image,
    .close = close_images,
};
#else
const ls_source_format ls_image_format = {.name = "a folder of images",
                                          .library = "libpng-dev and libjpeg-dev"};
#endif
