/* How two jobs differ, key by key. Local. */
#ifndef LS_JOB_DIFFERENCES_H
#define LS_JOB_DIFFERENCES_H

#include "job/tree.h"

/* Returns the number of keys at which the resolved job `present` differs from `past`, the one that
 * a file records, and appends the first of them with both values to `out` unless that is NULL. Of
 * components of different types only the two are compared, not their arguments. A key without a
 * value is the same as none, and a component without arguments as its name; what is only for
 * reports (title, figures, references, orderings) and sweep.ranks_per_trial do not count, while the
 * order of the sweep's variables does. Both trees are changed: what does not count is taken out of
 * them.
 *
 * `completed` (may be NULL) is `past` with the defaults of this version: a key that only this has
 * was not written by an earlier version. It is no difference if the job has the default, unless
 * that is not what the earlier version did; otherwise it is named as such. */
size_t ls_differences(ls_text *out, ls_node *past, ls_node *present, const ls_node *completed);

/* The same of two mappings without their sweeps, and but for values that are a variable or an
 * expression in either job, which differ from trial to trial. */
size_t ls_differences_of_recipes(ls_text *out, ls_node *past, ls_node *present,
                                 const ls_node *completed);

/* Takes out of a resolved job what does not change results, for example null arguments. */
void ls_differences_reduce(ls_node *root);

/* Whether the key of a job changes results; `sweep` does not count as one. */
bool ls_differences_has_effect(const char *key);

#endif
