/* Comparing jobs: with the text that results or models record, and point by point. */
#include "base/memory.h"
#include "base/text.h"
#include "job/differences.h"
#include "job/job_internal.h"
#include "job/tree_digest.h"
#include "lockstep/error.h"

#include <stdlib.h>

/* Reads the recorded job, and its text with the defaults of this version filled in; both stay NULL
 * if this version refuses it. */
static int complete(ls_job **past, ls_node **out, ls_arena *arena, const ls_job *job,
                    const char *recorded) {
  int status = ls_job_read(past, "job", recorded, NULL, 0, job->recipe);
  if (status == LS_OK) return ls_tree_read(out, arena, (*past)->text, (ls_place){"job", 1});
  if (status != LS_INVALID) return status;
  ls_error_clear();
  return LS_OK;
}

static int describe_differences(char **out, ls_job **read, ls_arena *arena, const ls_job *job,
                                const char *recorded) {
  ls_node *past = NULL, *present = NULL, *completed = NULL;
  int status = ls_tree_read(&past, arena, recorded, (ls_place){"job", 1});
  if (status == LS_OK) status = ls_tree_read(&present, arena, job->text, (ls_place){"job", 1});
  if (status != LS_OK || ls_differences(NULL, past, present, NULL) == 0) return status;
  status = complete(read, &completed, arena, job, recorded);
  if (status != LS_OK) return status;
  ls_text text = {0};
  if (ls_differences(&text, past, present, completed) == 0) return LS_OK;
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int ls_job_compare(char **out, ls_job **past, const ls_job *job, const char *recorded) {
  ls_arena arena = {0};
  *out = NULL;
  *past = NULL;
  int status = describe_differences(out, past, &arena, job, recorded);
  ls_arena_free(&arena);
  return status;
}

int ls_job_differences(char **out, const ls_job *job, const char *recorded) {
  ls_job *past = NULL;
  int status = ls_job_compare(out, &past, job, recorded);
  ls_job_free(&past);
  return status;
}

int ls_job_essence(char **out, const ls_job *job) {
  ls_arena arena = {0};
  ls_text text = {0};
  ls_node *root = NULL;
  int status = ls_tree_read(&root, &arena, job->text, (ls_place){"job", 1});
  if (status == LS_OK) {
    ls_differences_reduce(root);
    ls_tree_add_block(&text, root);
  }
  ls_arena_free(&arena);
  *out = ls_text_take(&text);
  return status != LS_OK || *out ? status : LS_FAILED;
}

int ls_job_digest_point(ls_digest128 *out, const ls_job *job, size_t point, bool epochs) {
  ls_arena arena = {0};
  ls_node *resolved = NULL;
  size_t *index = ls_new(job->sweep.variables.count, sizeof *index);
  int status = index ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    ls_axes_values(&job->sweep, point, index);
    status = ls_job_fill(&resolved, &arena, job, index);
  }
  /* A copy is changed, since the job has parts of the tree itself. */
  ls_node *copy = status == LS_OK ? ls_node_copy(&arena, resolved) : NULL;
  if (copy) {
    ls_differences_reduce(copy);
    ls_node_remove(copy, "name");
    ls_node *train = ls_node_find(copy, "train");
    if (!epochs && train) ls_node_remove(train, "epochs");
    status = ls_tree_digest(out, copy);
  } else if (status == LS_OK) {
    status = LS_FAILED;
  }
  free(index);
  ls_arena_free(&arena);
  return status;
}
