/* The different models of a job's trials. */
#include "run/architectures.h"

#include "lockstep/error.h"
#include "nn/model/table.h"

#include <string.h>

static bool same_row(const ls_layer_row *a, const ls_layer_row *b) {
  return a->parameters == b->parameters && a->frozen == b->frozen &&
         strcmp(a->name, b->name) == 0 && strcmp(a->type, b->type) == 0 &&
         strcmp(a->activation, b->activation) == 0 && strcmp(a->head, b->head) == 0 &&
         strcmp(a->output, b->output) == 0;
}

static bool same_table(const ls_layer_table *a, const ls_layer_table *b) {
  bool same = a->count == b->count;
  for (size_t i = 0; i < a->count && same; i++) same = same_row(&a->rows[i], &b->rows[i]);
  return same;
}

static bool is_known(const ls_architectures *n, const ls_layer_table *table) {
  for (size_t i = 0; i < n->count; i++) {
    if (same_table(&n->tables[i], table)) return true;
  }
  return false;
}

/* A copy in the memory of the list, for the trial's plan is released. */
static int keep(ls_architectures *n, const ls_job *job, size_t trial, const ls_layer_table *table) {
  char name[256];
  ls_layer_table *own = &n->tables[n->count];
  ls_job_trial_name(job, trial, name, sizeof name);
  own->trial = ls_memory_text(&n->memory, "%s", name);
  own->rows = ls_memory_new(&n->memory, table->count, sizeof *own->rows);
  own->count = own->rows ? table->count : 0;
  for (size_t i = 0; i < own->count; i++) {
    ls_layer_row *row = &own->rows[i];
    *row = table->rows[i];
    const char **texts[] = {&row->name, &row->type, &row->activation, &row->head, &row->output};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
      *texts[k] = ls_memory_text(&n->memory, "%s", *texts[k]);
    }
  }
  n->trials[n->count++] = trial;
  return ls_memory_status(&n->memory);
}

int ls_architectures_add(ls_architectures *n, const ls_job *job, size_t trial, size_t replicates,
                         const ls_plan *plan) {
  ls_memory memory = {0};
  ls_layer_table table;
  int status = ls_model_table(&table, &memory, plan->model);
  if (status == LS_OK && !is_known(n, &table)) {
    if (n->count == LS_MOST_ARCHITECTURES) {
      n->left_out += replicates;
    } else {
      status = keep(n, job, trial, &table);
    }
  }
  ls_memory_free(&memory);
  return status;
}

void ls_architectures_free(ls_architectures *n) {
  ls_memory_free(&n->memory);
  *n = (ls_architectures){0};
}
