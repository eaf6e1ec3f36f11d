/* Fuzz target: status files of runs. What is read is drawn in lines of visible characters, none
 * wider than the terminal, and written again as a document that is read. */
#include "fuzz.h"

#include "lockstep/error.h"
#include "status/file.h"
#include "status/view.h"

#include <stdbool.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  return 0;
}

static void draw(const ls_run_status *status, int width, int lines) {
  ls_text view = {0};
  ls_status_add_view(&view, status, &(ls_view_size){width, lines});
  require(view.data && ls_text_width(view.data) <= (size_t)width, "lines within the terminal");
  for (const char *c = view.data; *c; c++) {
    require(*c == '\n' || (unsigned char)*c >= ' ', "visible characters");
  }
  ls_text_free(&view);
}

static void write_again(const ls_run_status *status) {
  ls_text text = {0};
  ls_memory memory = {0};
  ls_run_status again;
  ls_text_add(&text, "{");
  ls_status_add_header(&text, status);
  ls_text_add(&text, ",");
  ls_status_add_progress(&text, status);
  ls_text_add(&text, ",");
  ls_status_add_life(&text, status);
  ls_text_add(&text, "}");
  put_file(1, text.data, text.length);
  require(ls_status_read(&again, &memory, file_path(1)) == LS_OK, "a document that is read");
  require(again.running_count == status->running_count && again.ended == status->ended,
          "the same status");
  ls_text_free(&text);
  ls_memory_free(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ls_run_status status;
  ls_memory memory = {0};
  put_file(0, data, size);
  int read = ls_status_read(&status, &memory, file_path(0));
  require_outcome(read);
  if (read == LS_OK) {
    draw(&status, 80, 0);
    draw(&status, 21, 5);
    write_again(&status);
  }
  ls_memory_free(&memory);
  return 0;
}
