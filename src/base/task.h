/* A task in a thread of its own, such as writing to a disk. Local. */
#ifndef LS_BASE_TASK_H
#define LS_BASE_TASK_H

typedef struct ls_task ls_task;

/* Starts a task, which returns 0 or an errno, and records no errors; `context` must live until the
 * task has ended. If no thread can be created, runs the task in this one. LS_FAILED, with *task
 * NULL, without memory. */
int ls_task_begin(ls_task **task, int (*run)(void *context), void *context);

/* Waits for the task, and returns its result; 0 for NULL. */
int ls_task_end(ls_task **task);

#endif
