/* The fixed binary tree in which the shards' gradients are added. Pure arithmetic.
 *
 * Node (level, index) stands for shards [index << level, (index + 1) << level), as far as there are
 * that many: it is the sum of its left and right child, or its left child alone where the right one
 * is empty. The sum over all shards therefore has one bracketing, no matter which rank computes
 * which part of it. Consecutive shards are added by pushing each on a stack and joining siblings.
 */
#ifndef LS_BASE_BINARY_TREE_H
#define LS_BASE_BINARY_TREE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct tree_node {
  unsigned level;
  size_t index;
} tree_node;

/* Deeper than any stack gets: n consecutive shards in the middle of the tree ascend log2 n levels
 * and descend as many. */
enum { TREE_DEPTH = 130 };

typedef struct tree_stack {
  tree_node nodes[TREE_DEPTH];
  size_t depth;
} tree_stack;

/* Pushes a node; it must follow the stack's last one in shard order. */
void tree_push(tree_stack *stack, tree_node node);

/* Joins the two top nodes into their parent if they are its two children; returns whether it did.
 */
bool tree_join(tree_stack *stack);

/* The same with rows[depth][count], one for each node on the stack: pushes a node with its row,
 * which may be in `rows` behind them, then joins siblings, whose rows are added. */
void tree_push_row(tree_stack *stack, tree_node node, size_t count, const double *row,
                   double *rows);

/* Adds what is left on the stack, from the right: where the number of shards is not a power of two,
 * a right child is empty. Row 0 is the sum of all. */
void tree_join_rest(tree_stack *stack, size_t count, double *rows);

/* Sets *cover to the largest nodes that shards [first, end) add up to, in order; *deepest (may be
 * NULL) is the number of sums that have to be kept at a time to compute them. */
void tree_cover(size_t first, size_t end, tree_stack *cover, size_t *deepest);

#endif
