/* What the ranks of all nodes do, on rank 0: the first rank of each other node posts the activity
 * of the node's ranks to a slot of rank 0 every two seconds, without waiting. */
#ifndef LS_RUN_NODES_H
#define LS_RUN_NODES_H

#include "run/watchdog.h"
#include "status/status.h"

typedef struct node_table node_table;

/* `dog` is borrowed; if it is NULL, as without a watchdog, *out is NULL, and the other functions do
 * nothing. Collective over the world. */
int nodes_create(node_table **out, watchdog *dog, const ls_group *world);

/* On any rank: posts, if it is the first one of its node and it is time for that. Local. */
void nodes_post(node_table *table);

/* On rank 0: the number of nodes, this one included, and of their ranks. Local. */
size_t nodes_count(const node_table *table);
size_t nodes_ranks(const node_table *table, size_t node);

/* On rank 0: fills *node and its ranks, for which there is room, with what this node, the first
 * one, does now; nodes[i], from 1 on, with what the others posted last, and how long ago. Hosts are
 * borrowed from the watchdog. The first function is for any one thread. Local. */
void nodes_read_own(node_table *table, ls_node_status *node);
void nodes_read_others(node_table *table, ls_node_status *nodes);

/* Collective over the world. */
void nodes_free(node_table **table);

#endif
