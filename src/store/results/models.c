/* The group `models` of a results file: a group for each, with one dataset for each column of the
 * table of layers. */
#include "store/results/models.h"

#include "base/memory.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text of every row, by its place in the struct. */
static int make_column(hid_t group, const ls_layer_table *table, const char *name, size_t offset) {
  const char **texts = ls_new(table->count, sizeof *texts);
  for (size_t i = 0; texts && i < table->count; i++) {
    memcpy(&texts[i], (const char *)&table->rows[i] + offset, sizeof *texts);
  }
  int status = texts ? ls_h5_create_texts(group, name, table->count, texts) : LS_FAILED;
  free(texts);
  return status;
}

static int make_numbers_of_layers(hid_t group, const ls_layer_table *table) {
  hsize_t extent = table->count;
  uint64_t *parameters = ls_new(table->count, sizeof *parameters);
  uint8_t *frozen = ls_new(table->count, sizeof *frozen);
  int status = parameters && frozen ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < table->count && status == LS_OK; i++) {
    parameters[i] = table->rows[i].parameters;
    frozen[i] = table->rows[i].frozen;
  }
  const struct {
    const char *name;
    hid_t type;
    const void *values;
  } columns[] = {{"parameters", H5T_NATIVE_UINT64, parameters},
                 {"frozen", H5T_NATIVE_UINT8, frozen}};
  for (size_t i = 0; i < 2 && status == LS_OK; i++) {
    status = ls_h5_create_dataset(group, columns[i].name, columns[i].type, 1, &extent, NULL);
    if (status == LS_OK) {
      status = ls_h5_write(group, columns[i].name, columns[i].type, columns[i].values);
    }
  }
  free(parameters);
  free(frozen);
  return status;
}

static int make_model(hid_t models, const ls_layer_table *table, size_t number) {
  char name[24];
  hid_t group = -1;
  snprintf(name, sizeof name, "%zu", number);
  int status = ls_h5_create_group(&group, models, name);
  if (status == LS_OK) status = ls_h5_set_text(group, ".", "trial", table->trial);
  for (size_t i = 0; i < LS_LAYER_TEXTS && status == LS_OK; i++) {
    status = make_column(group, table, ls_layer_texts[i].name, ls_layer_texts[i].offset);
  }
  if (status == LS_OK) status = make_numbers_of_layers(group, table);
  ls_h5_close(&group);
  return status;
}

int results_make_models(hid_t file, const ls_results_plan *plan) {
  hid_t models = -1;
  int64_t left_out = (int64_t)plan->trials_left_out;
  int status = ls_h5_create_group(&models, file, "models");
  if (status == LS_OK) {
    status = ls_h5_set_values(models, ".", "trials_left_out", H5T_NATIVE_INT64, 1, &left_out);
  }
  for (size_t i = 0; i < plan->model_count && status == LS_OK; i++) {
    status = make_model(models, &plan->models[i], i + 1);
  }
  ls_h5_close(&models);
  return status;
}
