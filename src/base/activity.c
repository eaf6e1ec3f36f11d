/* Notes: plain stores, for a single writer. */
#include "base/activity.h"

static ls_note own, *note = &own;

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

void ls_note_keep(ls_note *place) {
  note = place ? place : &own;
  ls_note_trial(0);
  ls_note_regroup();
  wait_for(LS_WAITING_NOT);
  ls_note_doing(LS_DOING_NOTHING, 0, 0);
}

void ls_note_trial(size_t trial) {
  store(&note->trial, trial);
}

void ls_note_doing(ls_doing doing, size_t epoch, size_t step) {
  atomic_store_explicit(&note->doing, doing, memory_order_relaxed);
  store(&note->epoch, epoch);
  store(&note->step, step);
  count(&note->count);
}

void ls_note_progress(void) {
  count(&note->count);
}

void ls_note_meet(void) {
  count(&note->meetings);
  wait_for(LS_WAITING_MEETING);
}

void ls_note_ask(void) {
  wait_for(LS_WAITING_BOARD);
}

void ls_note_go_on(void) {
  wait_for(LS_WAITING_NOT);
}

void ls_note_regroup(void) {
  store(&note->meetings, 0);
}
