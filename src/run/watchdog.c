/* The watchdog's table and thread. */
#include "run/watchdog.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/periodic.h"
#include "base/process.h"
#include "comm/window.h"
#include "lockstep/error.h"
#include "run/hang.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HOST = 64 };

static const uint32_t ALL = UINT32_MAX; /* number of the group of all ranks */

/* A rank's entry in the table that the ranks of a node share. */
typedef struct entry {
  ls_activity activity;
  _Atomic uint32_t group;
  _Atomic uint32_t ending; /* in the first entry: the job is being ended */
  int rank;
  long process;
} entry;

struct watchdog {
  ls_group node;
  window *shared;  /* of the node */
  entry **entries; /* [rank of the node] */
  char (*hosts)[HOST];
  size_t world, trials;
  _Atomic size_t ranks_per_group;

  /* For the thread. */
  hang_rank *ranks; /* [rank of the node]; changed with `table` locked */
  pthread_mutex_t table;
  uint64_t *progress;             /* [rank of the node], as last read */
  double *since;                  /* [rank of the node], when by the clock that changed */
  double seconds;                 /* see watchdog_create */
  double interval;                /* seconds between two checks */
  double clock;                   /* seconds that the process could run: its pauses are left out */
  double longest[LS_PHASE_COUNT]; /* seconds without progress so far */
  ls_periodic thread;
};

/* ---- Reading the table ----------------------------------------------------------------------- */

static double limit_of(const watchdog *dog, ls_phase phase) {
  double longest = fmax(dog->longest[phase], dog->longest[LS_PHASE_TRAINING]);
  double limit = fmax(dog->seconds, 20 * longest);
  return phase == LS_PHASE_PREPARING ? 10 * limit
                                     : limit; /* fitting transforms reports no progress */
}

static void read_entry(watchdog *dog, size_t i) {
  const entry *e = dog->entries[i];
  hang_rank *r = &dog->ranks[i];
  uint64_t progress = e->activity.progress;
  if (progress != dog->progress[i]) {
    double idle = dog->clock - dog->since[i];
    if (idle > dog->longest[r->phase] && idle > 2 * dog->interval) dog->longest[r->phase] = idle;
    dog->progress[i] = progress;
    dog->since[i] = dog->clock;
  }
  *r = (hang_rank){.rank = e->rank,
                   .group = e->group,
                   .phase = (ls_phase)e->activity.phase,
                   .waiting = (ls_waiting)e->activity.waiting,
                   .collectives = e->activity.collectives,
                   .trial = e->activity.trial,
                   .epoch = e->activity.epoch,
                   .step = e->activity.step,
                   .process = e->process,
                   .idle_seconds = dog->clock - dog->since[i],
                   .state = 'R'};
  r->limit = limit_of(dog, r->phase);
  unsigned long long start;
  bool overdue = r->phase != LS_PHASE_IDLE && r->idle_seconds > r->limit;
  if (overdue) r->state = ls_process_state(r->process, &start);
}

/* ---- Ending the job -------------------------------------------------------------------------- */

/* Adds the ranks that all ranks of the group on this node wait for. */
static void add_others(ls_text *out, const watchdog *dog, const hang_rank *r) {
  size_t first = r->group == ALL ? 0 : r->group * dog->ranks_per_group, named = 0;
  size_t end = r->group == ALL ? dog->world : first + dog->ranks_per_group;
  if (r->waiting == LS_WAITING_REMOTE) {
    first = 0;
    end = 1;
  }
  for (size_t rank = first; rank < end && rank < dog->world; rank++) {
    bool here = false;
    for (int k = 0; k < dog->node.size; k++) here = here || dog->ranks[k].rank == (int)rank;
    if (here) continue;
    if (named++ < 8) {
      ls_text_add(out, "%srank %zu on %s", named > 1 ? ", " : "", rank, dog->hosts[rank]);
    }
  }
  if (named > 8) ls_text_add(out, " and %zu more", named - 8);
  if (named == 0) ls_text_add(out, "one another");
}

static const char *state_text(char state) {
  if (state == 'T' || state == 't') return ", stopped by a signal";
  return state == 'Z' || state == 'X' || state == 0 ? ", which has ended" : "";
}

static void report(const watchdog *dog, hang_verdict verdict, const hang_rank *r) {
  ls_text line = {0};
  const char *host = dog->hosts[r->rank];
  if (verdict == HANG_STUCK) {
    ls_text_add(&line, "lockstep: rank %d on %s (process %ld%s) has made no progress for %.0f s",
                r->rank, host, r->process, state_text(r->state), r->idle_seconds);
  } else {
    ls_text_add(&line,
                "lockstep: rank %d on %s and all others of its group there have waited %.0f s for ",
                r->rank, host, r->idle_seconds);
    add_others(&line, dog, r);
  }
  bool in_trial =
      r->phase != LS_PHASE_OPENING && r->phase != LS_PHASE_TAKING && r->phase != LS_PHASE_CLOSING;
  if (in_trial) ls_text_add(&line, ", in trial %zu of %zu", r->trial + 1, dog->trials);
  ls_text_add(&line, ", ");
  hang_describe(&line, r);
  ls_text_add(&line, ": the job ends; everything up to the last checkpoint is saved, and the same "
                     "command resumes from there\n");
  if (!line.failed && write(STDERR_FILENO, line.data, line.length) < 0) _exit(1);
}

static void exit_after(double seconds) {
  struct timespec pause = {(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)};
  nanosleep(&pause, NULL);
  _exit(1);
}

/* Checks the ranks; returns the seconds until the next time. */
static double check(void *context) {
  watchdog *dog = context;
  size_t found = 0;
  dog->clock = ls_clock_running();
  if (dog->entries[0]->ending) exit_after(1); /* leaves the reporting rank time to print */
  pthread_mutex_lock(&dog->table);
  for (int i = 0; i < dog->node.size; i++) read_entry(dog, (size_t)i);
  pthread_mutex_unlock(&dog->table);
  hang_verdict verdict = hang_find(dog->ranks, (size_t)dog->node.size, &found);
  if (verdict == HANG_NONE) return dog->interval;
  if (atomic_exchange(&dog->entries[0]->ending, 1)) exit_after(1);
  report(dog, verdict, &dog->ranks[found]);
  exit_after(0.2);
  return dog->interval;
}

/* ---- Making and releasing -------------------------------------------------------------------- */

static int allocate(watchdog *dog) {
  size_t here = (size_t)dog->node.size;
  dog->entries = ls_new(here, sizeof *dog->entries);
  dog->ranks = ls_new(here, sizeof *dog->ranks);
  dog->progress = ls_new(here, sizeof *dog->progress);
  dog->since = ls_new(here, sizeof *dog->since);
  dog->hosts = ls_new(dog->world, sizeof *dog->hosts);
  dog->clock = ls_clock_running();
  for (size_t i = 0; dog->since && i < here; i++) dog->since[i] = dog->clock;
  return dog->entries && dog->ranks && dog->progress && dog->since && dog->hosts ? LS_OK
                                                                                 : LS_FAILED;
}

/* Collective over the node. */
static int make_table(watchdog *dog, int rank) {
  int status = window_create(&dog->shared, &dog->node, sizeof(entry));
  if (status != LS_OK) return status;
  for (int r = 0; r < dog->node.size; r++) {
    dog->entries[r] = (entry *)(void *)window_find(dog->shared, r);
  }
  entry *own = dog->entries[dog->node.rank];
  memset(own, 0, sizeof *own);
  own->rank = rank;
  own->process = (long)getpid();
  own->group = ALL;
  ls_activity_attach(&own->activity);
  ls_activity_phase(LS_PHASE_OPENING, 0, 0);
  return LS_OK;
}

int watchdog_create(watchdog **out, double seconds, size_t trials, const ls_group *world) {
  *out = NULL;
  if (seconds <= 0) return LS_OK;
  watchdog *dog = ls_new(1, sizeof *dog);
  int status = ls_group_agree(world, dog ? LS_OK : LS_FAILED);
  if (status != LS_OK) {
    free(dog);
    return status;
  }
  *out = dog;
  pthread_mutex_init(&dog->table, NULL);
  dog->world = (size_t)world->size;
  dog->trials = trials;
  dog->seconds = seconds;
  dog->interval = fmax(0.05, fmin(0.5, seconds / 20));
  status = ls_group_create_node(&dog->node, world->comm);
  if (status == LS_OK) status = allocate(dog);
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = ls_group_agree(world, make_table(dog, world->rank));
  if (status == LS_OK) {
    char host[HOST] = "";
    gethostname(host, sizeof host - 1);
    status = ls_group_allgather(world, host, sizeof host, dog->hosts);
  }
  if (status == LS_OK) {
    status = ls_periodic_start(&dog->thread, "the watchdog's thread", dog->interval, check, dog);
  }
  if (status == LS_OK) ls_clock_watch_pauses(4 * dog->interval);
  status = ls_group_agree(world, status);
  if (status != LS_OK) watchdog_free(out);
  return status;
}

static void set_group(watchdog *dog, uint32_t group, ls_phase phase) {
  dog->entries[dog->node.rank]->group = group;
  ls_activity_regroup();
  ls_activity_phase(phase, 0, 0);
}

void watchdog_divide(watchdog *dog, size_t ranks_per_group) {
  if (!dog) return;
  dog->ranks_per_group = ranks_per_group;
  size_t rank = (size_t)dog->entries[dog->node.rank]->rank;
  set_group(dog, (uint32_t)(rank / ranks_per_group), LS_PHASE_IDLE);
}

void watchdog_unite(watchdog *dog) {
  if (dog) set_group(dog, ALL, LS_PHASE_CLOSING);
}

size_t watchdog_node_ranks(const watchdog *dog) {
  return (size_t)dog->node.size;
}

int watchdog_node_rank(const watchdog *dog) {
  return dog->node.rank;
}

const char *watchdog_host(const watchdog *dog, int rank) {
  return dog->hosts[rank];
}

void watchdog_read(watchdog *dog, hang_rank *ranks) {
  pthread_mutex_lock(&dog->table);
  memcpy(ranks, dog->ranks, (size_t)dog->node.size * sizeof *ranks);
  pthread_mutex_unlock(&dog->table);
}

void watchdog_free(watchdog **out) {
  watchdog *dog = *out;
  if (!dog) return;
  ls_periodic_stop(&dog->thread);
  ls_clock_watch_pauses(0);
  ls_activity_attach(NULL);
  window_free(&dog->shared);
  ls_group_free(&dog->node);
  pthread_mutex_destroy(&dog->table);
  free(dog->entries);
  free(dog->ranks);
  free(dog->progress);
  free(dog->since);
  free(dog->hosts);
  free(dog);
  *out = NULL;
}
