/* Finding the rank that hangs. */
#include "run/hang.h"

/* Whether a process cannot continue by itself: stopped, ended or gone. */
static bool halted(const hang_rank *r) {
  return r->state == 'T' || r->state == 't' || r->state == 'Z' || r->state == 'X' || r->state == 0;
}

/* How likely the rank is the cause, in a group that makes no progress; 0: it waits for others.
 * `most` is the number of collective calls that the furthest rank has begun. */
static int suspicion(const hang_rank *r, size_t most) {
  if (halted(r)) return 3;
  if (r->waiting == LS_WAITING_REMOTE) return 0;
  if (r->waiting == LS_WAITING_COLLECTIVE && r->collectives == most) return 0;
  return r->collectives < most ? 2 : 1;
}

static bool more_suspicious(const hang_rank *a, const hang_rank *b, size_t most) {
  int of_a = suspicion(a, most), of_b = suspicion(b, most);
  if (of_a != of_b) return of_a > of_b;
  return a->collectives != b->collectives ? a->collectives < b->collectives
                                          : a->idle_seconds > b->idle_seconds;
}

/* Whether both are busy, and in the same group. */
static bool same_group(const hang_rank *a, const hang_rank *b) {
  return a->group == b->group && a->phase != LS_PHASE_IDLE && b->phase != LS_PHASE_IDLE;
}

/* Checks the group of which the rank number `first` is the first one. */
static hang_verdict check_group(const hang_rank *ranks, size_t count, size_t first, size_t *found) {
  const double grace = 1.25; /* if the cause is on another node */
  size_t most = 0;
  bool overdue = true;
  for (size_t i = first; i < count; i++) {
    if (!same_group(&ranks[i], &ranks[first])) continue;
    if (ranks[i].idle_seconds <= ranks[i].limit) return HANG_NONE;
    overdue = overdue && ranks[i].idle_seconds > grace * ranks[i].limit;
    if (ranks[i].collectives > most) most = ranks[i].collectives;
  }
  *found = first;
  for (size_t i = first + 1; i < count; i++) {
    if (!same_group(&ranks[i], &ranks[first])) continue;
    if (more_suspicious(&ranks[i], &ranks[*found], most)) *found = i;
  }
  if (suspicion(&ranks[*found], most) > 0) return HANG_STUCK;
  return overdue ? HANG_WAITING : HANG_NONE;
}

hang_verdict hang_find(const hang_rank *ranks, size_t count, size_t *found) {
  for (size_t i = 0; i < count; i++) {
    bool seen = ranks[i].phase == LS_PHASE_IDLE;
    for (size_t k = 0; k < i; k++) seen = seen || same_group(&ranks[k], &ranks[i]);
    hang_verdict verdict = seen ? HANG_NONE : check_group(ranks, count, i, found);
    if (verdict != HANG_NONE) return verdict;
  }
  return HANG_NONE;
}

/* What a rank does in each phase, and, where it does so in an epoch, the words before its number.
 */
static const struct {
  const char *activity, *before_epoch;
} phases[LS_PHASE_COUNT] = {
    [LS_PHASE_IDLE] = {"idle", NULL},
    [LS_PHASE_OPENING] = {"opening the results", NULL},
    [LS_PHASE_TAKING] = {"taking the next trial", NULL},
    [LS_PHASE_LOADING] = {"loading samples", NULL},
    [LS_PHASE_PREPARING] = {"preparing the training", NULL},
    [LS_PHASE_RESUMING] = {"looking for a checkpoint", NULL},
    [LS_PHASE_SHUFFLING] = {"distributing samples", "distributing the samples of"},
    [LS_PHASE_TRAINING] = {"training", "training"},
    [LS_PHASE_EVALUATING] = {"evaluating", "evaluating after"},
    [LS_PHASE_RECORDING] = {"recording", "recording"},
    [LS_PHASE_SAVING] = {"writing a checkpoint", NULL},
    [LS_PHASE_ENDING] = {"recording the result", NULL},
    [LS_PHASE_CLOSING] = {"closing the results", NULL},
};

ls_rank_status hang_status(const hang_rank *r) {
  return (ls_rank_status){.rank = r->rank,
                          .activity = phases[r->phase].activity,
                          .waiting = r->waiting != LS_WAITING_NOT,
                          .trial = r->trial,
                          .epoch = r->epoch,
                          .step = r->step,
                          .idle_seconds = r->idle_seconds};
}

void hang_describe(ls_text *out, const hang_rank *r) {
  const char *before_epoch = phases[r->phase].before_epoch;
  bool waits = r->waiting != LS_WAITING_NOT, steps = r->phase == LS_PHASE_TRAINING;
  if (waits) ls_text_add(out, "waiting for other ranks%s", steps ? "' gradients in" : " while ");
  if (!waits || !steps) {
    ls_text_add(out, "%s", before_epoch ? before_epoch : phases[r->phase].activity);
  }
  if (steps) ls_text_add(out, " step %zu of", r->step + 1);
  if (before_epoch) ls_text_add(out, " epoch %zu", r->epoch + 1);
}
