/* Reading the files of analyses, finding those of a job's models, and their section of the page. */
#include "report/analyses.h"

#include "base/escape.h"
#include "base/paths.h"
#include "lockstep/error.h"
#include "report/html.h"
#include "report/reader.h"
#include "report/report.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_SVG = 1 << 28 };

/* ---- One file ---- */

bool ls_report_is_analysis(const char *path) {
  hid_t file = -1;
  bool is = ls_h5_open(&file, path) == LS_OK && ls_h5_has_attribute(file, ".", "summary");
  ls_h5_close(&file);
  ls_error_clear();
  return is;
}

static int read_analysis(ls_memory *memory, report_analysis *a, const char *path) {
  static const char created[] = ": created by "; /* before the command, in the history */
  report_reader r;
  size_t captions = 0;
  report_open(&r, memory, path);
  if (r.status == LS_OK && !ls_h5_has_attribute(r.file, ".", "summary")) {
    r.status = ls_fail(LS_INVALID,
                       "%s: is not the file of an analysis: it has no attribute 'summary'", path);
  }
  a->path = ls_memory_text(memory, "%s", path);
  a->title = report_read_text(&r, ".", "title", "");
  a->reference = report_read_text(&r, ".", "reference", "");
  a->command = report_read_text(&r, ".", "history", "");
  if (strstr(a->command, created)) a->command = strstr(a->command, created) + strlen(created);
  a->summary = report_read_texts(&r, ".", "summary", &a->summary_count);
  a->figures = report_read_texts(&r, ".", "figures", &a->figure_count);
  a->captions = report_read_texts(&r, ".", "captions", &captions);
  if (r.status == LS_OK && captions != a->figure_count) {
    r.status = ls_fail(LS_INVALID, "%s: has %zu figures and %zu captions", path, a->figure_count,
                       captions);
  }
  int status = report_close(&r);
  return status == LS_OK ? ls_memory_status(memory) : status;
}

int report_analysis_figure(char **svg, const report_analysis *a, size_t figure) {
  const char *name = a->figures[figure];
  ls_text path = {0};
  if (strchr(name, '/')) {
    return ls_fail(LS_INVALID, "%s: the figure is not in the folder of %s", name, a->path);
  }
  ls_text_add_bytes(&path, a->path, (size_t)(ls_file_name(a->path) - a->path));
  ls_text_add(&path, "%s", name);
  int status = path.failed ? LS_FAILED : ls_text_read_regular(svg, path.data, LARGEST_SVG);
  ls_text_free(&path);
  return status;
}

/* ---- Several ---- */

/* Reads a file unless it is there. */
static int add(report_analyses *list, const char *path) {
  for (size_t i = 0; i < list->count; i++) {
    if (ls_is_same_file(list->items[i].path, path)) return LS_OK;
  }
  report_analysis *items = ls_memory_new(list->memory, list->count + 1, sizeof *items);
  if (!items) return LS_FAILED;
  if (list->count) memcpy(items, list->items, list->count * sizeof *items);
  list->items = items;
  return read_analysis(list->memory, &items[list->count++], path);
}

int report_analyses_read(report_analyses *out, const char *const *files, size_t count) {
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) status = add(out, files[i]);
  return status;
}

static bool has_ending(const char *name, const char *ending) {
  size_t length = strlen(name), most = strlen(ending);
  return length >= most && strcmp(name + length - most, ending) == 0;
}

static bool is_trial(const char *name) {
  return strncmp(name, "trial_", strlen("trial_")) == 0;
}

/* Whether the path is a folder, and not a link to one, which might lead back. */
static bool is_folder(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int is_wanted(const struct dirent *entry) {
  const char *name = entry->d_name;
  if (is_trial(name)) return 1;
  return *name != '.' && has_ending(name, ".h5") && strcmp(name, "last.h5") != 0 &&
         strcmp(name, "best.h5") != 0;
}

/* Adds the files of a folder, then those of the trials below it. */
static int add_folder(report_analyses *list, const char *folder) {
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, is_wanted, versionsort), status = LS_OK;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < count && status == LS_OK; i++) {
      bool is_file = has_ending(entries[i]->d_name, ".h5");
      const char *path = ls_memory_text(list->memory, "%s/%s", folder, entries[i]->d_name);
      if (!path) status = LS_FAILED;
      if (path && round == 0 && is_file && ls_report_is_analysis(path)) status = add(list, path);
      if (path && round == 1 && !is_file && is_folder(path)) status = add_folder(list, path);
    }
  }
  for (int i = 0; i < count; i++) free(entries[i]);
  free(entries);
  return status;
}

int report_analyses_find(report_analyses *out, const char *results) {
  char *folder = NULL;
  int status = ls_models_folder(&folder, results);
  if (status == LS_OK) status = add_folder(out, folder);
  free(folder);
  return status;
}

/* ---- The section of the page ---- */

/* The figure `k` of the analysis `number`, or the reason why it is not in the page. */
static int add_figure(ls_text *page, const report_analyses *analyses, size_t number, size_t k,
                      bool all) {
  const report_analysis *a = &analyses->items[number - 1];
  const char *name = ls_memory_text(analyses->memory, "analysis%zu-figure%zu", number, k);
  if (!name) return LS_FAILED;
  char *svg = NULL;
  int status = report_analysis_figure(&svg, a, k);
  if (status == LS_OK && !all && page->length + strlen(svg) > REPORT_PAGE_MOST) {
    status =
        ls_fail(LS_INVALID, "%s: would make this page too large; --all includes it", a->figures[k]);
  }
  const report_figure figure = {
      .name = name, .title = a->title, .caption = a->captions[k], .svg = svg};
  if (status == LS_OK) status = html_figure(page, &figure);
  if (status == LS_INVALID) {
    ls_text_add_html(page, "<p>%s (not shown: %s)</p>\n", a->captions[k], ls_error_message());
    ls_error_clear();
    status = LS_OK;
  }
  free(svg);
  return status;
}

static int add_analysis(ls_text *page, const report_analyses *analyses, size_t number, bool all) {
  const report_analysis *a = &analyses->items[number - 1];
  html_element(page, "h3", "", *a->title ? a->title : a->path);
  ls_text_add(page, "\n<ul>\n");
  if (*a->reference) ls_text_add_html(page, "<li>reported: %s</li>\n", a->reference);
  for (size_t i = 0; i < a->summary_count; i++) {
    ls_text_add_html(page, "<li>%s</li>\n", a->summary[i]);
  }
  ls_text_add_html(page, "</ul>\n<p><code>%s</code></p>\n", a->command);
  int status = LS_OK;
  for (size_t k = 0; k < a->figure_count && status == LS_OK; k++) {
    status = add_figure(page, analyses, number, k, all);
  }
  return status;
}

int report_page_analyses(ls_text *page, const report_analyses *analyses, bool all) {
  int status = LS_OK;
  if (analyses->count > 0) ls_text_add(page, "<h2>Analyses</h2>\n");
  for (size_t i = 0; i < analyses->count && status == LS_OK; i++) {
    status = add_analysis(page, analyses, i + 1, all);
  }
  return status;
}
