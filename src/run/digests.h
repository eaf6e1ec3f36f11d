/* The data that a job's trials read, identified by their content. */
#ifndef LS_RUN_DIGESTS_H
#define LS_RUN_DIGESTS_H

#include "comm/group.h"
#include "store/digests.h"
#include "trial/plan.h"

/* The different datasets of a job's trials. Start from {0}. */
typedef struct ls_dataset_list {
  const char **paths; /* of the files */
  size_t *trials;     /* the first trial with each */
  size_t count;
  ls_memory memory;
} ls_dataset_list;

/* Appends the plan's dataset unless the list has it, and sets *added. Local. */
int ls_dataset_list_add(ls_dataset_list *list, const ls_plan *plan, size_t trial, bool *added);
void ls_dataset_list_free(ls_dataset_list *list);

/* Collective: the digests of the datasets in rank 0's list and, with `weights`, of what the layers
 * of any trial take from files, in `digests` on all ranks. LS_INVALID if such a file does not have
 * what a layer needs. */
int ls_digests_of_job(ls_digests *digests, const ls_job *job, const ls_dataset_list *list,
                      bool weights, const ls_group *world);

#endif
