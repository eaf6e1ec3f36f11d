/* Fuzz target: sources that `lockstep data` converts, but HDF5. An input is a file, whose first
 * bytes choose the format: .npy, .npz, netCDF-3, PNG, JPEG, else CSV, plain or gzip. All columns
 * are encoded, and the encoding is stored and read back. */
#include "fuzz.h"

#include "lockstep/error.h"
#include "prepare/encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What this target has memory for: a header may promise samples of up to 1 GiB. */
enum { MOST_COLUMNS = 64, MOST_WIDTH = 1 << 20, BLOCK = 7, MOST_SAMPLES = 1000 };

static char path[4096]; /* a link to the file, with the ending of a CSV file */

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  return 0;
}

static void make_link(void) {
  if (*path) return;
  snprintf(path, sizeof path, "%s.csv", file_path(0));
  require(symlink(file_path(0), path) == 0, "a link");
}

/* Stores the encoding and applies what is read back to all samples. */
static void apply(ls_source *source, const ls_encoding *encoding) {
  ls_encoding *again = NULL;
  ls_encoder *encoder = NULL;
  char *json = NULL;
  double *rows = malloc(BLOCK * source->width * sizeof *rows);
  float *x = malloc(encoding->width * sizeof *x);
  size_t places[BLOCK], got = 1, done = 0;
  require(rows && x && ls_encoding_format(&json, encoding) == LS_OK, "memory");
  require(ls_encoding_parse(&again, json, path) == LS_OK, "an encoding that is read back");
  require(again->width == encoding->width, "the width that was stored");
  require(ls_encoder_create(&encoder, again, source) == LS_OK, "the same columns");
  while (got > 0 && done < MOST_SAMPLES) {
    int status = ls_source_read(source, BLOCK, rows, places, &got);
    require_outcome(status);
    for (size_t i = 0; status == LS_OK && i < got; i++) {
      require_outcome(ls_encoder_apply(encoder, rows + i * source->width, places[i], x));
    }
    done += got;
    if (status != LS_OK) break;
  }
  free(json);
  free(rows);
  free(x);
  ls_encoder_free(&encoder);
  ls_encoding_free(&again);
}

/* An input may also be an encoding as a dataset stores it. */
static void parse(const uint8_t *data, size_t size) {
  ls_encoding *encoding = NULL;
  char *json = malloc(size + 1);
  require(json != NULL, "memory");
  memcpy(json, data, size);
  json[size] = '\0';
  require_outcome(ls_encoding_parse(&encoding, json, "input"));
  ls_encoding_free(&encoding);
  free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const ls_column *columns[MOST_COLUMNS];
  ls_encoding *encoding = NULL;
  ls_source *source = NULL;
  if (size > 0 && *data == '[') parse(data, size);
  if (size >= 4 && memcmp(data, "\x89HDF", 4) == 0) return -1;
  put_file(0, data, size);
  make_link();
  int status = ls_source_open(&source, path, &(ls_source_options){0});
  require_outcome(status);
  require((status == LS_OK) == (source != NULL), "a source, or an error");
  if (!source) return 0;
  if (source->column_count <= MOST_COLUMNS && source->width <= MOST_WIDTH) {
    for (size_t i = 0; i < source->column_count; i++) columns[i] = &source->columns[i];
    require(ls_encoding_create(&encoding, columns, source->column_count, true) == LS_OK, "memory");
    if (encoding->width > 0) apply(source, encoding);
    ls_encoding_free(&encoding);
  }
  ls_source_close(&source);
  return 0;
}
