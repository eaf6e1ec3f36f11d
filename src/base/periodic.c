/* A thread that sleeps, calls, and is woken up to end. */
#include "base/periodic.h"

#include "lockstep/error.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/* Returns false when the thread is to end. */
static bool sleep_for(ls_periodic *p, double seconds) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  double end = (double)until.tv_sec + 1e-9 * (double)until.tv_nsec + seconds;
  until.tv_sec = (time_t)end;
  until.tv_nsec = (long)(1e9 * (end - floor(end)));
  pthread_mutex_lock(&p->lock);
  while (!p->ending && pthread_cond_timedwait(&p->wake, &p->lock, &until) == 0) {
  }
  bool ending = p->ending;
  pthread_mutex_unlock(&p->lock);
  return !ending;
}

static void *run(void *context) {
  ls_periodic *p = context;
  while (sleep_for(p, p->delay)) p->delay = p->call(p->context);
  return NULL;
}

static void create_lock(ls_periodic *p) {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&p->wake, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&p->lock, NULL);
}

static void destroy_lock(ls_periodic *p) {
  pthread_cond_destroy(&p->wake);
  pthread_mutex_destroy(&p->lock);
}

int ls_periodic_start(ls_periodic *p, const char *name, double delay, ls_periodic_call *call,
                      void *context) {
  sigset_t all, before;
  *p = (ls_periodic){.call = call, .context = context, .delay = delay};
  create_lock(p);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&p->thread, NULL, run, p);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  p->running = error == 0;
  if (p->running) return LS_OK;
  destroy_lock(p);
  return ls_fail(LS_FAILED, "%s: %s", name, strerror(error));
}

void ls_periodic_stop(ls_periodic *p) {
  if (!p->running) return;
  pthread_mutex_lock(&p->lock);
  p->ending = true;
  pthread_cond_signal(&p->wake);
  pthread_mutex_unlock(&p->lock);
  pthread_join(p->thread, NULL);
  p->running = false;
  destroy_lock(p);
}
