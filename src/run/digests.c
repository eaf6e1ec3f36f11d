/* Collecting the digests of all trials. */
#include "run/digests.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "trial/digests.h"
#include "trial/plan_list.h"

#include <stdlib.h>
#include <string.h>

int ls_dataset_list_add(ls_dataset_list *list, const ls_plan *plan, size_t trial, bool *added) {
  const char *path = plan->dataset->path;
  size_t count = list->count;
  *added = false;
  for (size_t i = count; i > 0; i--) { /* mostly the last one */
    if (strcmp(list->paths[i - 1], path) == 0) return LS_OK;
  }
  const char **paths = ls_memory_new(&list->memory, count + 1, sizeof *paths);
  size_t *trials = ls_memory_new(&list->memory, count + 1, sizeof *trials);
  path = ls_memory_text(&list->memory, "%s", path);
  if (ls_memory_status(&list->memory) != LS_OK) return LS_FAILED;
  if (count > 0) memcpy(paths, list->paths, count * sizeof *paths);
  if (count > 0) memcpy(trials, list->trials, count * sizeof *trials);
  paths[count] = path;
  trials[count] = trial;
  list->paths = paths;
  list->trials = trials;
  list->count++;
  *added = true;
  return LS_OK;
}

void ls_dataset_list_free(ls_dataset_list *list) {
  ls_memory_free(&list->memory);
  *list = (ls_dataset_list){0};
}

/* Collective. */
static int add_dataset(ls_digests *digests, const ls_job *job, size_t trial,
                       const ls_group *world) {
  ls_plan *plan = NULL;
  int status = ls_group_broadcast(world, &trial, sizeof trial, 0);
  if (status == LS_OK) status = ls_group_agree(world, ls_plan_create(&plan, job, trial));
  if (status == LS_OK) status = ls_digests_add_dataset(digests, plan, world);
  ls_plan_free(&plan);
  return status;
}

/* On rank 0. */
static int add_weights(ls_digests *digests, const ls_job *job) {
  ls_plan_list plans = {.most = 1};
  int status = LS_OK;
  const size_t trials = ls_job_trials(job), repeats = trials / ls_job_points(job);
  for (size_t trial = 0; trial < trials && status == LS_OK; trial += repeats) {
    ls_plan *plan = NULL;
    status = ls_plan_list_create(&plans, &plan, job, trial);
    if (status == LS_OK) status = ls_digests_add_weights(digests, plan);
    ls_plan_list_release(&plans, &plan);
  }
  ls_plan_list_free(&plans);
  return status;
}

int ls_digests_of_job(ls_digests *digests, const ls_job *job, const ls_dataset_list *list,
                      bool weights, const ls_group *world) {
  *digests = (ls_digests){0};
  size_t count = list->count;
  int status = ls_group_broadcast(world, &count, sizeof count, 0);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = add_dataset(digests, job, world->rank == 0 ? list->trials[i] : 0, world);
  }
  if (status == LS_OK) {
    bool adds = weights && world->rank == 0;
    status = ls_group_agree(world, adds ? add_weights(digests, job) : LS_OK);
  }
  return status == LS_OK ? ls_digests_broadcast(digests, world) : status;
}
