/* Comparing the points of a sweep by digests. */
#include "job/repeats.h"

#include "base/escape.h"
#include "base/memory.h"
#include "base/text.h"
#include "job/differences.h"
#include "job/tree_digest.h"
#include "job/twins.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

int ls_repeats_digest(ls_digest128 *out, ls_arena *arena, const ls_node *resolved) {
  ls_node *counted = ls_node_new(arena, LS_NODE_MAPPING, resolved->place);
  if (!counted) return LS_FAILED;
  for (const ls_node *child = resolved->first; child; child = child->next) {
    bool varies = !child->settled && strcmp(child->key, "name") != 0;
    if (!varies || !ls_differences_has_effect(child->key)) continue;
    ls_node *shared = ls_node_share(arena, child);
    if (!shared) return LS_FAILED;
    ls_node_add(counted, child->key, shared);
  }
  return ls_tree_digest_varying(out, counted);
}

/* Appends "hidden=one units=64". */
static void add_point(ls_text *out, const ls_axis *variables, size_t count, const size_t *index) {
  for (size_t v = 0, words = 0; v < count; v++) {
    if (index[v] == LS_NO_VALUE) continue;
    ls_text_add(out, "%s%s=", words++ > 0 ? " " : "", variables[v].name);
    ls_escape_value(out, variables[v].labels[index[v]]);
  }
}

/* `repeated` points are the same as others, such as points a and b. */
static int fail(const ls_job *job, size_t repeated, size_t a, size_t b) {
  const ls_axis *variables;
  size_t count = ls_job_variables(job, &variables), differs = 0;
  size_t *index = ls_new(2 * count, sizeof *index);
  if (!index) return LS_FAILED;
  ls_job_values(job, a, index);
  ls_job_values(job, b, index + count);
  while (differs + 1 < count && index[differs] == index[count + differs]) differs++;
  ls_text pair = {0};
  add_point(&pair, variables, count, index);
  ls_text_add(&pair, "' and '");
  add_point(&pair, variables, count, index + count);
  free(index);
  char *text = ls_text_take(&pair);
  if (!text) return LS_FAILED;
  int status = ls_job_fail(job, "sweep", variables[differs].name,
                           "%zu of %zu points would repeat the training of another, such as '%s' "
                           "(expected a 'when' if only some of them use $%s, else other values)",
                           repeated, ls_job_points(job), text, variables[differs].name);
  free(text);
  return status;
}

int ls_repeats_check(const ls_job *job, const ls_digest128 *digests) {
  size_t points = ls_job_points(job), first, second;
  ls_item *items = points > 1 ? ls_new(points, sizeof *items) : NULL;
  if (points == 1) return LS_OK;
  if (!items) return LS_FAILED;
  for (size_t p = 0; p < points; p++) items[p] = (ls_item){.index = p, .digest = digests[p]};
  size_t repeated = ls_twins_find(items, points, &first, &second);
  free(items);
  return repeated > 0 ? fail(job, repeated, first, second) : LS_OK;
}
