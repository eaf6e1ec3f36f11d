/* What the board's counter is made of: trials that groups have taken, groups that would rather
 * leave theirs, and, beyond all of these, that there is to be no more. Each part is added to. */
#ifndef LS_RUN_TRIAL_QUEUE_H
#define LS_RUN_TRIAL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_TAKE ((int64_t)1)        /* the next trial, or beyond the last one none */
#define QUEUE_LEAVE ((int64_t)1 << 32) /* a group is ready to leave its trial for larger groups */
#define QUEUE_STOP ((int64_t)1 << 56)  /* no more trials are to be started */

static inline size_t queue_taken(int64_t counter) {
  return (size_t)(counter % QUEUE_LEAVE);
}

static inline size_t queue_leaving(int64_t counter) {
  return (size_t)(counter % QUEUE_STOP / QUEUE_LEAVE);
}

static inline bool queue_stopped(int64_t counter) {
  return counter >= QUEUE_STOP;
}

#endif
