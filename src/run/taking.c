/* Taking trials. The leader takes, and the other ranks get its answer. */
#include "run/taking.h"

#include "base/activity.h"
#include "lockstep/error.h"
#include "run/deciding.h"
#include "run/search_sharing.h"
#include "run/trial_queue.h"

#include <stdint.h>
#include <time.h>

/* Adds to the queue, of which *before is the previous value; LS_STOPPED if no more trials are to be
 * started. */
static int add(run_state *run, int64_t amount, int64_t *before) {
  bool stops = false;
  int status = ls_shared_counter_add(run->queue, amount, before, &stops);
  if (status == LS_OK && stops) return ls_fail(LS_STOPPED, "stopped on request");
  return status;
}

static bool ends(const run_state *run, int64_t queue) {
  return queue_ends(queue, run->packing->groups);
}

/* ---- On the leader --------------------------------------------------------------------------- */

/* Takes the next of the queue, if it has one. *queue is its value before; from that on the group
 * is not ready to leave any more. */
static int take_from_queue(run_state *run, taken_trial *taken, int64_t *queue) {
  const int64_t leave = run->ready_to_leave ? QUEUE_LEAVE : 0;
  run->ready_to_leave = false;
  int status = add(run, (run->exhausted ? 0 : QUEUE_TAKE) - leave, queue);
  if (status != LS_OK || run->exhausted) return status;
  run->exhausted = queue_taken(*queue) >= run->packing->count;
  if (!run->exhausted) taken->trial = run->packing->order[queue_taken(*queue)];
  return LS_OK;
}

/* Takes a trial that is promoted, if there is one. */
static int take_promoted(run_state *run, taken_trial *taken) {
  int status = search_take(&run->search, run->whole.seconds, &taken->trial);
  taken->resumes = taken->trial != SIZE_MAX;
  return status;
}

/* Takes a trial of either kind, or counts the group as idle. */
static int take(run_state *run, taken_trial *taken) {
  const bool searches = run->search.schedule.rungs > 0;
  int64_t queue = 0;
  int status = take_from_queue(run, taken, &queue);
  if (status != LS_OK || taken->trial != SIZE_MAX) return status;
  if (searches && !ends(run, queue)) {
    status = deciding_look(run, SIZE_MAX);
    if (status == LS_OK) status = take_promoted(run, taken);
  }
  if (status != LS_OK || taken->trial != SIZE_MAX) return status;
  status = add(run, QUEUE_IDLE, &queue);
  taken->waits = searches && !ends(run, queue + QUEUE_IDLE);
  return status;
}

/* Takes a promoted trial for an idle group, unless other groups count on it to stay idle. */
static int try_promoted(run_state *run, taken_trial *taken) {
  int64_t queue = 0;
  int status = deciding_look(run, SIZE_MAX);
  if (status != LS_OK || !search_has_promoted(&run->search)) return status;
  status = add(run, -QUEUE_IDLE, &queue);
  if (status == LS_OK && !ends(run, queue)) status = take_promoted(run, taken);
  if (status != LS_OK || taken->trial != SIZE_MAX) return status;
  return add(run, QUEUE_IDLE, &queue);
}

/* What a rank does again and again while its group is idle. */
static void on_idle(void *context) {
  run_state *run = context;
  stop_requested(&run->stop);
  progress_idle(&run->progress);
}

/* Waits, mostly asleep, until there is a promoted trial or the round ends. */
static int wait_for_promoted(run_state *run, taken_trial *taken) {
  enum { SHORTEST = 1000000, LONGEST = 32000000 };
  struct timespec pause = {0, SHORTEST};
  int64_t queue = 0;
  int status = LS_OK;
  while (status == LS_OK && taken->trial == SIZE_MAX && !ends(run, queue)) {
    nanosleep(&pause, NULL);
    if (pause.tv_nsec < LONGEST) pause.tv_nsec *= 2;
    on_idle(run);
    status = add(run, 0, &queue);
    if (status == LS_OK && !ends(run, queue)) status = try_promoted(run, taken);
  }
  return status;
}

/* ---- The group ------------------------------------------------------------------------------- */

/* Collective over the group: all ranks get what the leader has. */
static int share(const run_state *run, int status, taken_trial *taken) {
  status = ls_group_agree(&run->group, status);
  return status == LS_OK ? ls_group_broadcast(&run->group, taken, sizeof *taken, 0) : status;
}

/* Collective over the group: all wait until the leader has found a trial. */
static int wait_together(run_state *run, taken_trial *taken) {
  const bool leads = run->group.rank == 0;
  ls_activity_phase(LS_PHASE_IDLE, 0, 0);
  if (leads) progress_leave_trial(&run->progress);
  int status = leads ? wait_for_promoted(run, taken) : LS_OK;
  int waited = ls_group_wait(&run->group, on_idle, run);
  ls_activity_phase(LS_PHASE_TAKING, 0, 0);
  return share(run, status == LS_OK ? waited : status, taken);
}

int group_take_trial(run_state *run, taken_trial *taken) {
  *taken = (taken_trial){.trial = SIZE_MAX};
  ls_activity_phase(LS_PHASE_TAKING, 0, 0);
  int status = run->group.rank == 0 ? take(run, taken) : LS_OK;
  status = share(run, status, taken);
  return status == LS_OK && taken->waits ? wait_together(run, taken) : status;
}
