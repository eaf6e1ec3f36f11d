/* Publishes the status file of a run (status/file.h), on rank 0.
 *
 * A thread writes it every two seconds, with the activity of the node's ranks, so that it also
 * shows a rank 0 that is busy or waits. What needs MPI, the progress of the groups, is set by the
 * thread that trains. Both keep below 0.1 % of a processor's time: they wait at least 1000 times as
 * long as an update takes. A file that cannot be written is tried again; the run does not depend on
 * it. The thread makes no MPI calls, and none that record an error. */
#ifndef LS_RUN_PUBLISHER_H
#define LS_RUN_PUBLISHER_H

#include "run/nodes.h"
#include "status/status.h"

typedef struct publisher publisher;

/* Starts to publish: `header` has the constant members, and progress to begin with. `nodes` (may be
 * NULL: no ranks are shown) must outlive the publisher. `results` must be locked by this run until
 * publisher_end. Local. */
int publisher_create(publisher **out, const char *results, const ls_run_status *header,
                     node_table *nodes);

/* Whether the progress should be set again. */
bool publisher_is_due(const publisher *p);

/* Sets the progress of the groups, which is copied. */
void publisher_set(publisher *p, const ls_run_status *status);

/* Stops the thread; with `final` the file is written a last time, with the exit status and message
 * of `final`. Frees the publisher; safe on NULL. */
void publisher_end(publisher **p, const ls_run_status *final);

#endif
