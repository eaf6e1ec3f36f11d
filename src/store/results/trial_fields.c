/* The integers of trials: one table says what each can be. */
#include "store/results/trial_fields.h"

#include "base/memory.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/results.h"

#include <limits.h>
#include <stdlib.h>

enum { EPOCHS = -1 }; /* as the most: the number of epochs in the file */

typedef struct trial_field {
  const char *name;
  int64_t most; /* the least is 0 */
  bool required;
} trial_field;

static const trial_field fields[] = {
    {"status", LS_TRIAL_STATES - 1, true}, {"shards", INT_MAX, true},
    {"epochs_run", EPOCHS, true},          {"best_epoch", EPOCHS, true},
    {"best_restored", 1, false},           {"train_samples", (int64_t)1 << 53, false},
};
enum { STATUS, SHARDS, FIELDS = sizeof fields / sizeof *fields };

static int read_most(int64_t *most, hid_t file, const trial_field *field) {
  ls_h5_shape epochs;
  *most = field->most;
  if (field->most != EPOCHS) return LS_OK;
  int status = ls_h5_describe(file, "epoch", &epochs);
  *most = epochs.rank == 1 ? (int64_t)epochs.extent[0] : 0;
  return status;
}

static int read_field(hid_t file, const ls_job *job, const trial_field *field, int64_t *values) {
  int64_t most;
  int status = read_most(&most, file, field);
  if (status != LS_OK) return status;
  return ls_h5_read_integers(file, field->name, (ls_h5_range){0, most}, ls_job_trials(job), values);
}

static int check_others(hid_t file, const ls_job *job, int64_t *values) {
  int status = LS_OK;
  for (size_t i = 0; i < FIELDS && status == LS_OK; i++) {
    if (i == STATUS || (!fields[i].required && !ls_h5_has(file, fields[i].name))) continue;
    status = read_field(file, job, &fields[i], values);
  }
  return status;
}

int trial_fields_read_states(hid_t file, const ls_job *job, signed char *states) {
  size_t trials = ls_job_trials(job);
  int64_t *values = ls_new(trials, sizeof *values);
  int status = values ? check_others(file, job, values) : LS_FAILED;
  if (status == LS_OK) status = read_field(file, job, &fields[STATUS], values);
  for (size_t t = 0; t < trials && status == LS_OK; t++) states[t] = (signed char)values[t];
  free(values);
  return status;
}

int trial_fields_read_shards(hid_t file, const ls_job *job, int *shards) {
  size_t trials = ls_job_trials(job);
  int64_t *values = ls_new(trials, sizeof *values);
  int status = values ? read_field(file, job, &fields[SHARDS], values) : LS_FAILED;
  for (size_t t = 0; t < trials && status == LS_OK; t++) shards[t] = (int)values[t];
  free(values);
  return status;
}
