/* Finding the rank that is stuck. */
#include "run/hang.h"

/* Whether a process can't go on by itself: stopped, ended or gone. */
static bool halted(const hang_rank *r) {
  return r->state == 'T' || r->state == 't' || r->state == 'Z' || r->state == 'X' || r->state == 0;
}

/* How surely the rank is the cause, its whole group being still; 0: it waits for others. `most` are
 * the collective calls that the furthest has begun. */
static int suspicion(const hang_rank *r, size_t most) {
  if (halted(r)) return 3;
  if (r->waiting == LS_WAITING_REMOTE) return 0;
  if (r->waiting == LS_WAITING_COLLECTIVE && r->meetings == most) return 0;
  return r->meetings < most ? 2 : 1;
}

static bool more_suspicious(const hang_rank *a, const hang_rank *b, size_t most) {
  int of_a = suspicion(a, most), of_b = suspicion(b, most);
  if (of_a != of_b) return of_a > of_b;
  return a->meetings != b->meetings ? a->meetings < b->meetings : a->still > b->still;
}

/* Whether both are of one group and have something to do. */
static bool same(const hang_rank *a, const hang_rank *b) {
  return a->team == b->team && a->doing != LS_PHASE_NOTHING && b->doing != LS_PHASE_NOTHING;
}

/* Looks at the group of the rank number `first`, the first one of it. */
static hang_verdict judge(const hang_rank *ranks, size_t count, size_t first, size_t *found) {
  const double grace = 1.25; /* where the cause is elsewhere */
  size_t most = 0;
  bool late = true;
  for (size_t i = first; i < count; i++) {
    if (!same(&ranks[i], &ranks[first])) continue;
    if (ranks[i].still <= ranks[i].limit) return HANG_NONE;
    late = late && ranks[i].still > grace * ranks[i].limit;
    if (ranks[i].meetings > most) most = ranks[i].meetings;
  }
  *found = first;
  for (size_t i = first + 1; i < count; i++) {
    if (!same(&ranks[i], &ranks[first])) continue;
    if (more_suspicious(&ranks[i], &ranks[*found], most)) *found = i;
  }
  if (suspicion(&ranks[*found], most) > 0) return HANG_STUCK;
  return late ? HANG_WAITING : HANG_NONE;
}

hang_verdict hang_find(const hang_rank *ranks, size_t count, size_t *found) {
  for (size_t i = 0; i < count; i++) {
    bool seen = ranks[i].doing == LS_PHASE_NOTHING;
    for (size_t k = 0; k < i; k++) seen = seen || same(&ranks[k], &ranks[i]);
    hang_verdict verdict = seen ? HANG_NONE : judge(ranks, count, i, found);
    if (verdict != HANG_NONE) return verdict;
  }
  return HANG_NONE;
}

void hang_describe(ls_text *out, const hang_rank *r) {
  static const char *const words[LS_PHASE_COUNT] = {
      [LS_PHASE_NOTHING] = "having nothing to do",
      [LS_PHASE_TAKING] = "taking the next trial",
      [LS_PHASE_LOADING] = "loading samples",
      [LS_PHASE_PREPARING] = "preparing the training",
      [LS_PHASE_RESUMING] = "looking for a checkpoint",
      [LS_PHASE_SHUFFLING] = "handing out the samples of",
      [LS_PHASE_TRAINING] = "training",
      [LS_PHASE_MEASURING] = "measuring after",
      [LS_PHASE_RECORDING] = "recording",
      [LS_PHASE_SAVING] = "writing a checkpoint",
      [LS_PHASE_ENDING] = "recording how it ended",
      [LS_PHASE_OPENING] = "opening the results",
      [LS_PHASE_CLOSING] = "closing the results",
  };
  bool waits = r->waiting != LS_WAITING_NOT, steps = r->doing == LS_PHASE_TRAINING;
  if (waits) ls_text_add(out, "waiting for other ranks%s", steps ? "' gradients in" : " while ");
  if (!waits || !steps) ls_text_add(out, "%s", words[r->doing]);
  if (steps) ls_text_add(out, " step %zu of", r->step + 1);
  bool of_an_epoch = steps || r->doing == LS_PHASE_SHUFFLING || r->doing == LS_PHASE_MEASURING ||
                     r->doing == LS_PHASE_RECORDING;
  if (of_an_epoch) ls_text_add(out, " epoch %zu", r->epoch + 1);
}
