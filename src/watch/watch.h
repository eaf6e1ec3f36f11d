/* Watching a running job from another process, on any machine that shares its files.
 *
 * Everything shown comes from the status file that the run replaces every few seconds, and from the
 * results file, which is opened without a lock and read in parts. The page is all that is written.
 * Local to one process. */
#ifndef LS_WATCH_WATCH_H
#define LS_WATCH_WATCH_H

#include <signal.h>
#include <stdbool.h>

typedef struct ls_watch_options {
  const char *results;              /* the results file */
  const char *page;                 /* HTML file to rewrite; NULL: none */
  bool once;                        /* show the status once */
  const volatile sig_atomic_t *end; /* number of a signal by which the user ends it; 0: none yet */
} ls_watch_options;

/* Shows the job until it ends, and returns the status with which it ended, with its message.
 * LS_FAILED if its run was killed or shows no sign of life for two minutes; with `once` LS_OK if it
 * is alive. LS_INVALID if there is no status file. LS_OK once `end` is set. On a terminal the view
 * is on the alternate screen, which is left in any case; elsewhere a line is printed at times. */
int ls_watch(const ls_watch_options *options);

#endif
