/* What the file records is compared with the plan before anything is changed. */
#include "store/results/existing.h"

#include "base/print.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/extend.h"
#include "store/results/hold.h"
#include "store/results/owner.h"
#include "store/results/renumber.h"
#include "store/results/slices.h"
#include "store/results/structure.h"

#include <stdio.h>
#include <unistd.h>

/* Compares the job, the data and the owner of the models with those of the plan. A slice is never
 * extended, since its trials would not be those of the others. */
static int compare(ls_extension *extension, const ls_results_plan *plan, char id[OWNER_ID]) {
  hid_t file = -1;
  bool known = true;
  int status = ls_h5_open(&file, plan->path);
  if (status == LS_OK && slices_include(plan->path, plan->whole)) {
    status = structure_check_job(file, plan->path, plan->job);
  }
  if (status == LS_OK) status = structure_compare_job(extension, file, plan->path, plan->job);
  if (status == LS_OK) status = structure_check_digests(file, plan->path, plan->digests, &known);
  if (status == LS_OK) status = owner_continue(id, file, plan);
  if (!known) {
    ls_print(stderr,
             "lockstep: %s: an earlier version wrote it, without digests of the data: whether they "
             "have changed is not known\n",
             plan->path);
  }
  ls_h5_close(&file);
  return status;
}

/* While no other program has the file open for writing. */
static int extend(const existing_file *file, const ls_results_plan *plan,
                  const ls_extension *extension) {
  int held = -1, status = hold_file(&held, file->path, file->exclusive);
  if (status == LS_OK) status = results_extend(file->path, file->owner, plan, extension);
  if (held >= 0) close(held);
  return status;
}

static void report(const ls_results_plan *plan, const ls_extension *extension) {
  ls_print(stderr, "lockstep: %s: the job extends that of the file: %zu of %zu trials are new%s\n",
           plan->path, ls_job_trials(plan->job) - extension->kept, ls_job_trials(plan->job),
           extension->longer ? ", the others get more epochs" : "");
}

static int renumber(const existing_file *file, const ls_results_plan *plan) {
  if (!plan->whole || slices_include(plan->path, plan->whole)) return LS_OK;
  return renumber_complete(file->path, plan->whole, file->owner);
}

int existing_prepare(const existing_file *file, const ls_results_plan *plan, provenance *run) {
  ls_extension extension = {0};
  int status = compare(&extension, plan, run->id);
  if (status == LS_OK) status = renumber(file, plan);
  if (status == LS_OK && !extension.same) {
    status = extend(file, plan, &extension);
    if (status == LS_OK) status = renumber(file, plan);
    if (status == LS_OK) report(plan, &extension);
  }
  ls_extension_free(&extension);
  return status;
}
