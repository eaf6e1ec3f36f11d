/* Activity: relaxed stores, for a single writer. */
#include "base/activity.h"

static ls_activity own, *current = &own;

static void store(_Atomic uint64_t *to, uint64_t value) {
  atomic_store_explicit(to, value, memory_order_relaxed);
}

static void increment(_Atomic uint64_t *count) {
  store(count, atomic_load_explicit(count, memory_order_relaxed) + 1);
}

static void set_waiting(ls_waiting waiting) {
  atomic_store_explicit(&current->waiting, waiting, memory_order_relaxed);
  increment(&current->progress);
}

void ls_activity_attach(ls_activity *place) {
  current = place ? place : &own;
  ls_activity_trial(0);
  ls_activity_regroup();
  set_waiting(LS_WAITING_NOT);
  ls_activity_phase(LS_PHASE_IDLE, 0, 0);
}

void ls_activity_trial(size_t trial) {
  store(&current->trial, trial);
}

void ls_activity_phase(ls_phase phase, size_t epoch, size_t step) {
  atomic_store_explicit(&current->phase, phase, memory_order_relaxed);
  store(&current->epoch, epoch);
  store(&current->step, step);
  increment(&current->progress);
}

void ls_activity_progress(void) {
  increment(&current->progress);
}

void ls_activity_enter_collective(void) {
  increment(&current->collectives);
  set_waiting(LS_WAITING_COLLECTIVE);
}

void ls_activity_enter_remote(void) {
  set_waiting(LS_WAITING_REMOTE);
}

void ls_activity_leave(void) {
  set_waiting(LS_WAITING_NOT);
}

void ls_activity_regroup(void) {
  store(&current->collectives, 0);
}
