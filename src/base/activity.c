/* Notes: plain stores, for a single writer. */
#include "base/activity.h"

static ls_activity own, *note = &own;

static void store(_Atomic uint64_t *to, uint64_t value) {
  atomic_store_explicit(to, value, memory_order_relaxed);
}

static void count(_Atomic uint64_t *what) {
  store(what, atomic_load_explicit(what, memory_order_relaxed) + 1);
}

static void wait_for(ls_waiting what) {
  atomic_store_explicit(&note->waiting, what, memory_order_relaxed);
  count(&note->count);
}

void ls_activity_attach(ls_activity *place) {
  note = place ? place : &own;
  ls_activity_trial(0);
  ls_activity_regroup();
  wait_for(LS_WAITING_NOT);
  ls_activity_phase(LS_PHASE_NOTHING, 0, 0);
}

void ls_activity_trial(size_t trial) {
  store(&note->trial, trial);
}

void ls_activity_phase(ls_phase doing, size_t epoch, size_t step) {
  atomic_store_explicit(&note->doing, doing, memory_order_relaxed);
  store(&note->epoch, epoch);
  store(&note->step, step);
  count(&note->count);
}

void ls_activity_progress(void) {
  count(&note->count);
}

void ls_activity_enter_collective(void) {
  count(&note->meetings);
  wait_for(LS_WAITING_COLLECTIVE);
}

void ls_activity_enter_remote(void) {
  wait_for(LS_WAITING_REMOTE);
}

void ls_activity_leave(void) {
  wait_for(LS_WAITING_NOT);
}

void ls_activity_regroup(void) {
  store(&note->meetings, 0);
}
