/* A thread beside the one that trains, which does something again and again. Local. */
#ifndef LS_BASE_PERIODIC_H
#define LS_BASE_PERIODIC_H

#include <pthread.h>
#include <stdbool.h>

/* Returns the seconds until it is to be called again. */
typedef double ls_periodic_call(void *context);

/* Start from {0}. */
typedef struct ls_periodic {
  ls_periodic_call *call;
  void *context;
  double delay; /* seconds until the next call */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  bool running, ending;
} ls_periodic;

/* Starts a thread that calls call(context), the first time after `delay` seconds. It blocks all
 * signals: they are for the thread that trains. LS_FAILED, with `name`, if there is none. */
int ls_periodic_start(ls_periodic *p, const char *name, double delay, ls_periodic_call *call,
                      void *context);

/* Ends the thread, after the call that it is in. Nothing happens if it was not started. */
void ls_periodic_stop(ls_periodic *p);

#endif
