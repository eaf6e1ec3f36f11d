/* Default places of datasets, folders, and whole-file replacement. */
#include "base/paths.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/visible.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *environment(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static int join(char **out, const char *folder, const char *rest) {
  ls_text text = {0};
  ls_text_add(&text, "%s/%s", folder, rest);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int ls_dataset_directory(char **out) {
  *out = NULL;
  const char *own = environment("LOCKSTEP_DATA");
  if (own) return (*out = ls_copy_text(own)) ? LS_OK : LS_FAILED;
  const char *cache = environment("XDG_CACHE_HOME");
  /* The XDG base directory specification: a relative path counts as not set. */
  if (cache && cache[0] == '/') return join(out, cache, "lockstep");
  const char *home = environment("HOME");
  if (home) return join(out, home, ".cache/lockstep");
  return ls_fail(LS_INVALID, "no folder for datasets: set LOCKSTEP_DATA (or HOME)");
}

const char *ls_scratch_directory(void) {
  const char *own = environment("LOCKSTEP_SCRATCH"), *temporary = environment("TMPDIR");
  return own ? own : temporary ? temporary : "/tmp";
}

bool ls_dataset_is_path(const char *name) {
  return strchr(name, '/') || strchr(name, '.');
}

int ls_dataset_path(char **out, const char *name) {
  *out = NULL;
  if (!*name || *name == '.' || strchr(name, '/')) {
    return ls_fail(LS_INVALID, "'%s' is not the name of a dataset (expected a plain name)", name);
  }
  char *folder = NULL;
  int status = ls_dataset_directory(&folder);
  if (status != LS_OK) return status;
  ls_text text = {0};
  ls_text_add(&text, "%s/%s.h5", folder, name);
  free(folder);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

const char *ls_file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Two names, "_vs_", ".html" and the ending of a temporary file are within NAME_MAX (255). */
enum { LONGEST_NAME = 100 };

static bool is_of_name(unsigned char c) {
  return c >= 0x80 || isalnum(c) ||
         strchr("._-+=,@ ", c); /* from 0x80 on: other letters in UTF-8 */
}

const char *ls_name_problem(const char *name) {
  static const char *const endings[] = {".h5",  ".stop", ".status", ".lock",
                                        ".new", ".tmp",  ".models", " "};
  size_t length = strlen(name);
  if (length == 0 || length > LONGEST_NAME) return "has not 1 to 100 bytes";
  if (strchr(".- ", name[0])) return "begins with one of '.', '-' and ' '";
  for (const char *at = name; *at; at++) {
    if (!is_of_name((unsigned char)*at)) {
      return "has characters other than letters, digits, blanks and . _ - + = , @";
    }
  }
  if (!ls_is_visible(name)) return "has invisible characters or is not UTF-8";
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t own = strlen(endings[i]);
    if (length > own && strcmp(name + length - own, endings[i]) == 0) {
      return "ends like other files of a run (.h5, .stop, .status, .lock, .new, .tmp, .models) or "
             "in a blank";
    }
  }
  return NULL;
}

bool ls_is_same_file(const char *one, const char *other) {
  struct stat a, b;
  return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int ls_check_regular_file(const char *path, const char *expected) {
  struct stat info;
  if (stat(path, &info) != 0) {
    return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  }
  if (S_ISREG(info.st_mode)) return LS_OK;
  const char *kind = S_ISDIR(info.st_mode)    ? "folder"
                     : S_ISFIFO(info.st_mode) ? "FIFO"
                     : S_ISSOCK(info.st_mode) ? "socket"
                                              : "device";
  return ls_fail(LS_INVALID, "%s: is a %s (expected %s)", path, kind, expected);
}

int ls_check_output(const char *output, const char *const *inputs, size_t count) {
  for (size_t i = 0; output && i < count; i++) {
    if (!ls_is_same_file(inputs[i], output)) continue;
    return ls_fail(LS_INVALID, "%s: is an input (expected another name for the output)", output);
  }
  return LS_OK;
}

size_t ls_stem_length(const char *path) {
  const char *name = ls_file_name(path);
  const char *dot = strrchr(name, '.');
  return dot && dot > name ? (size_t)(dot - path) : strlen(path);
}

size_t ls_results_stem_length(const char *results) {
  size_t stem = ls_stem_length(results);
  return strcmp(results + stem, ".h5") == 0 ? stem : strlen(results);
}

int ls_models_folder(char **out, const char *results) {
  size_t stem = ls_results_stem_length(results);
  ls_text text = {0};
  ls_text_add_bytes(&text, results, stem);
  if (!results[stem]) ls_text_add(&text, ".models");
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int ls_trial_folder(char **out, const char *results, size_t trial) {
  char *models = NULL;
  ls_text text = {0};
  *out = NULL;
  int status = ls_models_folder(&models, results);
  if (status != LS_OK) return status;
  ls_text_add(&text, "%s/trial_%zu", models, trial + 1);
  free(models);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

char *ls_path_beside(const char *file, const char *other) {
  ls_text text = {0};
  if (other[0] != '/') ls_text_add_bytes(&text, file, (size_t)(ls_file_name(file) - file));
  ls_text_add(&text, "%s", other);
  return ls_text_take(&text);
}

/* ---- Paths in jobs --------------------------------------------------------------------------- */

/* Whether the folder is another one than the working directory and matters to the path. */
static bool is_elsewhere(const char *folder, const char *path) {
  return folder && path[0] != '/' && !ls_is_same_file(folder, ".");
}

int ls_find_file(char **out, bool *fallback, const char *folder, const char *path) {
  bool there = false, here = true;
  *out = NULL;
  if (is_elsewhere(folder, path)) {
    int status = join(out, folder, path);
    if (status != LS_OK) return status;
    there = access(*out, F_OK) == 0;
    here = access(path, F_OK) == 0;
  }
  if (fallback) *fallback = *out && here && !there;
  if (there && !ls_is_same_file(*out, path)) return LS_OK;
  free(*out);
  return (*out = ls_copy_text(path)) ? LS_OK : LS_FAILED;
}

void ls_looked_in(char out[256], const char *folder, const char *path) {
  out[0] = '\0';
  if (!is_elsewhere(folder, path)) return;
  snprintf(out, 256, " (looked in '%s' and in the working directory)", folder);
}

/* Whether the path is of a file system of the kernel's, where files have no place. */
static bool is_of_kernel(const char *path) {
  return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
}

char *ls_folder_of_job(const char *path) {
  char here[PATH_MAX];
  ls_text text = {0};
  size_t length = is_of_kernel(path) ? 0 : (size_t)(ls_file_name(path) - path);
  if (length > 1) length--; /* the slash, but for that of the root */
  if (length == 0 || path[0] != '/') {
    if (!getcwd(here, sizeof here)) {
      ls_fail(LS_FAILED, "the working directory: %s", strerror(errno));
      return NULL;
    }
    ls_text_add(&text, length > 0 ? "%s/" : "%s", here);
  }
  ls_text_add_bytes(&text, path, length);
  return ls_text_take(&text);
}

/* ---- Links ----------------------------------------------------------------------------------- */

/* The target of a link; NULL if it is none, or without memory. */
static char *read_link(const char *path) {
  char target[PATH_MAX];
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return NULL;
  target[length] = '\0';
  return ls_path_beside(path, target);
}

int ls_follow_links(char **out, const char *path) {
  enum { MOST = 40 }; /* as in Linux itself */
  *out = ls_copy_text(path);
  for (int i = 0; *out && i < MOST; i++) {
    struct stat info;
    if (lstat(*out, &info) != 0 || !S_ISLNK(info.st_mode)) return LS_OK;
    char *next = read_link(*out);
    free(*out);
    *out = next;
  }
  if (!*out) return LS_FAILED;
  free(*out);
  *out = NULL;
  return ls_fail(LS_INVALID, "%s: %s", path, strerror(ELOOP));
}

/* Opened for reading: a folder allows nothing else, and fsync does not ask for more. */
int ls_sync(const char *path) {
  int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  bool done = file >= 0 && fsync(file) == 0;
  int status = LS_OK;
  if (!done) status = ls_fail(LS_FAILED, "%s: cannot write to disk: %s", path, strerror(errno));
  if (file >= 0) close(file);
  return status;
}

/* The folder that holds `path`; a new name lasts once that is on the disk. */
static int sync_parent(const char *path) {
  char *folder = ls_copy_text(path);
  if (!folder) return LS_FAILED;
  char *slash = strrchr(folder, '/');
  if (slash) slash[slash == folder] = '\0';
  int status = ls_sync(slash ? folder : ".");
  free(folder);
  return status;
}

/* One folder whose parent exists. */
static int make_directory(const char *path) {
  if (mkdir(path, 0777) == 0) return sync_parent(path);
  int why = errno;
  struct stat there;
  if (why == EEXIST && stat(path, &there) == 0) {
    if (S_ISDIR(there.st_mode)) return LS_OK;
    why = ENOTDIR;
  }
  return ls_fail(LS_FAILED, "%s: cannot make the folder: %s", path, strerror(why));
}

int ls_make_parents(const char *file) {
  char *upper = ls_copy_text(file);
  if (!upper) return LS_FAILED;
  int status = LS_OK;
  for (char *slash = upper; status == LS_OK && (slash = strchr(slash + 1, '/'));) {
    *slash = '\0';
    status = make_directory(upper);
    *slash = '/';
  }
  free(upper);
  return status;
}

int ls_make_directories(const char *path) {
  int status = ls_make_parents(path);
  return status == LS_OK ? make_directory(path) : status;
}

int ls_make_temporary(char **out, const char *path) {
  *out = NULL;
  uint64_t number = 0; /* random, since process numbers repeat on other hosts */
  if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
    return ls_fail(LS_FAILED, "%s: no random name for a temporary file: %s", path, strerror(errno));
  }
  ls_text text = {0};
  ls_text_add(&text, "%s.%016llx.tmp", path, (unsigned long long)number);
  char *name = ls_text_take(&text);
  if (!name) return LS_FAILED;
  int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) {
    int why = errno;
    free(name);
    return ls_fail(LS_FAILED, "%s: cannot create: %s", path, strerror(why));
  }
  close(file);
  *out = name;
  return LS_OK;
}

FILE *ls_create_file(const char *path) {
  int file = -1;
  if (unlink(path) == 0 || errno == ENOENT) {
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  }
  FILE *stream = file < 0 ? NULL : fdopen(file, "wb");
  if (!stream) ls_fail(LS_FAILED, "%s: cannot create: %s", path, strerror(errno));
  if (!stream && file >= 0) close(file);
  return stream;
}

int ls_replace_file(const char *temporary, const char *path) {
  int status = ls_sync(temporary);
  if (status != LS_OK) return status;
  if (rename(temporary, path) != 0) {
    return ls_fail(LS_FAILED, "%s: cannot rename to '%s': %s", temporary, path, strerror(errno));
  }
  return sync_parent(path);
}

int ls_write_file(const char *path, const char *bytes, size_t length) {
  char *temporary = NULL;
  int status = ls_make_temporary(&temporary, path);
  if (status != LS_OK) return status;
  FILE *file = ls_create_file(temporary);
  bool written = file && fwrite(bytes, 1, length, file) == length;
  if (file && fclose(file) != 0) written = false;
  status = written ? ls_replace_file(temporary, path)
                   : ls_fail(LS_FAILED, "%s: cannot write: %s", path, strerror(errno));
  if (status != LS_OK) unlink(temporary);
  free(temporary);
  return status;
}
