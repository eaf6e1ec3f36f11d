/* How much memory a node has for this process. */
#ifndef LS_BASE_NODE_MEMORY_H
#define LS_BASE_NODE_MEMORY_H

#include <stddef.h>

/* Returns the bytes of memory that this process and the others of its control group may use: the
 * node's, or the smallest limit of the control group and those above it (cgroup v1 or v2, as set by
 * Slurm, systemd or containers). The system's cache of files counts. Local. */
size_t ls_node_memory(void);

#endif
