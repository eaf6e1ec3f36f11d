/* When trials are left to larger groups. */
#include "run/regroup.h"

#include "comm/reduce.h"
#include "run/trial_queue.h"

/* Seconds to save the trial, make groups, and resume, without waiting for others. */
static const double seconds_to_resume = 0.5;

size_t regroup_ranks(const regroup_state *s) {
  size_t now = s->packing->ranks_per_trial, idle = queue_idle(s->queue);
  if (s->plan->recipe.train.reduction == LS_REDUCE_ALLREDUCE || idle >= s->packing->groups) {
    return now;
  }
  size_t ranks = s->ranks / (s->packing->groups - idle);
  if (ranks > s->shards) ranks = s->shards;
  return ranks > now ? ranks : now;
}

bool regroup_pays(const regroup_state *s) {
  size_t now = s->packing->ranks_per_trial, then = regroup_ranks(s);
  if (then == now) return false;
  double fraction = ls_estimate_trial(s->plan, then) / ls_estimate_trial(s->plan, now);
  double gain = (1 - fraction) * s->epoch_seconds * (double)s->epochs_left;
  return gain > s->epoch_seconds + seconds_to_resume;
}

bool regroup_agreed(const regroup_state *s) {
  return queue_leaving(s->queue) > 0 && queue_ends(s->queue, s->packing->groups);
}
