/* Inputs made of a source, such as a CSV file, as the inputs for training were made. */
#include "study/predict/input.h"

#include "lockstep/error.h"
#include "prepare/encoding.h"
#include "prepare/formats.h"

#include <stdlib.h>

typedef struct source_state {
  ls_source *source;
  ls_encoding *encoding;
  ls_encoder *encoder;
  const ensemble *models;
  size_t block; /* rows: room */
  double *rows; /* [block, width] */
  size_t *places;
  float *encoded; /* [input] */
  ls_memory memory;
} source_state;

/* ---- How to read ----------------------------------------------------------------------------- */

/* Columns of categories are read as texts, even if all of them look like numbers. */
static int list_texts(source_state *s, ls_source_options *o) {
  const ls_encoding *e = s->encoding;
  const char **texts = ls_memory_new(&s->memory, e->count, sizeof *texts);
  if (!texts) return LS_FAILED;
  for (size_t i = 0; i < e->count; i++) {
    if (e->features[i].categories) texts[o->text_column_count++] = e->features[i].column;
  }
  o->text_columns = texts;
  return LS_OK;
}

/* Names the columns by --x, one for each feature in its order. */
static int rename_features(source_state *s, const ls_source_options *o) {
  ls_encoding *e = s->encoding;
  if (o->name_count != e->count) {
    return ls_fail(LS_INVALID, "predict: --x: %zu names (expected %zu, the columns that %s takes)",
                   o->name_count, e->count, s->models->paths[0]);
  }
  for (size_t i = 0; i < e->count; i++) {
    free(e->features[i].column);
    e->features[i].column = ls_copy_text(o->names[i]);
    if (!e->features[i].column) return LS_FAILED;
  }
  return LS_OK;
}

/* Of a file of several arrays reads only those of the features, unless they are named. */
static int list_columns(source_state *s, ls_source_options *o, const char *path) {
  const ls_encoding *e = s->encoding;
  char **arrays = NULL;
  size_t count = 0;
  int status = o->names ? LS_OK : ls_source_list(path, &arrays, &count);
  for (size_t i = 0; i < count; i++) free(arrays[i]);
  free(arrays);
  if (status != LS_OK || count < 2) return status;
  const char **names = ls_memory_new(&s->memory, e->count, sizeof *names);
  for (size_t i = 0; names && i < e->count; i++) names[i] = e->features[i].column;
  o->names = names;
  o->name_count = e->count;
  return ls_memory_status(&s->memory);
}

/* Images are scaled to the size of the model's inputs. */
static void set_image_size(const source_state *s, ls_source_options *o) {
  const ls_shape input = ls_predictor_input(s->models->models[0]);
  if (input.rank != 3 || (input.extent[2] != 1 && input.extent[2] != 3)) return;
  o->height = (size_t)input.extent[0];
  o->width = (size_t)input.extent[1];
  o->channels = (size_t)input.extent[2];
  o->crop = s->encoding && s->encoding->count == 1 && s->encoding->features[0].crop;
}

/* Options for a model whose inputs were made of columns. */
static int set_columns(source_state *s, ls_source_options *o, const char *path, const char *json) {
  int status = ls_encoding_parse(&s->encoding, json, s->models->paths[0]);
  if (status == LS_OK && o->names) status = rename_features(s, o);
  if (status == LS_OK) status = list_columns(s, o, path);
  return status == LS_OK ? list_texts(s, o) : status;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* For a model whose inputs were not made of columns: the columns are the inputs, in their order or
 * in that of `names`. Of images only the pixels are. */
static int take_columns(source_state *s, const ls_source_options *o) {
  const ls_source *source = s->source;
  const bool images = source->format == &ls_image_format;
  const size_t count = images ? 1 : o->names ? o->name_count : source->column_count;
  const ls_column **columns = ls_memory_new(&s->memory, count, sizeof *columns);
  if (!columns) return LS_FAILED;
  for (size_t i = 0; i < count; i++) {
    columns[i] = o->names ? ls_source_find(source, o->names[i]) : &source->columns[i];
    if (!columns[i]) return LS_INVALID;
    if (columns[i]->text) {
      return ls_fail(
          LS_INVALID,
          "%s: column %s: has texts (expected numbers, as %s takes; --x selects columns)",
          source->path, columns[i]->name, s->models->paths[0]);
    }
  }
  return ls_encoding_create(&s->encoding, columns, count, false);
}

static int check_size(const source_state *s) {
  if (s->encoding->width == s->models->input_size) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: has samples of %zu numbers (expected %zu, as %s takes; --x selects columns)",
                 s->source->path, s->encoding->width, s->models->input_size, s->models->paths[0]);
}

/* The only array of a file is the only input, whatever its name. */
static int take_only_array(source_state *s) {
  const ls_source *source = s->source;
  if (s->encoding->count > 1 || source->column_count > 1 || source->format == &ls_csv_format) {
    return LS_OK;
  }
  const char *name = source->columns[0].name;
  const ls_source_options only = {.names = &name, .name_count = 1};
  return rename_features(s, &only);
}

/* Opens the source and finds the columns for the inputs in it. */
static int open_source(source_state *s, const ls_predict_options *options) {
  const char *json = ls_predictor_encoding(s->models->models[0]);
  ls_source_options reading = options->reading;
  int status = json ? set_columns(s, &reading, options->data, json) : LS_OK;
  set_image_size(s, &reading);
  if (status == LS_OK) status = ls_source_open(&s->source, options->data, &reading);
  if (status == LS_OK) status = json ? take_only_array(s) : take_columns(s, &reading);
  if (status == LS_OK) status = check_size(s);
  return status == LS_OK ? ls_encoder_create(&s->encoder, s->encoding, s->source) : status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int encode(const source_state *s, size_t row, ls_real *x) {
  const ls_real scale = (ls_real)ls_predictor_scale(s->models->models[0]);
  int status =
      ls_encoder_apply(s->encoder, s->rows + row * s->source->width, s->places[row], s->encoded);
  for (size_t k = 0; k < s->models->input_size && status == LS_OK; k++) {
    x[k] = (ls_real)s->encoded[k] * scale;
  }
  return status;
}

static int read_source(predict_input *input, size_t first, size_t n, ls_real *x) {
  source_state *s = input->state;
  (void)first; /* the next ones */
  int status = LS_OK;
  for (size_t done = 0, got = 0; done < n && status == LS_OK; done += got) {
    size_t limit = n - done < s->block ? n - done : s->block;
    status = ls_source_read(s->source, limit, s->rows, s->places, &got);
    if (status == LS_OK && got == 0) {
      status = ls_fail(LS_INVALID, "%s: has changed while it was read", s->source->path);
    }
    for (size_t i = 0; i < got && status == LS_OK; i++) {
      status = encode(s, i, x + (done + i) * input->size);
    }
  }
  return status;
}

static void close_source(predict_input *input) {
  source_state *s = input->state;
  ls_encoder_free(&s->encoder);
  ls_encoding_free(&s->encoding);
  ls_source_close(&s->source);
  ls_memory_free(&s->memory);
  free(s);
}

/* The number of an image is its place. */
static void name_file(const predict_input *input, size_t sample, char *out, size_t size) {
  ls_source_place(((const source_state *)input->state)->source, sample, out, size);
}

int input_open_source(predict_input *input, const ls_predict_options *options, const ensemble *e) {
  static const input_type table = {read_source, close_source, NULL};
  static const input_type images = {read_source, close_source, name_file};
  source_state *s = ls_new(1, sizeof *s);
  if (!s) return LS_FAILED;
  s->models = e;
  input->type = &table;
  input->state = s;
  int status = open_source(s, options);
  if (status == LS_OK && s->source->format == &ls_image_format) input->type = &images;
  if (status == LS_OK) status = ls_source_rewind(s->source);
  if (status != LS_OK) return status;
  input->count = s->source->count;
  s->block = ls_source_block(s->source);
  s->rows = ls_memory_new(&s->memory, s->block, s->source->width * sizeof *s->rows);
  s->places = ls_memory_new(&s->memory, s->block, sizeof *s->places);
  s->encoded = ls_memory_new(&s->memory, input->size, sizeof *s->encoded);
  return ls_memory_status(&s->memory);
}
