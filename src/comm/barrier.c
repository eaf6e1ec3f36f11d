/* The barrier in shared memory. */
#include "comm/barrier.h"

#include "comm/group.h"

#include <sched.h>

enum { SPINS = 4000 };

void barrier_relax(unsigned spins) {
  if (spins > SPINS) {
    sched_yield();
    return;
  }
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

void barrier_relax_serving(unsigned spins) {
  enum { SPINS_UNSERVED = 64 };
  barrier_relax(spins);
  if (spins % SPINS_UNSERVED == SPINS_UNSERVED - 1) ls_mpi_serve();
}

uint32_t barrier_wait(shared_barrier *barrier, uint32_t ranks, uint32_t flags,
                      void (*relax)(unsigned spins)) {
  uint32_t phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);
  _Atomic uint32_t *joined = &barrier->flags[phase % 2];
  if (flags != 0) atomic_fetch_or_explicit(joined, flags, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == ranks) {
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    /* Nobody reads the other flags any more: all have left the phase before. */
    atomic_store_explicit(&barrier->flags[(phase + 1) % 2], 0, memory_order_relaxed);
    atomic_store_explicit(&barrier->phase, phase + 1, memory_order_release);
  } else {
    for (unsigned spins = 0; atomic_load_explicit(&barrier->phase, memory_order_acquire) == phase;
         spins++) {
      relax(spins);
    }
  }
  return atomic_load_explicit(joined, memory_order_relaxed);
}
