/* The families that job files choose from: the lists of families.h, and what a program registers;
 * and what their members share. */
#include "optim/families.h"

#include "lockstep/error.h"

#include <math.h>

#define COMPONENT_OF_SCHEDULE(name) &ls_schedule_##name.component,
#define COMPONENT_OF_OPTIMIZER(name) &ls_optimizer_##name.component,

static const ls_component *const schedules[] = {LS_SCHEDULES(COMPONENT_OF_SCHEDULE)};
static const ls_component *const optimizers[] = {LS_OPTIMIZERS(COMPONENT_OF_OPTIMIZER)};

#define FAMILY(kind, list, purpose)                                                                \
  { kind, list, sizeof list / sizeof *list, purpose, false }
ls_family ls_schedules =
    FAMILY("schedule", schedules, "Learning rates. Steps are counted in minibatches");
ls_family ls_optimizers =
    FAMILY("optimizer", optimizers,
           "The arithmetic is that of Keras 3. Weights are first multiplied by 1 - weight_decay "
           "times the learning rate. Before that, and with penalties in it, the gradient is "
           "clipped by one of clipvalue, clipnorm and global_clipnorm, if given. With use_ema the "
           "moving average of the weights follows each update; frozen weights and running means "
           "have none");

int ls_schedule_register(const ls_schedule_type *type) {
  if (!type->rate) {
    return ls_fail(LS_INVALID, "schedule '%s': lacks its function", type->component.name);
  }
  return ls_family_add(&ls_schedules, &type->component);
}

int ls_optimizer_register(const ls_optimizer_type *type) {
  if (!type->slots || !type->update) {
    return ls_fail(LS_INVALID, "optimizer '%s': lacks one of its functions", type->component.name);
  }
  return ls_family_add(&ls_optimizers, &type->component);
}

double ls_schedule_rate(const ls_choice *schedule, int64_t step, int64_t steps) {
  return ((const ls_schedule_type *)schedule->type)->rate(schedule->args, step, steps);
}

const char *ls_optimizer_check(const void *args) {
  const ls_optimizer_args *a = args;
  const int ways = !isnan(a->clipvalue) + !isnan(a->clipnorm) + !isnan(a->global_clipnorm);
  return ways > 1 ? "has more than one of clipvalue, clipnorm and global_clipnorm" : NULL;
}
