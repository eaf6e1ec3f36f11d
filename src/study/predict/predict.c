/* Predicting in blocks: rank 0 reads and writes, all ranks run samples through the models. */
#include "study/predict/predict.h"

#include "base/partition.h"
#include "base/print.h"
#include "lockstep/error.h"
#include "nn/model/model.h"
#include "study/predict/input.h"
#include "study/predict/writer.h"

#include <string.h>
#include <unistd.h>

/* The numbers of a block's inputs and outputs take about this much memory, and at least that of one
 * chunk. */
enum { BLOCK_BYTES = 32 << 20, MOST_CHUNKS = 64 };

typedef struct prediction_run {
  const ls_group *world;
  predict_subject subject; /* input and predictions are on rank 0, like the writer */
  predict_writer writer;
  size_t count; /* samples */
  size_t block; /* samples of a block: a multiple of ENSEMBLE_CHUNK */
  ls_memory memory;
  ls_real *x;  /* [sample, input] */
  ls_real **y; /* [model * head_count + head] of [sample, width] */
} prediction_run;

/* ---- Memory ---------------------------------------------------------------------------------- */

static size_t choose_block(const ensemble *e) {
  size_t numbers = e->input_size;
  for (size_t h = 0; h < e->head_count; h++) {
    numbers += e->count * e->heads[h].width + 2 * e->heads[h].count;
  }
  size_t chunks = BLOCK_BYTES / (numbers * sizeof(ls_real) * ENSEMBLE_CHUNK);
  if (chunks < 1) chunks = 1;
  return ENSEMBLE_CHUNK * (chunks < MOST_CHUNKS ? chunks : MOST_CHUNKS);
}

static int allocate(prediction_run *r) {
  const ensemble *e = &r->subject.models;
  const size_t outputs = e->count * e->head_count;
  r->block = choose_block(e);
  if (r->block > r->count) r->block = r->count;
  r->x = ls_memory_new(&r->memory, r->block * e->input_size, sizeof *r->x);
  r->y = ls_memory_new(&r->memory, outputs, sizeof(ls_real *));
  for (size_t k = 0; r->y && k < outputs; k++) {
    const size_t width = e->heads[k % e->head_count].width;
    r->y[k] = ls_memory_new(&r->memory, r->block * width, sizeof *r->y[k]);
  }
  int status = ls_memory_status(&r->memory);
  if (status != LS_OK || r->world->rank > 0) return status;
  return predictions_create(&r->memory, &r->subject.predictions, e, r->block);
}

/* ---- A block --------------------------------------------------------------------------------- */

/* The first sample of a rank's share of n samples: whole chunks, the same for any number of ranks.
 */
static size_t share_begin(const prediction_run *r, size_t n, int rank) {
  const size_t chunks = (n + ENSEMBLE_CHUNK - 1) / ENSEMBLE_CHUNK;
  const size_t begin =
      ENSEMBLE_CHUNK * ls_partition_begin(chunks, (size_t)r->world->size, (size_t)rank);
  return begin < n ? begin : n;
}

/* Local: runs this rank's share through the models. */
static int run_share(prediction_run *r, size_t n) {
  const ensemble *e = &r->subject.models;
  const size_t begin = share_begin(r, n, r->world->rank);
  const size_t end = share_begin(r, n, r->world->rank + 1);
  int status = LS_OK;
  for (size_t m = 0; m < e->count && status == LS_OK; m++) {
    ls_real *y[LS_MAX_HEADS];
    for (size_t h = 0; h < e->head_count; h++) {
      y[h] = r->y[m * e->head_count + h] + begin * e->heads[h].width;
    }
    status = ls_predictor_run(e->models[m], end - begin, r->x + begin * e->input_size, y);
  }
  return status;
}

/* Collective: completes the outputs, of which each rank has its share. */
static int gather(prediction_run *r, size_t n) {
  const ensemble *e = &r->subject.models;
  int status = LS_OK;
  for (int rank = 1; rank < r->world->size; rank++) {
    const size_t begin = share_begin(r, n, rank), end = share_begin(r, n, rank + 1);
    for (size_t k = 0; k < e->count * e->head_count && begin < end && status == LS_OK; k++) {
      const size_t width = e->heads[k % e->head_count].width;
      status = ls_group_broadcast(r->world, r->y[k] + begin * width,
                                  (end - begin) * width * sizeof *r->y[k], rank);
    }
  }
  return status;
}

static int combine(prediction_run *r, size_t first, size_t n) {
  int status = predictions_combine(r->subject.predictions, &r->subject.models, r->y, first, n);
  return status == LS_OK ? r->writer.type->write(&r->writer, first, n) : status;
}

/* Collective. */
static int predict_block(prediction_run *r, size_t first, size_t n) {
  predict_input *input = r->subject.input;
  const bool writes = r->world->rank == 0;
  int status = writes ? input->type->read(input, first, n, r->x) : LS_OK;
  status = ls_group_agree(r->world, status);
  if (status != LS_OK) return status;
  status = ls_group_broadcast(r->world, r->x, n * r->subject.models.input_size * sizeof *r->x, 0);
  if (status == LS_OK) status = ls_group_agree(r->world, run_share(r, n));
  if (status == LS_OK) status = gather(r, n);
  if (status != LS_OK) return status;
  return ls_group_agree(r->world, writes ? combine(r, first, n) : LS_OK);
}

/* ---- All samples ----------------------------------------------------------------------------- */

/* Shows how far it is, on a terminal where no predictions are printed. */
static void show_progress(const prediction_run *r, size_t done) {
  if (r->world->rank > 0 || !r->subject.options->file.path || !isatty(STDERR_FILENO)) return;
  ls_print(stderr, "\r%zu of %zu samples", done, r->count);
  if (done == r->count) ls_print(stderr, "\n");
}

/* Prints a note on a file of an earlier version. */
static void note_version(const ensemble *e) {
  if (ls_predictor_is_described(e->models[0])) return;
  ls_print(stderr,
           "lockstep: %s: an earlier version wrote it, without the classes of its outputs, which "
           "are written as values\n",
           e->paths[0]);
}

static int open_writer(prediction_run *r, FILE *out) {
  const char *path = r->subject.options->file.path;
  const size_t length = path ? strlen(path) : 0;
  r->writer.subject = &r->subject;
  if (length > 3 && strcmp(path + length - 3, ".h5") == 0) return writer_open_h5(&r->writer);
  return writer_open_csv(&r->writer, out);
}

/* Collective. */
static int open_all(prediction_run *r, FILE *out) {
  const ls_predict_options *o = r->subject.options;
  const bool first = r->world->rank == 0;
  int status = ensemble_open(&r->subject.models, o->models, o->model_count);
  if (status == LS_OK && first) status = input_open(&r->subject.input, o, &r->subject.models);
  status = ls_group_agree(r->world, status);
  if (status != LS_OK) return status;
  if (first) note_version(&r->subject.models);
  if (first) r->count = r->subject.input->count;
  status = ls_group_broadcast(r->world, &r->count, sizeof r->count, 0);
  if (status == LS_OK) status = allocate(r);
  if (status == LS_OK && first) status = open_writer(r, out);
  return ls_group_agree(r->world, status);
}

static int finish(prediction_run *r, FILE *out) {
  int status = r->writer.type->finish(&r->writer);
  if (status == LS_OK && r->subject.options->file.path) {
    ls_print(out, "%s: %zu samples\n", r->subject.options->file.path, r->count);
  }
  return status;
}

int ls_study_predict(const ls_predict_options *options, const ls_group *world, FILE *out) {
  prediction_run r = {.world = world, .subject.options = options};
  int status = open_all(&r, out);
  for (size_t first = 0; first < r.count && status == LS_OK; first += r.block) {
    const size_t n = r.count - first < r.block ? r.count - first : r.block;
    status = predict_block(&r, first, n);
    if (status == LS_OK) show_progress(&r, first + n);
  }
  if (status == LS_OK) status = ls_group_agree(world, world->rank == 0 ? finish(&r, out) : LS_OK);
  if (r.writer.type) r.writer.type->close(&r.writer);
  input_close(&r.subject.input);
  ensemble_close(&r.subject.models);
  ls_memory_free(&r.memory);
  return status;
}
