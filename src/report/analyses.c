/* Reading the files of analyses, and finding those of a job's models. */
#include "report/analyses.h"

#include "base/memory.h"
#include "base/paths.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "report/report.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- One file ----------------------------------------------------------------------------------
 */

static void free_texts(char **texts, size_t count) {
  for (size_t i = 0; texts && i < count; i++) free(texts[i]);
  free(texts);
}

static void clear(ls_report_analysis *a) {
  free(a->path);
  free(a->title);
  free(a->reference);
  free(a->command);
  free_texts(a->summary, a->summary_count);
  free_texts(a->figures, a->figure_count);
  free_texts(a->captions, a->figure_count);
  *a = (ls_report_analysis){0};
}

bool ls_report_is_analysis(const char *path) {
  hid_t file = -1;
  bool is = ls_h5_open(&file, path) == LS_OK && ls_h5_has_attribute(file, ".", "summary");
  ls_h5_close(&file);
  ls_error_clear();
  return is;
}

static int read_text(char **out, hid_t file, const char *name) {
  if (ls_h5_has_attribute(file, ".", name)) return ls_h5_get_text(file, ".", name, out);
  *out = ls_copy_text("");
  return *out ? LS_OK : LS_FAILED;
}

static int read_texts(char ***out, size_t *count, hid_t file, const char *name) {
  if (!ls_h5_has_attribute(file, ".", name)) return LS_OK;
  return ls_h5_get_texts(file, ".", name, out, count);
}

/* "2026-01-31T12:34:56Z: created by lockstep eval ..." without what comes before the command. */
static void keep_command(char *history) {
  static const char before[] = ": created by ";
  const char *found = strstr(history, before);
  if (!found) return;
  found += strlen(before);
  memmove(history, found, strlen(found) + 1);
}

static int read_figures(ls_report_analysis *a, hid_t file) {
  size_t captions = 0;
  int status = read_texts(&a->figures, &a->figure_count, file, "figures");
  if (status == LS_OK) status = read_texts(&a->captions, &captions, file, "captions");
  if (status != LS_OK || captions == a->figure_count) return status;
  free_texts(a->captions, captions);
  a->captions = NULL;
  return ls_fail(LS_INVALID, "%s: has %zu figures and %zu captions", a->path, a->figure_count,
                 captions);
}

static int read_analysis(ls_report_analysis *a, const char *path) {
  hid_t file = -1;
  a->path = ls_copy_text(path);
  int status = a->path ? ls_h5_open(&file, path) : LS_FAILED;
  if (status == LS_OK && !ls_h5_has_attribute(file, ".", "summary")) {
    status = ls_fail(LS_INVALID,
                     "%s: is not the file of an analysis: it has no attribute 'summary'", path);
  }
  if (status == LS_OK) status = read_text(&a->title, file, "title");
  if (status == LS_OK) status = read_text(&a->reference, file, "reference");
  if (status == LS_OK) status = read_text(&a->command, file, "history");
  if (status == LS_OK) keep_command(a->command);
  if (status == LS_OK) status = read_texts(&a->summary, &a->summary_count, file, "summary");
  if (status == LS_OK) status = read_figures(a, file);
  ls_h5_close(&file);
  return status;
}

/* ---- Several -----------------------------------------------------------------------------------
 */

static bool is_same_file(const char *one, const char *other) {
  struct stat a, b;
  return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Reads a file unless it is there. */
static int add(ls_report_analyses *list, const char *path) {
  for (size_t i = 0; i < list->count; i++) {
    if (is_same_file(list->items[i].path, path)) return LS_OK;
  }
  ls_report_analysis *items = realloc(list->items, (list->count + 1) * sizeof *items);
  if (!items) return ls_fail(LS_FAILED, "out of memory");
  list->items = items;
  items[list->count] = (ls_report_analysis){0};
  return read_analysis(&items[list->count++], path);
}

static int add_all(ls_report_analyses *list, const char *const *files, size_t count) {
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) status = add(list, files[i]);
  return status;
}

static bool has_ending(const char *name, const char *ending) {
  size_t length = strlen(name), most = strlen(ending);
  return length >= most && strcmp(name + length - most, ending) == 0;
}

static int is_wanted(const struct dirent *entry) {
  const char *name = entry->d_name;
  if (strncmp(name, "trial_", strlen("trial_")) == 0) return 1;
  return *name != '.' && has_ending(name, ".h5") && strcmp(name, "last.h5") != 0 &&
         strcmp(name, "best.h5") != 0;
}

/* Adds the files of a folder, then those of the trials below it. */
static int add_folder(ls_report_analyses *list, const char *folder) {
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, is_wanted, versionsort), status = LS_OK;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < count && status == LS_OK; i++) {
      bool is_file = has_ending(entries[i]->d_name, ".h5");
      ls_text text = {0};
      ls_text_add(&text, "%s/%s", folder, entries[i]->d_name);
      char *path = ls_text_take(&text);
      if (!path) status = LS_FAILED;
      if (path && round == 0 && is_file && ls_report_is_analysis(path)) status = add(list, path);
      if (path && round == 1 && !is_file) status = add_folder(list, path);
      free(path);
    }
  }
  for (int i = 0; i < count; i++) free(entries[i]);
  free(entries);
  return status;
}

int ls_report_analyses_read(ls_report_analyses **out, const char *const *files, size_t count) {
  *out = ls_new(1, sizeof **out);
  int status = *out ? add_all(*out, files, count) : LS_FAILED;
  if (status != LS_OK) ls_report_analyses_free(out);
  return status;
}

int ls_report_analyses_find(ls_report_analyses **out, const char *results,
                            const char *const *others, size_t other_count) {
  char *folder = NULL;
  *out = ls_new(1, sizeof **out);
  int status = *out ? ls_models_folder(&folder, results) : LS_FAILED;
  if (status == LS_OK) status = add_folder(*out, folder);
  if (status == LS_OK) status = add_all(*out, others, other_count);
  if (status != LS_OK) ls_report_analyses_free(out);
  free(folder);
  return status;
}

void ls_report_analyses_free(ls_report_analyses **analyses) {
  ls_report_analyses *list = *analyses;
  if (!list) return;
  for (size_t i = 0; i < list->count; i++) clear(&list->items[i]);
  free(list->items);
  free(list);
  *analyses = NULL;
}
