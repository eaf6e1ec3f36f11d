/* lockstep data: creates a dataset file, or reports that it exists.
 *
 * Reads the command line and determines the file; prepare/prepare.h creates it. An existing file
 * counts only if it opens as a dataset and was made by the same command; nothing is replaced
 * without --force. */
#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/data_make.h"
#include "data/dataset.h"
#include "lockstep/error.h"
#include "prepare/describe.h"
#include "prepare/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the dataset exists; LS_INVALID if another file is in its place. With `force` any
 * file counts as missing, to be replaced; but not a folder or a device. */
static int look_for(bool *there, const char *path, const char *history, bool force) {
  struct stat info;
  *there = stat(path, &info) == 0;
  if (*there && !S_ISREG(info.st_mode)) return ls_fail(LS_INVALID, "%s: is not a file", path);
  if (force) *there = false;
  if (!*there) return LS_OK;
  ls_dataset *dataset = NULL;
  int status = ls_dataset_open(&dataset, path);
  ls_dataset_free(&dataset);
  if (status != LS_OK) return ls_fail(status, "%s (--force replaces it)", ls_error_message());
  char *noted = NULL; /* none in a file that the user made in another way */
  status = ls_prepare_history(&noted, path);
  if (status == LS_OK && noted && strcmp(noted, history) != 0) {
    status = ls_fail(LS_INVALID, "%s: exists, made by '%s' (expected '%s'; --force replaces it)",
                     path, noted, history);
  }
  free(noted);
  return status;
}

/* Prints the contents of the file in one line; opening it also checks what was written. */
static int report(const char *path, bool was_there) {
  ls_dataset *d = NULL;
  int status = ls_dataset_open(&d, path);
  if (status != LS_OK) return status;
  ls_print(stdout, "%s: %zu training and %zu test samples of ", path, d->count[LS_TRAIN],
           d->count[LS_TEST]);
  for (int i = 0; i < d->shape.rank; i++) {
    ls_print(stdout, "%s%lld", i > 0 ? " x " : "", (long long)d->shape.extent[i]);
  }
  for (size_t i = 0; i < d->target_count; i++) {
    const ls_dataset_target *t = &d->targets[i];
    ls_print(stdout, ", %s%s", t->name, *t->name ? ": " : "");
    if (t->classes > 0) ls_print(stdout, "%lld classes", (long long)t->classes);
    if (t->classes == 0) ls_print(stdout, "%zu value%s", t->width, t->width > 1 ? "s" : "");
  }
  ls_print(stdout, "%s\n", was_there ? " (there already)" : "");
  ls_dataset_free(&d);
  return LS_OK;
}

/* The path of the file, to be freed. Its folder is created only where it is the default one. */
static int choose_path(char **path, const data_request *r) {
  if (r->output) return (*path = ls_copy_text(r->output)) ? LS_OK : LS_FAILED;
  char *folder = NULL;
  int status = ls_dataset_path(path, r->words[0]);
  if (status == LS_OK) status = ls_dataset_directory(&folder);
  if (status == LS_OK) status = ls_make_directories(folder);
  free(folder);
  return status;
}

static int check_inputs(const data_request *r, const char *path) {
  if (r->kind != DATA_IDX && r->kind != DATA_FILE) return LS_OK;
  int status = ls_check_output(path, r->words, r->word_count);
  return status == LS_OK && r->conversion.test ? ls_check_output(path, &r->conversion.test, 1)
                                               : status;
}

/* Refuses to take a file for the result of the command if it is older than what it was made of. */
static int check_age(const data_request *r, const char *path) {
  struct stat made, input;
  if (stat(path, &made) != 0) return LS_OK;
  for (size_t i = 0; i < r->word_count; i++) {
    if (stat(r->words[i], &input) == 0 && input.st_mtime > made.st_mtime) {
      return ls_fail(LS_INVALID, "%s: exists and is older than %s (--force replaces it)", path,
                     r->words[i]);
    }
  }
  return LS_OK;
}

static int fulfil(data_request *r) {
  char *path = NULL, *summary = NULL, *history = data_request_history(r);
  bool there = false;
  int status = history ? choose_path(&path, r) : LS_FAILED;
  if (status == LS_OK) status = check_inputs(r, path);
  if (status == LS_OK) status = look_for(&there, path, history, r->force);
  if (status == LS_OK && there && r->kind == DATA_FILE) status = check_age(r, path);
  if (status == LS_OK && !there) status = data_make(&summary, r, path, history);
  if (status == LS_OK) status = report(path, there);
  if (status == LS_OK && summary) ls_print_lines(stdout, summary);
  free(summary);
  free(path);
  free(history);
  return status;
}

static int describe(const data_request *r) {
  char *text = NULL;
  int status = ls_describe(&text, r->words[0], &r->conversion.reading);
  if (text) ls_print_lines(stdout, text);
  free(text);
  return status;
}

static int execute(int argc, char **argv) {
  data_request r = data_request_default();
  bool helped = false;
  int status = cli_parse(&data_parser, argc, argv, true, &r, &helped);
  if (status != LS_OK || helped) return status;
  status = data_request_check(&r);
  if (status != LS_OK) return status;
  return r.describe ? describe(&r) : fulfil(&r);
}

const cli_verb cli_verb_data = {
    .name = "data",
    .purpose = "make a dataset file",
    .parser = &data_parser,
    .local = execute,
};
