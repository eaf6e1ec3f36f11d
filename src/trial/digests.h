/* Identifying the data that a trial reads (store/digests.h). */
#ifndef LS_TRIAL_DIGESTS_H
#define LS_TRIAL_DIGESTS_H

#include "store/digests.h"
#include "trial/plan.h"

/* Collective over the group: rank 0's list gets the members of all parts of the plan's dataset.
 * Each rank reads 1/P of the samples, unless the digests of the file are known from an earlier run
 * (data/digest_cache.h). */
int ls_digests_add_dataset(ls_digests *digests, const ls_plan *plan, const ls_group *group);

/* Adds the members of one part of the plan's dataset. Local: this rank reads all of it. */
int ls_digests_add_part(ls_digests *digests, const ls_plan *plan, ls_part part);

/* Adds the weights that layers of the plan's model take from files, and that the list lacks.
 * LS_INVALID if a file or what a layer needs in it is missing. Local. */
int ls_digests_add_weights(ls_digests *digests, const ls_plan *plan);

#endif
