/* Points of a sweep that are the same training under different values of its variables, because a
 * variable is not used where its value differs, or because two of its values mean the same. Local.
 */
#ifndef LS_JOB_REPEATS_H
#define LS_JOB_REPEATS_H

#include "job/job.h"
#include "job/tree.h"

/* Computes a digest of what varies in a resolved recipe and has an effect on results. Those of two
 * points of a job are equal if they are the same training. Working memory is the arena's. */
int ls_repeats_digest(ls_digest128 *out, ls_arena *arena, const ls_node *resolved);

/* LS_INVALID, naming two of them, if digests [point] are equal. */
int ls_repeats_check(const ls_job *job, const ls_digest128 *digests);

#endif
