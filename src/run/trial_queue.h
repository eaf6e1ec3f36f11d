/* The trial queue: one shared counter (comm/shared_counter.h), from which groups take the next
 * trial, and which also counts the groups that are ready to leave theirs and those that have none.
 * Each is a part of the counter's bits, changed by adding to it, since a group decides by all of
 * them at one time. Requests to stop raise the counter's flag. */
#ifndef LS_RUN_TRIAL_QUEUE_H
#define LS_RUN_TRIAL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_TAKE ((int64_t)1)        /* takes the next trial; after the last one, none */
#define QUEUE_LEAVE ((int64_t)1 << 24) /* a group is ready to leave its trial to a larger group */
#define QUEUE_IDLE ((int64_t)1 << 43)  /* a group has no trial, and has found none */

static inline size_t queue_taken(int64_t queue) {
  return (size_t)(queue % QUEUE_LEAVE);
}

static inline size_t queue_leaving(int64_t queue) {
  return (size_t)(queue % QUEUE_IDLE / QUEUE_LEAVE);
}

static inline size_t queue_idle(int64_t queue) {
  return (size_t)(queue / QUEUE_IDLE);
}

/* Whether no group is to take a trial any more: each of `groups` has none or is ready to leave its
 * own, so that the round ends. */
static inline bool queue_ends(int64_t queue, size_t groups) {
  return queue_leaving(queue) + queue_idle(queue) >= groups;
}

#endif
