/* Datasets that are named and not there. */
#include "cli/named_data.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "base/text.h"
#include "cli/data_make.h"
#include "lockstep/error.h"
#include "prepare/prepare.h"
#include "trial/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `job` NULL: the command line names it. */
static int fail_name(const ls_job *job, const char *name, const char *path) {
  const char *nearest = ls_nearest_name(name, ls_prepare_names, ls_prepare_name_count);
  ls_text text = {0};
  ls_text_add(&text, "no dataset '%s' (", name);
  if (nearest) {
    ls_text_add(&text, "did you mean '%s'?)", nearest);
  } else {
    ls_text_add(&text, "expected %s, or mnist, fashion_mnist, digits or clock)", path);
  }
  char *message = ls_text_take(&text);
  if (!message) return LS_FAILED;
  int status =
      job ? ls_job_fail(job, "dataset", "name", "%s", message) : ls_fail(LS_INVALID, "%s", message);
  free(message);
  return status;
}

static bool is_known(const char *name) {
  for (size_t i = 0; i < ls_prepare_name_count; i++) {
    if (strcmp(ls_prepare_names[i], name) == 0) return true;
  }
  return false;
}

/* Makes it as `lockstep data NAME` without options would. */
static int make(const char *name, const char *path) {
  data_request r = data_request_default();
  char *history = NULL, *summary = NULL;
  r.words[r.word_count++] = name;
  int status = data_request_check(&r);
  if (status == LS_OK) status = ls_make_parents(path);
  if (status == LS_OK && !(history = data_request_history(&r))) status = LS_FAILED;
  if (status == LS_OK) {
    ls_print(stderr, "lockstep: %s %s, as %s\n", r.generator ? "generating" : "fetching", name,
             path);
    status = data_make(&summary, &r, path, history);
  }
  free(history);
  free(summary);
  return status;
}

static int provide(const ls_job *job, const char *name) {
  char *path = NULL;
  int status = ls_dataset_path(&path, name);
  if (status == LS_OK && access(path, F_OK) != 0) {
    status = is_known(name) ? make(name, path) : fail_name(job, name, path);
  }
  free(path);
  return status;
}

static int provide_all(const ls_job *job) {
  char *last = NULL; /* the dataset of the point before */
  int status = LS_OK;
  const size_t trials = ls_job_trials(job), repeats = trials / ls_job_points(job);
  const size_t end = ls_job_varies(job, "dataset") ? trials : 1;
  for (size_t trial = 0; trial < end && status == LS_OK; trial += repeats) {
    ls_recipe recipe;
    status = ls_job_bind(job, trial, &recipe);
    if (status != LS_OK) break;
    const char *name = recipe.dataset.file ? NULL : recipe.dataset.name;
    if (name && !(last && strcmp(last, name) == 0)) {
      status = provide(job, name);
      free(last);
      last = ls_copy_text(name);
    }
    ls_component_clear(&ls_recipe_component, &recipe);
  }
  free(last);
  return status;
}

int cli_make_named_data(const ls_job *job, const ls_group *world) {
  int status = !world || world->rank == 0 ? provide_all(job) : LS_OK;
  return world ? ls_group_agree(world, status) : status;
}

int cli_make_dataset(const char *dataset, const ls_group *world) {
  if (!dataset || ls_dataset_is_path(dataset)) return LS_OK;
  return ls_group_agree(world, world->rank == 0 ? provide(NULL, dataset) : LS_OK);
}
