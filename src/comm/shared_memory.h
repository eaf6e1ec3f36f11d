/* Memory that the ranks of a node share within a group, and a barrier among them. */
#ifndef LS_COMM_SHARED_MEMORY_H
#define LS_COMM_SHARED_MEMORY_H

#include "comm/group.h"

typedef struct ls_shared_memory ls_shared_memory;

/* Makes `bytes` zeroed bytes for the group->node_ranks ranks of each node, the memory of the first
 * of them. LS_FAILED if there is not enough memory. Collective over the group. */
int ls_shared_memory_create(ls_shared_memory **out, const ls_group *group, size_t bytes);

/* Returns where the bytes begin, aligned to 64 bytes. Local. */
void *ls_shared_memory_data(const ls_shared_memory *memory);

/* Waits for all ranks of the node: each sees what the others have written before. Collective over
 * the node. */
void ls_shared_memory_wait(ls_shared_memory *memory);

/* Collective over the node. Safe on NULL. */
void ls_shared_memory_free(ls_shared_memory **memory);

#endif
