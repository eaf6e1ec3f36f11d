/* Scores and decisions of a search that earlier runs have recorded. */
#ifndef LS_RUN_SEARCH_PAST_H
#define LS_RUN_SEARCH_PAST_H

#include "run/search.h"

/* Gets them from the results, on rank 0; decisions and ranks on all ranks. Collective over the
 * world.
 */
int search_resume(search_state *s, const ls_results *results, const ls_group *world);

#endif
