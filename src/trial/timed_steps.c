/* Training steps without anything between them. */
#include "trial/timed_steps.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"
#include "trial/epoch.h"
#include "trial/step.h"

#include <stdlib.h>

struct ls_timed_steps {
  const ls_plan *plan;
  ls_peers peers;
  ls_pool *pools[LS_PART_COUNT];
  ls_callbacks callbacks;
  trainer trainer;
  bool created;       /* the trainer was created */
  size_t epoch, step; /* the next one; step 0: the epoch has not begun */
};

static bool never(void *context) {
  (void)context;
  return false;
}

static void ignore(void *context, size_t epoch, size_t step, double loss) {
  (void)context, (void)epoch, (void)step, (void)loss;
}

static int load(ls_timed_steps *s, const ls_group *group) {
  const ls_plan *plan = s->plan;
  int status = LS_OK;
  s->peers = ls_group_peers(group, plan->recipe.train.reduction == LS_REDUCE_EXCHANGE);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (!ls_plan_uses(plan, (ls_part)part)) continue;
    status = ls_pool_load(&s->pools[part], plan->dataset, (ls_part)part, &s->peers);
  }
  return status;
}

int ls_timed_steps_create(ls_timed_steps **out, const ls_plan *plan, size_t shards,
                          const ls_group *group) {
  ls_timed_steps *s = *out = ls_new(1, sizeof *s);
  int status = ls_group_agree(group, s ? LS_OK : LS_FAILED);
  if (status != LS_OK) {
    free(s);
    *out = NULL;
    return status;
  }
  s->plan = plan;
  s->callbacks = (ls_callbacks){.stop = never, .step = ignore};
  status = load(s, group);
  if (status == LS_OK) {
    status = trainer_create(&s->trainer, plan, shards, group, s->pools, &s->callbacks);
  }
  s->created = status == LS_OK;
  if (status != LS_OK) ls_timed_steps_free(out);
  return status;
}

void ls_timed_steps_free(ls_timed_steps **steps) {
  ls_timed_steps *s = *steps;
  if (!s) return;
  if (s->created) trainer_destroy(&s->trainer);
  for (int part = 0; part < LS_PART_COUNT; part++) ls_pool_free(&s->pools[part]);
  free(s);
  *steps = NULL;
}

/* Collective: trains the next step. *counted tells whether it had all its samples. */
static int next_step(ls_timed_steps *s, double *seconds, bool *counted) {
  trainer *t = &s->trainer;
  uint32_t flags = 0;
  int status = s->step == 0 ? trainer_begin_epoch(t, s->epoch) : LS_OK;
  if (status != LS_OK) return status;
  double start = ls_clock_seconds();
  status = trainer_step(t, s->epoch, s->step, &flags);
  *seconds = ls_clock_seconds() - start;
  *counted = t->current.samples >= s->plan->batch || s->plan->steps == 1;
  if (status == LS_OK && (flags & STATUS_NOT_FINITE)) {
    return ls_fail(LS_FAILED, "the loss is not finite in step %zu of epoch %zu", s->step + 1,
                   s->epoch + 1);
  }
  if (++s->step == s->plan->steps) {
    s->step = 0;
    s->epoch = (s->epoch + 1) % s->plan->epochs;
  }
  return status;
}

int ls_timed_steps_run(ls_timed_steps *s, size_t times, double *seconds) {
  int status = LS_OK;
  *seconds = 0;
  while (times > 0 && status == LS_OK) {
    double took;
    bool counted = false;
    status = next_step(s, &took, &counted);
    if (!counted) continue;
    *seconds += took;
    times--;
  }
  return status;
}
