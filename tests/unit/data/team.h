/* Ranks as threads of one program. Only the thread that holds the mutex runs; it releases the mutex
 * while it waits for the others. So HDF5 and the recorded message are never used by two threads at
 * once. */
#ifndef TEST_TEAM_H
#define TEST_TEAM_H

#include "base/peers.h"
#include "unit.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_RANKS = 16 };

typedef struct team {
  pthread_mutex_t running;
  pthread_cond_t turned;
  int size, waiting;
  size_t turns;
  /* What ranks show one another within a collective call. */
  int status[MOST_RANKS];
  int file;
  const unsigned char *send[MOST_RANKS];
  const size_t *counts[MOST_RANKS];
  double *values[MOST_RANKS];
} team;

typedef struct rank_context {
  team *team;
  int rank;
} rank_context;

static inline void meet(team *c) {
  size_t turn = c->turns;
  if (++c->waiting == c->size) {
    c->waiting = 0;
    c->turns++;
    pthread_cond_broadcast(&c->turned);
  }
  while (c->turns == turn) pthread_cond_wait(&c->turned, &c->running);
}

static inline int agree(void *context, int status) {
  rank_context *me = context;
  int verdict = LS_OK;
  me->team->status[me->rank] = status;
  meet(me->team);
  for (int r = me->team->size; r-- > 0;) {
    if (me->team->status[r] != LS_OK) verdict = me->team->status[r];
  }
  meet(me->team);
  return verdict;
}

/* A file in /tmp that the first rank makes, and all have open. */
static inline int open_node_file(void *context, const char *folder, size_t bytes, int *file) {
  rank_context *me = context;
  if (me->rank == 0) {
    char path[256];
    snprintf(path, sizeof path, "%s/team_XXXXXX", folder);
    me->team->file = mkstemp(path);
    assert_true(me->team->file >= 0 && ftruncate(me->team->file, (off_t)bytes) == 0);
    unlink(path);
  }
  meet(me->team);
  *file = dup(me->team->file);
  meet(me->team);
  if (me->rank == 0) close(me->team->file);
  return LS_OK;
}

static inline int exchange(void *context, size_t record_bytes, const unsigned char *send,
                           const size_t *send_counts, unsigned char *receive,
                           const size_t *receive_counts) {
  rank_context *me = context;
  team *c = me->team;
  int status = LS_OK;
  c->send[me->rank] = send;
  c->counts[me->rank] = send_counts;
  meet(c);
  for (int from = 0; from < c->size; from++) {
    size_t before = 0, count = c->counts[from][me->rank];
    for (int r = 0; r < me->rank; r++) before += c->counts[from][r];
    if (count != receive_counts[from]) status = LS_FAILED;
    memcpy(receive, c->send[from] + before * record_bytes, count * record_bytes);
    receive += count * record_bytes;
  }
  meet(c);
  return status;
}

static inline int sum(void *context, double *values, size_t count) {
  rank_context *me = context;
  team *c = me->team;
  double *totals = calloc(count + 1, sizeof *totals);
  c->values[me->rank] = values;
  meet(c);
  for (int r = 0; r < c->size; r++) {
    for (size_t i = 0; i < count; i++) totals[i] += c->values[r][i];
  }
  meet(c);
  memcpy(values, totals, count * sizeof *values);
  free(totals);
  return LS_OK;
}

static inline ls_peers peers_of(rank_context *me, bool shared) {
  return (ls_peers){.rank = me->rank,
                    .size = me->team->size,
                    .context = me,
                    .agree = agree,
                    .node_file = shared ? open_node_file : NULL,
                    .exchange = exchange,
                    .sum = sum};
}

/* The function that each rank runs. */
typedef struct rank_thread {
  rank_context rank_context;
  bool shared;
  void (*run)(void *context, const ls_peers *peers);
  void *context;
} rank_thread;

static inline void *run_rank(void *argument) {
  rank_thread *p = argument;
  pthread_mutex_lock(&p->rank_context.team->running);
  ls_peers peers = peers_of(&p->rank_context, p->shared);
  p->run(p->context, &peers);
  pthread_mutex_unlock(&p->rank_context.team->running);
  return NULL;
}

/* Runs a function on `size` ranks, that share files or exchange records. */
static inline void run_team(size_t ranks, bool shared,
                            void (*run)(void *context, const ls_peers *peers), void *context) {
  team all = {
      .running = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER, .size = (int)ranks};
  pthread_t threads[MOST_RANKS];
  rank_thread rank_threads[MOST_RANKS];
  for (int r = 0; r < all.size; r++) {
    rank_threads[r] = (rank_thread){{&all, r}, shared, run, context};
    assert_int_equal(pthread_create(&threads[r], NULL, run_rank, &rank_threads[r]), 0);
  }
  for (int r = 0; r < all.size; r++) pthread_join(threads[r], NULL);
}

#endif
