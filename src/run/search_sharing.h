/* What the ranks of a run share while a search runs: a table on rank 0 with the scores, and with
 * the trials that pause, of which any group may take one that is promoted.
 *
 * Leaders of groups write scores when a rung is reached, and release a trial once its checkpoint is
 * written; they read the table when they look for a trial. Element 0 counts changes, so that it
 * need not be read as a whole for nothing. */
#ifndef LS_RUN_SEARCH_SHARING_H
#define LS_RUN_SEARCH_SHARING_H

#include "run/search.h"

/* Makes the table. Collective over the world. */
int search_sharing_create(search_state *s, const ls_group *world);

/* Collective over the world. */
void search_sharing_free(search_state *s);

/* All ranks get the scores that leaders have published. Collective over the world, while no group
 * has a trial. */
int search_share(search_state *s, const ls_group *world);

/* On rank 0, after that: releases the trials of `results` that wait for a decision, for the next
 * round of groups. To be followed by a collective call. */
int search_release_all(search_state *s, const ls_results *results);

/* On a leader: publishes the scores of its trial. Those of the rung where it pauses or ends only
 * when its rows are written: a decision about it may then be recorded. Local, as are the following.
 */
int search_publish(search_state *s, size_t trial);

/* On a leader, when its trial pauses, and its checkpoint and its rows are written: publishes its
 * scores, and that it pauses. */
int search_release(search_state *s, size_t trial);

/* Gets what others have published. The scores of the trial `own` that are not published yet stay;
 * SIZE_MAX: there is none. */
int search_refresh(search_state *s, size_t own);

/* Whether a trial that pauses is promoted, as far as this rank knows. */
bool search_has_promoted(const search_state *s);

/* Whether a trial that pauses is pruned, likewise; records that it pauses no more. */
bool search_is_left_out(const search_state *s, size_t trial);
int search_withdraw(search_state *s, size_t trial);

/* Takes one of the promoted trials, those of lower rungs and longer ones first; `seconds` [trial]
 * are those of whole trials. *trial is SIZE_MAX if other ranks have taken them all. */
int search_take(search_state *s, const double *seconds, size_t *trial);

#endif
