/* When trials are to be spread over more ranks. */
#include "run/regroup.h"

#include "comm/reduce.h"
#include "run/trial_queue.h"

/* Seconds that it takes to save the trial, to form groups, and to begin again, without waiting. */
static const double seconds_to_begin = 0.5;

/* Groups that found no trial any more: each has taken a turn in vain. */
static size_t idle_groups(const regroup *s) {
  size_t taken = queue_taken(s->counter);
  return taken > s->packing->count ? taken - s->packing->count : 0;
}

size_t regroup_ranks(const regroup *s) {
  size_t now = s->packing->ranks_per_trial, idle = idle_groups(s);
  if (s->plan->recipe.train.reduction == LS_REDUCE_ALLREDUCE || idle >= s->packing->groups) {
    return now;
  }
  size_t ranks = s->ranks / (s->packing->groups - idle);
  if (ranks > s->shards) ranks = s->shards;
  return ranks > now ? ranks : now;
}

bool regroup_pays(const regroup *s) {
  size_t now = s->packing->ranks_per_trial, then = regroup_ranks(s);
  if (then == now) return false;
  double share = ls_estimate_trial(s->plan, then) / ls_estimate_trial(s->plan, now);
  double gain = (1 - share) * s->epoch_seconds * (double)s->epochs_left;
  return gain > s->epoch_seconds + seconds_to_begin;
}

bool regroup_agreed(const regroup *s) {
  return queue_leaving(s->counter) > 0 &&
         queue_leaving(s->counter) + idle_groups(s) >= s->packing->groups;
}
