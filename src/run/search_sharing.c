/* The table of a search. */
#include "run/search_sharing.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdint.h>

/* ---- Places in the table --------------------------------------------------------------------- */

enum { CHANGES = 0 };

static size_t place_of(const search_state *s, const double *cell) {
  return (size_t)(cell - s->cells);
}

static int write_cells(search_state *s, const double *first, size_t count) {
  int status = ls_shared_table_write(s->table, place_of(s, first), count, first);
  return status == LS_OK ? ls_shared_table_add(s->table, CHANGES, 1) : status;
}

/* ---- Together -------------------------------------------------------------------------------- */

int search_sharing_create(search_state *s, const ls_group *world) {
  int status = ls_shared_table_create(&s->table, world, search_cells(s));
  if (status == LS_OK && world->rank == 0) {
    status = write_cells(s, s->paused, search_cells(s) - 1);
  }
  return ls_group_agree(world, status);
}

void search_sharing_free(search_state *s) {
  ls_shared_table_free(&s->table);
}

int search_share(search_state *s, const ls_group *world) {
  int status = ls_group_agree(world, LS_OK); /* all have published */
  if (status == LS_OK && world->rank == 0) status = search_refresh(s, SIZE_MAX);
  status = ls_group_agree(world, status);
  if (status != LS_OK) return status;
  return ls_group_broadcast(world, s->cells, search_cells(s) * sizeof *s->cells, 0);
}

/* Whether the trial waits at a rung for a decision. */
static bool waits_undecided(const search_state *s, const ls_results *results, size_t trial) {
  return search_limit(s, trial) > 0 && search_waits(s, trial) &&
         ls_results_state(results, trial) == LS_TRIAL_PENDING;
}

int search_release_all(search_state *s, const ls_results *results) {
  for (size_t t = 0; t < s->trials; t++) {
    bool waits = waits_undecided(s, results, t);
    s->paused[t] = waits ? (double)search_rung(s, t / s->repeats) : NOT_PAUSED;
  }
  return write_cells(s, s->paused, s->trials);
}

/* ---- Leaders --------------------------------------------------------------------------------- */

int search_publish(search_state *s, size_t trial) {
  const size_t rungs = s->schedule.rungs;
  return write_cells(s, &s->scores[trial * rungs], rungs);
}

int search_release(search_state *s, size_t trial) {
  int status = search_publish(s, trial);
  s->paused[trial] = (double)search_rung(s, trial / s->repeats);
  return status == LS_OK ? write_cells(s, &s->paused[trial], 1) : status;
}

/* Reads the table, but keeps the scores [rung] that it lacks. */
static int read_cells(search_state *s, double *scores) {
  double kept[LS_MAX_RUNGS];
  const size_t rungs = scores ? s->schedule.rungs : 0;
  for (size_t k = 0; k < rungs; k++) kept[k] = scores[k];
  int status = ls_shared_table_read(s->table, 0, search_cells(s), s->cells);
  for (size_t k = 0; k < rungs; k++) {
    if (isnan(scores[k])) scores[k] = kept[k];
  }
  return status;
}

int search_refresh(search_state *s, size_t own) {
  double changes = 0;
  int status = ls_shared_table_read(s->table, CHANGES, 1, &changes);
  if (status != LS_OK || changes == *s->changes) return status;
  status = read_cells(s, own == SIZE_MAX ? NULL : &s->scores[own * s->schedule.rungs]);
  *s->changes = changes; /* what has changed since is read next time */
  return status;
}

/* ---- Trials that pause ----------------------------------------------------------------------- */

/* What is decided about a trial that pauses. */
static ls_decision decision_on(const search_state *s, size_t trial) {
  if (s->paused[trial] == NOT_PAUSED) return LS_UNDECIDED;
  return search_decision(s, trial / s->repeats, (size_t)s->paused[trial]);
}

static bool is_promoted(const search_state *s, size_t trial) {
  return decision_on(s, trial) == LS_PROMOTED;
}

bool search_is_left_out(const search_state *s, size_t trial) {
  return decision_on(s, trial) == LS_PRUNED;
}

int search_withdraw(search_state *s, size_t trial) {
  s->paused[trial] = NOT_PAUSED;
  return write_cells(s, &s->paused[trial], 1);
}

bool search_has_promoted(const search_state *s) {
  bool found = false;
  for (size_t t = 0; t < s->trials && !found; t++) found = is_promoted(s, t);
  return found;
}

/* The promoted trial that is to be trained first: those of lower rungs are, since decisions depend
 * on all trials of a rung; of these the one with the most work left. SIZE_MAX: there is none. */
static size_t find_first(const search_state *s, const double *seconds) {
  size_t found = SIZE_MAX, lowest = SIZE_MAX;
  double longest = -1;
  for (size_t t = 0; t < s->trials; t++) {
    if (!is_promoted(s, t)) continue;
    const size_t rung = search_rung(s, t / s->repeats);
    const double work = seconds[t] * search_work(s, t);
    if (rung > lowest || (rung == lowest && work <= longest)) continue;
    found = t;
    lowest = rung;
    longest = work;
  }
  return found;
}

/* Takes the trial unless another rank has it. It may have been taken and released at a later rung
 * in the meantime: then *taken is whether it is promoted there as well. */
static int take(search_state *s, size_t trial, bool *taken) {
  double before = NOT_PAUSED;
  int status = ls_shared_table_swap(s->table, place_of(s, &s->paused[trial]), NOT_PAUSED, &before);
  s->paused[trial] = before;
  *taken = status == LS_OK && is_promoted(s, trial);
  if (status != LS_OK || before == NOT_PAUSED) return status;
  if (!*taken) return write_cells(s, &s->paused[trial], 1);
  s->paused[trial] = NOT_PAUSED;
  return LS_OK;
}

int search_take(search_state *s, const double *seconds, size_t *trial) {
  bool taken = false;
  int status = LS_OK;
  for (*trial = find_first(s, seconds); *trial != SIZE_MAX; *trial = find_first(s, seconds)) {
    status = take(s, *trial, &taken);
    if (status != LS_OK || taken) return status;
  }
  return LS_OK;
}
