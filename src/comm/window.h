/* Memory that the ranks of a node share, open for loads and stores: a file in memory that rank 0
 * makes (memfd_create) and all ranks map.
 *
 * MPI-3 shared windows are not used: Open MPI keeps them in /dev/shm, which containers limit (to
 * 64 MB in Docker), and does not reserve them, so that a rank that runs out of memory ends with a
 * bus error. Here all pages are allocated when the window is made, by the rank whose memory they
 * are, and so on its NUMA node. Concurrent loads and stores need C11 atomics, or a collective call
 * between them. */
#ifndef LS_COMM_WINDOW_H
#define LS_COMM_WINDOW_H

#include "comm/group.h"

typedef struct window window;

/* Allocates `bytes` zeroed bytes for this rank, of a group on one node. LS_FAILED if there is not
 * enough memory. Collective. */
int window_create(window **out, const ls_group *group, size_t bytes);

/* Returns where the memory of a rank begins in this rank's address space; aligned to pages. Local.
 */
char *window_find(const window *w, int rank);

/* Local. Other ranks keep their access. Safe on NULL. */
void window_free(window **w);

#endif
