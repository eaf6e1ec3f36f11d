/* Fuzz target: results files and files of analyses, as `report` reads them. The first byte of a
 * list of edits selects one of two valid files. What is accepted is written as text, CSV, Markdown
 * and a page, which hold no control character and no element of the file's own. Nothing is drawn.
 */
#include "fuzz.h"
#include "hdf5_edit.h"

#include "base/paths.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "report/overview.h"
#include "report/page.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <stdlib.h>
#include <string.h>

static const edit_place places[2][28] = {{{".", "axes"},
                                          {".", "monitor"},
                                          {".", "title"},
                                          {".", "job"},
                                          {".", "history"},
                                          {".", "selection"},
                                          {"label", NULL},
                                          {"l2", NULL},
                                          {"l2", "spacing"},
                                          {"l2", "simpler"},
                                          {"replicate", NULL},
                                          {"epoch", NULL},
                                          {"val_loss", NULL},
                                          {"val_loss", "units"},
                                          {"val_loss", "higher_is_better"},
                                          {"test_loss", NULL},
                                          {"status", NULL},
                                          {"status", "flag_values"},
                                          {"status", "flag_meanings"},
                                          {"epochs_run", NULL},
                                          {"best_epoch", NULL},
                                          {"seed", NULL},
                                          {"models", "trials_left_out"},
                                          {"models/1", "trial"},
                                          {"models/1/layer", NULL},
                                          {"models/1/type", NULL},
                                          {"models/1/parameters", NULL},
                                          {"provenance", "command"}},
                                         {{".", "title"},
                                          {".", "reference"},
                                          {".", "history"},
                                          {".", "summary"},
                                          {".", "figures"},
                                          {".", "captions"}}};
enum { RESULTS, ANALYSIS, ROOM = 1 << 17 };
static const size_t place_count[] = {28, 6};

static uint8_t sound[2][ROOM];
static size_t sound_size[2];

/* ---- Sound files ----------------------------------------------------------------------------- */

enum { LABELS = 2, STRENGTHS = 3, REPLICATES = 2, EPOCHS = 4 };

static void set_text(hid_t file, const char *name, const char *attribute, const char *text) {
  require(ls_h5_set_text(file, name, attribute, text) == LS_OK, attribute);
}

static void put(hid_t file, const char *name, hid_t type, int rank, const hsize_t *extent) {
  static const int64_t zeroes[LABELS * STRENGTHS * REPLICATES * EPOCHS];
  require(ls_h5_create_dataset(file, name, type, rank, extent, zeroes) == LS_OK, name);
}

/* Two variables, replicates and epochs; all trials are pending, which report describes, too. */
static void put_results(hid_t file) {
  const hsize_t extent[] = {LABELS, STRENGTHS, REPLICATES, EPOCHS};
  const char *const axes[] = {"label", "l2", "replicate", "epoch"};
  const char *const trials[] = {"epochs_run", "best_epoch", "seed"};
  const int64_t values[] = {0, 1, 2}, left_out = 1;
  require(ls_h5_set_texts(file, ".", "axes", 4, axes) == LS_OK, "axes");
  require(ls_h5_create_texts(file, "label", 2, (const char *const[]){"a", "b"}) == LS_OK, "label");
  put(file, "l2", H5T_NATIVE_DOUBLE, 1, extent + 1);
  put(file, "replicate", H5T_NATIVE_INT, 1, extent + 2);
  put(file, "epoch", H5T_NATIVE_INT, 1, extent + 3);
  put(file, "loss", H5T_NATIVE_DOUBLE, 4, extent);
  put(file, "val_loss", H5T_NATIVE_DOUBLE, 4, extent);
  put(file, "test_loss", H5T_NATIVE_DOUBLE, 3, extent);
  put(file, "status", H5T_NATIVE_INT8, 3, extent);
  for (int i = 0; i < 3; i++) put(file, trials[i], H5T_NATIVE_INT64, 3, extent);
  set_text(file, "status", "flag_meanings", "done pending failed");
  ls_h5_set_values(file, "status", "flag_values", H5T_NATIVE_INT64, 3, values);
  ls_h5_set_values(file, "val_loss", "higher_is_better", H5T_NATIVE_INT64, 1, values);
  set_text(file, "val_loss", "units", "1");
  set_text(file, "l2", "spacing", "log");
  set_text(file, "l2", "simpler", "higher");
  set_text(file, ".", "monitor", "val_loss");
  const char *const roots[] = {"title", "job", "history", "selection"};
  for (int i = 0; i < 4; i++) set_text(file, ".", roots[i], "text");
  hid_t group = -1, model = -1;
  require(ls_h5_create_group(&group, file, "provenance") == LS_OK, "provenance");
  set_text(group, ".", "command", "lockstep run a/b.yaml");
  ls_h5_close(&group);
  require(ls_h5_create_group(&group, file, "models") == LS_OK, "models");
  ls_h5_set_values(group, ".", "trials_left_out", H5T_NATIVE_INT64, 1, &left_out);
  require(ls_h5_create_group(&model, group, "1") == LS_OK, "a model");
  set_text(model, ".", "trial", "a");
  const char *const columns[] = {"layer", "type", "activation", "head", "output"};
  for (int i = 0; i < 5; i++) {
    ls_h5_create_texts(model, columns[i], 2, (const char *const[]){"x", "y"});
  }
  put(model, "parameters", H5T_NATIVE_UINT64, 1, extent);
  put(model, "frozen", H5T_NATIVE_UINT8, 1, extent);
  ls_h5_close(&model);
  ls_h5_close(&group);
}

static void put_analysis(hid_t file) {
  const char *const texts[] = {"title", "reference", "history"};
  const char *const lists[] = {"summary", "figures", "captions"};
  for (int i = 0; i < 3; i++) set_text(file, ".", texts[i], "text");
  for (int i = 0; i < 3; i++) {
    ls_h5_set_texts(file, ".", lists[i], 2, (const char *const[]){"a", "b"});
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  for (int i = RESULTS; i <= ANALYSIS; i++) {
    hid_t file = -1;
    require(ls_h5_create(&file, file_path(0)) == LS_OK, "a file");
    (i == RESULTS ? put_results : put_analysis)(file);
    require(ls_h5_close(&file) == LS_OK, "a file");
    sound_size[i] = take_file(0, sound[i], ROOM);
  }
  return 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Requires that what is printed has no control characters but its own ends of lines. */
static void check_lines(ls_text *text) {
  for (const char *c = text->data; c && *c; c++) {
    require(*c == '\n' || ((unsigned char)*c >= ' ' && *c != 0x7f), "visible characters");
  }
  ls_text_free(text);
}

static void check_page(ls_text *page) {
  require(!page->data || !strstr(page->data, "<script"), "a page without scripts");
  ls_text_free(page);
}

static void use_results(const report_summary *s, ls_memory *memory) {
  report_table table;
  ls_text text = {0}, csv = {0}, page = {0};
  const report_models models = {.memory = memory};
  const report_figures figures = {.memory = memory};
  const report_analyses analyses = {.memory = memory};
  table = report_points_table(s, SIZE_MAX);
  report_table_print(&text, &table, 100);
  table = report_csv_table(s);
  report_table_csv(&csv, &table);
  report_add_findings(&text, s, "\n");
  require_outcome(report_page(&page, s, 20, false, &models, &figures, &analyses));
  check_lines(&text);
  check_lines(&csv);
  check_page(&page);
}

static void read_results(bool sound_file) {
  ls_memory memory = {0};
  report_summary *summary = NULL;
  report_models models;
  int status = report_read(&summary, &memory, file_path(0));
  require(!sound_file || status == LS_OK, "a sound file that is accepted");
  require_outcome(status);
  if (status == LS_OK) use_results(summary, &memory);
  require_outcome(report_models_read(&models, &memory, file_path(0)));
  ls_memory_free(&memory);
}

static void read_analysis(bool sound_file) {
  ls_memory memory = {0};
  report_analyses analyses = {.memory = &memory};
  ls_text page = {0}, markdown = {0};
  const char *path = file_path(0);
  int status = report_analyses_read(&analyses, &path, 1);
  require(!sound_file || status == LS_OK, "a sound file that is accepted");
  require_outcome(status);
  if (status == LS_OK) require_outcome(report_page_analyses(&page, &analyses, false));
  if (status == LS_OK) {
    require_outcome(report_overview_analyses(&markdown, &analyses, &(report_gallery){0}));
  }
  check_page(&page);
  check_lines(&markdown);
  ls_memory_free(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bool whole = edit_is_file(data, size, 0);
  int kind = size > 0 && !whole ? data[0] % 2 : RESULTS;
  put_file(0, whole ? data : sound[kind], whole ? size : sound_size[kind]);
  if (!whole && size > 1) {
    edit_file(file_path(0), places[kind], place_count[kind], data + 1, size - 1);
  }
  edit_require_closed(true);
  if (whole || kind == RESULTS) read_results(size <= 1);
  if (whole || kind == ANALYSIS) read_analysis(size <= 1 && kind == ANALYSIS);
  edit_require_closed(false);
  return 0;
}
