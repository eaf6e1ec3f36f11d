/* Something that is done in a thread of its own while its maker does something else: waiting for a
 * disk, mostly. Local. */
#ifndef LS_BASE_TASK_H
#define LS_BASE_TASK_H

typedef struct ls_task ls_task;

/* Begins a task, which returns 0 or an errno, and records no errors; `context` has to last until it
 * has ended. If there can be no thread the task is done right away; *task is NULL only where there
 * is no memory, for which LS_FAILED is returned. */
int ls_task_begin(ls_task **task, int (*run)(void *context), void *context);

/* Waits for its end; returns what it returned, 0 for NULL. */
int ls_task_end(ls_task **task);

#endif
