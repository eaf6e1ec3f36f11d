/* The trial queue: one shared counter (comm/shared_counter.h), from which groups take the next
 * trial, and which also counts the groups that are ready to leave theirs, and requests to stop.
 * Each is a part of the counter's bits, changed by adding to it. */
#ifndef LS_RUN_TRIAL_QUEUE_H
#define LS_RUN_TRIAL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_TAKE ((int64_t)1)        /* takes the next trial; after the last one, none */
#define QUEUE_LEAVE ((int64_t)1 << 32) /* a group is ready to leave its trial to a larger group */
#define QUEUE_STOP ((int64_t)1 << 56)  /* no more trials are to be started */

static inline size_t queue_taken(int64_t queue) {
  return (size_t)(queue % QUEUE_LEAVE);
}

static inline size_t queue_leaving(int64_t queue) {
  return (size_t)(queue % QUEUE_STOP / QUEUE_LEAVE);
}

static inline bool queue_stopped(int64_t queue) {
  return queue >= QUEUE_STOP;
}

#endif
