/* Fuzz target: checkpoints, which are model files too. Each file is read unchanged, when its
 * checksum is mostly wrong, and again with a new checksum, so that the readers behind that check
 * see it. */
#include "fuzz.h"
#include "hdf5_edit.h"

#include "h5/h5.h"
#include "job/job.h"
#include "lockstep/error.h"
#include "store/checkpoint/checkpoint.h"
#include "store/checkpoint/checksum.h"
#include "store/checkpoint/model_file.h"
#include "trial/recipe.h"

#include <stdlib.h>

#define LAYERS "model_weights"
#define OWN "lockstep"
static const edit_place places[] = {
    {".", "model_config"},
    {LAYERS, NULL},
    {LAYERS, "layer_names"},
    {LAYERS "/dense", NULL},
    {LAYERS "/dense", "weight_names"},
    {LAYERS "/dense/dense/kernel:0", NULL},
    {LAYERS "/dense/dense/bias:0", NULL},
    {OWN, NULL},
    {OWN, "job"},
    {OWN, "trial"},
    {OWN, "shards"},
    {OWN, "weights_hash"},
    {OWN, "epoch"},
    {OWN, "step"},
    {OWN, "updates"},
    {OWN, "seconds"},
    {OWN, "stopping_best_epoch"},
    {OWN, "stopping_waited"},
    {OWN, "plateau_waited"},
    {OWN, "ended"},
    {OWN "/rows", NULL},
    {OWN "/sums", NULL},
    {OWN "/optimizer", NULL},
    {OWN "/optimizer/slot_1", NULL},
    {OWN "/optimizer/slot_2", NULL},
    {OWN "/best", NULL},
    {OWN "/best", "epoch"},
    {OWN "/best", "weights_hash"},
    {OWN "/best/weights", NULL},
    {OWN "/best/slot_1", NULL},
};
enum { PLACES = sizeof places / sizeof *places, ROOM = 1 << 16 };

static const char job_text[] = "name: small\n"
                               "dataset: {name: digits}\n"
                               "model: [{dense: {units: 2, activation: softmax}}]\n"
                               "train: {epochs: 4, optimizer: {sgd: {momentum: 0.9, "
                               "learning_rate: 0.1}}, loss: categorical_crossentropy}\n";

enum { EPOCHS = 4, CURVES = 2, SUMS = 3, SHARDS = 2 };

static const char *const curve_names[] = {"loss", "val_loss"};
static ls_group group;
static ls_recipe recipe;
static ls_model *model;
static uint8_t sound[ROOM];
static size_t sound_size;

/* ---- What a trial has ------------------------------------------------------------------------ */

/* Memory of exactly the sizes that a checkpoint names, so that one byte more is seen. */
static ls_checkpoint make_checkpoint(void) {
  ls_checkpoint c = {.job = job_text,
                     .trial_name = "",
                     .dataset = "digits.h5",
                     .shards = SHARDS,
                     .partition = ls_block_cyclic_all(model->param_count),
                     .slot_count = 1,
                     .curve_count = CURVES,
                     .row_capacity = EPOCHS,
                     .curve_names = curve_names,
                     .sum_count = SUMS};
  ls_snapshot *snapshots[] = {&c.now, &c.best};
  for (int i = 0; i < 2; i++) {
    snapshots[i]->weights = calloc(model->param_count, sizeof(ls_real));
    snapshots[i]->slots[0] = calloc(model->param_count, sizeof(ls_real));
    require(snapshots[i]->weights && snapshots[i]->slots[0], "memory");
  }
  c.rows = calloc(EPOCHS * CURVES, sizeof *c.rows);
  c.sums = calloc(SUMS, sizeof *c.sums);
  require(c.rows && c.sums, "memory");
  return c;
}

static void free_checkpoint(ls_checkpoint *c) {
  free(c->now.weights);
  free(c->now.slots[0]);
  free(c->best.weights);
  free(c->best.slots[0]);
  free(c->rows);
  free(c->sums);
}

static void make_model(void) {
  ls_job *job = NULL;
  int status = ls_job_read(&job, "small.yaml", job_text, NULL, 0, &ls_recipe_component);
  if (status == LS_OK) status = ls_job_bind(job, 0, &recipe);
  ls_head_spec head = {.loss = recipe.train.objective.loss,
                       .weight = 1,
                       .target = {"y", false, 2, 1},
                       .where = "small.yaml"};
  if (status == LS_OK) {
    status = ls_model_create(&model, &recipe.model, &head, 1, &(ls_shape){1, {3}});
  }
  require(status == LS_OK, "a model");
  ls_job_free(&job);
}

/* A file within the third epoch, the best one being the first, written as training writes it. */
static void make_sound(void) {
  ls_checkpoint c = make_checkpoint();
  c.now.scalars = (ls_snapshot_scalars){.epoch = 2, .step = 5, .stopping.best_epoch = 1};
  c.best.scalars.epoch = 1;
  require(ls_checkpoint_write(file_path(1), NULL, model, &c, &group) == LS_OK, "a checkpoint");
  free_checkpoint(&c);
  sound_size = take_file(1, sound, ROOM);
}

/* Of the sanitizers, if there are any. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

/* What Open MPI keeps until the end is no leak. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  if (__lsan_disable) __lsan_disable();
  setenv("OMPI_MCA_io", "romio321", 0);
  require(MPI_Init(argc, argv) == MPI_SUCCESS, "MPI");
  require(ls_group_create(&group, MPI_COMM_SELF, 0) == LS_OK, "a group");
  make_model();
  make_sound();
  if (__lsan_enable) __lsan_enable();
  return 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Training resumes only from scalars within their ranges. */
static void check_scalars(const ls_snapshot_scalars *s) {
  const int64_t most = (int64_t)1 << 53;
  const int64_t counts[] = {(int64_t)s->epoch,  (int64_t)s->step,   (int64_t)s->stopping.best_epoch,
                            s->updates,         s->stopping.waited, s->plateau.waited,
                            s->plateau.cooldown};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    require(counts[i] >= 0 && counts[i] <= most, "a count within its range");
  }
  require(s->seconds >= 0 && s->epoch_seconds >= 0, "durations of 0 or more");
  require(s->plateau.scale >= 0 && s->plateau.scale <= 1, "a factor from 0 to 1");
  require(s->ended <= LS_TRIAL_FAILED, "a trial's status");
}

static void read_checkpoint(bool expect_ok) {
  ls_checkpoint c = make_checkpoint();
  int status = ls_checkpoint_read(file_path(0), model, &c, &group);
  require(!expect_ok || status == LS_OK, "a sound file that is accepted");
  require_outcome(status);
  if (status == LS_OK) check_scalars(&c.now.scalars);
  if (status == LS_OK && c.best.scalars.epoch > 0) check_scalars(&c.best.scalars);
  free_checkpoint(&c);
}

static void read_model_file(void) {
  char *job = NULL;
  size_t trial = 0;
  ls_shape shape;
  bool raw;
  ls_real *weights = malloc(model->param_count * sizeof *weights);
  require_outcome(ls_model_file_read(file_path(0), model, weights));
  int status = ls_model_file_job(file_path(0), &job, &trial);
  require_outcome(status);
  require((status == LS_OK) == (job != NULL), "a job, or an error");
  require(status != LS_OK || trial < 0x1p53, "a trial's number");
  free(job);
  require_outcome(ls_model_file_input(file_path(0), &shape, &raw));
  free(weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bool whole = edit_is_file(data, size, CHECKSUM_BYTES);
  put_file(0, whole ? data : sound, whole ? size : sound_size);
  if (!whole) edit_file(file_path(0), places, PLACES, data, size);
  edit_require_closed(true);
  read_checkpoint(size == 0);
  require(checksum_write(file_path(0)) == LS_OK, "a checksum");
  read_checkpoint(size == 0);
  read_model_file();
  edit_require_closed(false);
  return 0;
}
