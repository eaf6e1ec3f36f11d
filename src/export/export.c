/* Chooses the format and the output, reads the results, and lets the format write them. */
#include "export/export.h"

#include "base/paths.h"
#include "export/format.h"
#include "lockstep/error.h"

#include <string.h>

#define POINTER(name) &export_format_##name,
static const export_format *const formats[] = {EXPORT_FORMATS(POINTER)};
enum { FORMATS = sizeof formats / sizeof *formats };

static int choose_format(const export_format **out, const ls_export_options *options) {
  const char *name = options->format;
  *out = NULL;
  for (size_t i = 0; i < FORMATS; i++) {
    if (strcmp(formats[i]->name, name) == 0) *out = formats[i];
  }
  if (!*out) {
    return ls_fail(LS_INVALID,
                   "export: --to: unknown format '%s' (expected csv, optuna or tensorboard)", name);
  }
  if (options->curves && !(*out)->rows) {
    return ls_fail(LS_INVALID, "export: --curves: goes with --to csv (%s always has the curves)",
                   name);
  }
  return LS_OK;
}

/* The path to write to; NULL for standard output. */
static int choose_output(const char **out, ls_memory *memory, const export_format *format,
                         const ls_export_options *options) {
  const char *results = options->results;
  *out = options->output;
  if (!*out && format->suffix) {
    *out = ls_memory_text(memory, "%.*s%s", (int)ls_results_stem_length(results), results,
                          format->suffix);
  }
  bool standard = *out && strcmp(*out, "-") == 0;
  if (standard && format->write_folder) {
    return ls_fail(LS_INVALID, "export: --output: '-' (expected a folder, as %s has many files)",
                   format->name);
  }
  if (standard) *out = NULL;
  int status = ls_memory_status(memory);
  return status == LS_OK ? ls_check_output(*out, &results, 1) : status;
}

static int write_study(const export_format *format, const char *output, const export_study *study) {
  if (format->write_folder) return format->write_folder(output, study);
  ls_text_file file;
  int status = ls_text_file_open(&file, output, stdout);
  if (status == LS_OK) status = format->write(&file, study);
  return ls_text_file_close(&file, status);
}

/* A format with files for each trial refuses very many of them. */
static int check_number(const export_format *format, const ls_export_options *options,
                        const export_study *study) {
  if (options->trials > 0 || format->most == 0 || study->listed <= format->most) return LS_OK;
  return ls_fail(LS_INVALID,
                 "export: %s has %zu trials, which would be as many folders of %s (expected "
                 "--trials N, which exports the N best)",
                 options->results, study->listed, format->name);
}

int ls_export(const ls_export_options *options) {
  ls_memory memory = {0};
  const export_format *format = NULL;
  const char *output = NULL;
  export_study study = {0};
  int status = choose_format(&format, options);
  if (status == LS_OK) status = choose_output(&output, &memory, format, options);
  if (status == LS_OK) {
    status = export_study_read(&study, &memory, options->results, options->trials);
  }
  if (status == LS_OK) status = check_number(format, options, &study);
  study.by_epoch = options->curves;
  if (status == LS_OK) status = write_study(format, output, &study);
  ls_memory_free(&memory);
  return status;
}
