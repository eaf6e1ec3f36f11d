/* A digest of what a tree means. Local. */
#ifndef LS_JOB_TREE_DIGEST_H
#define LS_JOB_TREE_DIGEST_H

#include "job/job.h"
#include "job/tree.h"

/* Computes the digest (XXH3-128). It is the same for trees that mean the same: it depends on the
 * values of numbers and not on how they are written, such as 1e-05 and 0.00001. */
int ls_tree_digest(ls_digest128 *out, const ls_node *root);

/* The same without the parts that are settled (tree.h): for comparing points of one sweep. */
int ls_tree_digest_varying(ls_digest128 *out, const ls_node *root);

/* An order of digests: below 0, 0 or above 0. */
int ls_digest_compare(ls_digest128 a, ls_digest128 b);

#endif
