/* What a search decides, and when.
 *
 * The rule is that of successive halving or of the median, applied to all points that take part at
 * a rung, and so a function of their scores alone. A point need not wait for all scores: its
 * decision is taken as soon as it is the same whatever the missing ones will be. With n points at a
 * rung of which k are promoted and m have a score, the one of rank r among these m is promoted for
 * certain if r + (n - m) <= k, and pruned for certain if r > k. While the rung before is not
 * complete, n is the most that may come from there; then n - k only gets smaller, and so does k, by
 * which either remains certain. So in whatever order scores come, and on any number of ranks, the
 * decisions are those of a search that waits at each rung, which is how ASHA (Li et al., MLSys
 * 2020) differs. Ranks, thresholds and the number of points are recorded when a rung is complete.
 * Local. */
#ifndef LS_RUN_SEARCH_RULE_H
#define LS_RUN_SEARCH_RULE_H

#include "run/search.h"

/* What was new in a call of search_decide. */
typedef struct search_news {
  size_t decisions; /* points whose decision at a rung is certain now */
  size_t rungs;     /* rungs that are complete now */
} search_news;

/* Takes all decisions that are certain, and prints a line for each rung that is complete on
 * request. What was decided stays, even if trials that failed then succeed now. */
int search_decide(search_state *s, bool prints, search_news *news);

#endif
