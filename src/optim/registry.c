/* The families that job files choose from, made of the lists in optimizer.h, and what their members
 * share. */
#include "lockstep/optimizer.h"

#include <math.h>

#define COMPONENT_OF_SCHEDULE(name) &ls_schedule_##name.component,
#define COMPONENT_OF_OPTIMIZER(name) &ls_optimizer_##name.component,

static const ls_component *const schedules[] = {LS_SCHEDULES(COMPONENT_OF_SCHEDULE)};
static const ls_component *const optimizers[] = {LS_OPTIMIZERS(COMPONENT_OF_OPTIMIZER)};

const ls_family ls_schedules = {"schedule", schedules, sizeof schedules / sizeof *schedules};
const ls_family ls_optimizers = {"optimizer", optimizers, sizeof optimizers / sizeof *optimizers};

double ls_schedule_rate(const ls_choice *schedule, int64_t step, int64_t steps) {
  return ((const ls_schedule_type *)schedule->type)->rate(schedule->args, step, steps);
}

const char *ls_optimizer_check(const void *args) {
  const ls_optimizer_args *a = args;
  const int ways = !isnan(a->clipvalue) + !isnan(a->clipnorm) + !isnan(a->global_clipnorm);
  return ways > 1 ? "has more than one of clipvalue, clipnorm and global_clipnorm" : NULL;
}
