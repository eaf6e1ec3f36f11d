/* Keeping plans. */
#include "trial/plan_list.h"

#include "lockstep/error.h"

static bool is_kept(const ls_plan_list *list, const ls_plan *plan) {
  bool kept = false;
  for (size_t i = 0; i < list->count; i++) kept |= list->kept[i] == plan;
  return kept;
}

int ls_plan_list_create(ls_plan_list *list, ls_plan **out, const ls_job *job, size_t trial) {
  int status =
      ls_plan_create_beside(out, job, trial, (const ls_plan *const *)list->kept, list->count);
  if (status != LS_OK) return status;
  bool own = !(*out)->lender;
  if (own && list->count < list->most) list->kept[list->count++] = *out;
  return LS_OK;
}

void ls_plan_list_release(ls_plan_list *list, ls_plan **plan) {
  if (!is_kept(list, *plan)) ls_plan_free(plan);
  *plan = NULL;
}

void ls_plan_list_free(ls_plan_list *list) {
  while (list->count > 0) ls_plan_free(&list->kept[--list->count]);
}
