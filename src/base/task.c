/* Tasks in threads. */
#include "base/task.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct ls_task {
  pthread_t thread;
  bool threaded;
  int (*run)(void *context);
  void *context;
  int error;
};

static void *run(void *task) {
  ls_task *t = task;
  t->error = t->run(t->context);
  return NULL;
}

int ls_task_begin(ls_task **task, int (*function)(void *context), void *context) {
  ls_task *t = *task = ls_new(1, sizeof *t);
  if (!t) return LS_FAILED;
  t->run = function;
  t->context = context;
  t->threaded = pthread_create(&t->thread, NULL, run, t) == 0;
  if (!t->threaded) run(t);
  return LS_OK;
}

int ls_task_end(ls_task **task) {
  ls_task *t = *task;
  if (!t) return 0;
  if (t->threaded) pthread_join(t->thread, NULL);
  int error = t->error;
  free(t);
  *task = NULL;
  return error;
}
